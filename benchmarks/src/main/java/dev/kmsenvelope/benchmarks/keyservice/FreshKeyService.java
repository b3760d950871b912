package dev.kmsenvelope.benchmarks.keyservice;

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
import java.security.Provider;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A key service whose keys are fresh, in memory and nowhere else: the least work that a key service can do, so that what is measured
 * is not the service. Its messages open as long as it is open. It does not count encryptions as a service that lasts must
 * (RULES 10), so it is for measuring only. Thread-safe.
 */
public final class FreshKeyService extends RawKeyService {

    private static final String NAMESPACE = "memory";

    private final Map<KeyId, SecretBytes> keys = new LinkedHashMap<>();
    private final Map<KeyId, RawAesKeyring> keyrings = new LinkedHashMap<>();
    private final SecureRandom random = OsRandom.create();
    private final Instant created = Instant.now();

    /**
     * Makes a service with fresh keys.
     *
     * @param names what to call them; aliases and key ids are not told apart
     */
    public FreshKeyService(Collection<KeyId> names) {
        Provider provider = GcmProvider.find(GcmProvider.AUTO);
        for (KeyId name : names) {
            byte[] drawn = new byte[32];
            random.nextBytes(drawn);
            SecretBytes key = SecretBytes.owning(drawn);
            keys.put(name, key);
            keyrings.put(name, new RawAesKeyring(NAMESPACE, name.value(), cipher(provider, key), random));
        }
    }

    private static Supplier<AesGcm> cipher(Provider provider, SecretBytes key) {
        return () -> {
            byte[] bytes = key.copy();
            try {
                return AesGcm.of(provider, bytes);
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        };
    }

    @Override
    public String name() {
        return NAMESPACE;
    }

    @Override
    public KeyDescription describe(KeyId key) {
        require(key);
        return new KeyDescription(
                key,
                List.of(),
                KeySpec.SYMMETRIC_DEFAULT,
                KeyUsage.ENCRYPT_DECRYPT,
                KeyState.ENABLED,
                created,
                List.of(),
                null);
    }

    @Override
    public List<KeyDescription> list() {
        return keys.keySet().stream().map(this::describe).toList();
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        require(key);
        return Set.of(key);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return RawAesKeyring.keyName(NAMESPACE, encrypted).map(KeyId::of).filter(keys::containsKey);
    }

    @Override
    protected void drawDataKey(KeyId key, byte[] bytes) {
        random.nextBytes(bytes);
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        requireLength("a plaintext", plaintext.length, MAX_PLAINTEXT);
        return require(key).wrap(plaintext, context);
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return require(key).unwrap(encrypted, context);
    }

    private RawAesKeyring require(KeyId key) {
        RawAesKeyring keyring = keyrings.get(key);
        if (keyring == null) {
            throw new KeyNotFoundException("there is no key " + key + " in memory; there are " + keys.keySet());
        }
        return keyring;
    }

    /** Wipes the keys; later calls that use one fail. */
    @Override
    public void close() {
        keys.values().forEach(SecretBytes::close);
    }
}
