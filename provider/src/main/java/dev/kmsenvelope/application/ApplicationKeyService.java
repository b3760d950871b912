package dev.kmsenvelope.application;

import dev.kmsenvelope.keyring.RawKeyService;
import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.RawKeysOfS3;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A key service over the AES keys, of 128, 192 or 256 bits, and the RSA keys, of 2048 bits and more, of a KeyStore. A key is
 * named by its alias in the KeyStore, with or without {@code alias/} before it. What it encrypts has the layout of the AWS
 * Encryption SDK's raw AES or raw RSA keyring, with the configured namespace and the alias as key name, so that such a
 * keyring with the same key opens it, and the reverse. RSA keys wrap data keys and nothing else: they are not offered for
 * signing or as RSA keys.
 *
 * <p>There is no place to count encryptions with AES keys durably. They are counted in this process, which refuses a key
 * after 2^31 of them; random nonces allow 2^32 in all processes together and over the life of a key, and keeping within that
 * is the application's duty (RULES 10): replace the key before.
 *
 * <p>Thread-safe.
 */
final class ApplicationKeyService extends RawKeyService implements AccessCheck, RandomService, RawKeysOfS3 {

    private final Map<String, ApplicationKey> keys = new LinkedHashMap<>();
    private final SecureRandom random;
    private final S3ApplicationKeys ofS3 = new S3ApplicationKeys(this);
    private volatile boolean closed;

    /** Takes over the keys, and closes them when it is closed. */
    ApplicationKeyService(List<ApplicationKey> keys, SecureRandom random) {
        this.random = random;
        keys.forEach(key -> this.keys.put(key.name(), key));
    }

    @Override
    public String name() {
        return ApplicationBackendFactory.NAME;
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return describe(require(key));
    }

    @Override
    public List<KeyDescription> list() {
        checkOpen();
        return keys.values().stream().map(ApplicationKeyService::describe).toList();
    }

    private static KeyDescription describe(ApplicationKey key) {
        return new KeyDescription(
                KeyId.of(key.name()),
                List.of(alias(key.name())),
                key.spec(),
                KeyUsage.ENCRYPT_DECRYPT,
                key.state(),
                key.created(),
                List.of(),
                null);
    }

    private static KeyId alias(String name) {
        return KeyId.of(name.startsWith(KeyId.ALIAS_PREFIX) ? name : KeyId.ALIAS_PREFIX + name);
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return Set.of(KeyId.of(require(key).name()));
    }

    /** The layouts of the two kinds of key exclude each other, and every name has one key, so at most one key is named. */
    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return keys.values().stream()
                .filter(key -> key.isFor(encrypted))
                .map(key -> KeyId.of(key.name()))
                .findFirst();
    }

    @Override
    public boolean bindsContext(KeyId key) {
        return require(key).bindsContext();
    }

    @Override
    protected void drawDataKey(KeyId key, byte[] bytes) {
        fallible("use the key " + key, () -> {
            random.nextBytes(bytes);
            return bytes;
        });
    }

    @Override
    public RawKeysOfS3.View keysOfS3() {
        return ofS3;
    }

    Optional<KeyId> keyOfS3(EncryptedDataKey encrypted) {
        return keys.values().stream()
                .filter(key -> key.isForS3(encrypted))
                .map(key -> KeyId.of(key.name()))
                .findFirst();
    }

    static void requireDataKeyLength(int length) {
        requireLength("a data key", length, MAX_DATA_KEY);
    }

    /** Does something with a key; what the operating system or a token fails with is a failure of this service. */
    <T> T use(KeyId id, Function<ApplicationKey, T> operation) {
        ApplicationKey key = require(id);
        return fallible("use the key " + id, () -> operation.apply(key));
    }

    @Override
    public EncryptedDataKey encrypt(KeyId id, byte[] plaintext, EncryptionContext context) {
        requireLength("a plaintext", plaintext.length, MAX_PLAINTEXT);
        return use(id, key -> key.toEncrypt().wrap(plaintext, context));
    }

    @Override
    public SecretBytes decrypt(KeyId id, EncryptedDataKey encrypted, EncryptionContext context) {
        return use(id, key -> key.toDecrypt().unwrap(encrypted, context));
    }

    @Override
    public Map<Operation, Outcome> check(KeyDescription key) {
        return new AccessTrial(this, key.id()).outcomes();
    }

    @Override
    public byte[] generateRandom(int numberOfBytes) {
        requireLength("a random text", numberOfBytes, MAX_RANDOM);
        checkOpen();
        byte[] bytes = new byte[numberOfBytes];
        return fallible("draw random bytes", () -> {
            random.nextBytes(bytes);
            return bytes;
        });
    }

    /** What the operating system or a token fails with is a failure of this service. */
    private static <T> T fallible(String what, Supplier<T> operation) {
        try {
            return operation.get();
        } catch (KmsException e) {
            throw e;
        } catch (ProviderException e) {
            throw new KmsUnavailableException("cannot " + what + " now: " + e, e);
        }
    }

    @Override
    public void close() {
        closed = true;
        keys.values().forEach(ApplicationKey::close);
    }

    private ApplicationKey require(KeyId id) {
        checkOpen();
        String name = id.value();
        ApplicationKey key = keys.get(name);
        if (key == null && name.startsWith(KeyId.ALIAS_PREFIX)) {
            key = keys.get(name.substring(KeyId.ALIAS_PREFIX.length()));
        }
        if (key == null) {
            throw new KeyNotFoundException(
                    "there is no AES or RSA key " + id + " in the keystore; it has " + keys.keySet());
        }
        return key;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this key service was closed");
        }
    }
}
