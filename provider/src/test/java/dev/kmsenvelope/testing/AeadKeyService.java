package dev.kmsenvelope.testing;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A key service with one key, which is an {@code Aead} of Tink, as Tink sees AWS KMS: blobs that do not tell their key, and
 * associated data in the encryption context. So the same {@code Aead} can be given to Tink as the key service.
 */
public final class AeadKeyService implements KeyService {

    public static final String KEY = "key";

    public final AtomicInteger encrypted = new AtomicInteger();
    public final AtomicInteger decrypted = new AtomicInteger();

    private final Aead aead;

    public AeadKeyService(Aead aead) {
        this.aead = aead;
    }

    /** Under a fresh key. */
    public static AeadKeyService create() {
        return new AeadKeyService(newAead());
    }

    /** A fresh key. */
    public static Aead newAead() {
        try {
            AeadConfig.register();
            return KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get())
                    .getPrimitive(RegistryConfiguration.get(), Aead.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The key, for Tink. */
    public Aead aead() {
        return aead;
    }

    private static byte[] associated(EncryptionContext context) {
        String hex = context.asMap().get("associatedData");
        return hex == null ? new byte[0] : HexFormat.of().parseHex(hex);
    }

    private static EncryptedDataKey entry(byte[] ciphertext) {
        return new EncryptedDataKey("aead", KEY.getBytes(StandardCharsets.UTF_8), ciphertext);
    }

    @Override
    public String name() {
        return "aead";
    }

    @Override
    public KeyDescription describe(KeyId key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<KeyDescription> list() {
        return List.of();
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return Set.of(KeyId.of(KEY));
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey entry) {
        return entry.providerId().equals("aead") ? Optional.of(KeyId.of(KEY)) : Optional.empty();
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        encrypted.incrementAndGet();
        try {
            return entry(aead.encrypt(plaintext, associated(context)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey entry, EncryptionContext context) {
        decrypted.incrementAndGet();
        try {
            return SecretBytes.owning(aead.decrypt(entry.ciphertext(), associated(context)));
        } catch (GeneralSecurityException e) {
            throw new InvalidCiphertextException("refused", e);
        }
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey entry,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte[] toBlob(EncryptedDataKey entry) {
        return entry.ciphertext();
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        return entry(blob);
    }

    @Override
    public void close() {
        // nothing was opened
    }
}
