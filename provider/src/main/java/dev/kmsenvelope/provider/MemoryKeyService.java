package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.keyring.RawAesKeyring;
import dev.kmsenvelope.keyring.RawKeyService;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A key service with one key, drawn for this object and gone with it: for tests of this provider that are written for any
 * provider, see {@link TestKeyGeneratorSpi}. What is encrypted under it opens nowhere else. Thread-safe.
 */
final class MemoryKeyService extends RawKeyService {

    static final KeyId KEY = KeyId.of("memory");

    private final SecureRandom random = OsRandom.create();
    private final SecretBytes wrappingKey = SecretBytes.owning(drawn(random));
    private final RawAesKeyring keyring =
            new RawAesKeyring(KEY.value(), KEY.value(), () -> cipher(wrappingKey), random);

    private static byte[] drawn(SecureRandom random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return bytes;
    }

    private static AesGcm cipher(SecretBytes key) {
        byte[] bytes = key.copy();
        try {
            return AesGcm.of(GcmProvider.find(GcmProvider.AUTO), bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    @Override
    public String name() {
        return KEY.value();
    }

    private static void require(KeyId key) {
        if (!key.equals(KEY)) {
            throw new KeyNotFoundException("there is no key " + key + ", only " + KEY, null);
        }
    }

    @Override
    public KeyDescription describe(KeyId key) {
        require(key);
        return new KeyDescription(
                KEY,
                List.of(),
                KeySpec.SYMMETRIC_DEFAULT,
                KeyUsage.ENCRYPT_DECRYPT,
                KeyState.ENABLED,
                Instant.EPOCH,
                List.of(),
                null);
    }

    @Override
    public List<KeyDescription> list() {
        return List.of(describe(KEY));
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        require(key);
        return Set.of(KEY);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return keyring.isFor(encrypted) ? Optional.of(KEY) : Optional.empty();
    }

    @Override
    protected void drawDataKey(KeyId key, byte[] bytes) {
        random.nextBytes(bytes);
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        require(key);
        requireLength("a plaintext", plaintext.length, MAX_PLAINTEXT);
        return keyring.wrap(plaintext, context);
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        require(key);
        return keyring.unwrap(encrypted, context);
    }

    @Override
    public void close() {
        wrappingKey.close();
    }
}
