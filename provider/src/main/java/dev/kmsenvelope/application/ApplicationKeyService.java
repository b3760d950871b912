package dev.kmsenvelope.application;

import dev.kmsenvelope.keyring.RawAesKeyService;
import dev.kmsenvelope.keyring.RawAesKeyring;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A key service over the AES keys of a KeyStore, of 128, 192 or 256 bits. A key is named by its alias in the KeyStore, with
 * or without {@code alias/} before it. What it encrypts has the layout of the AWS Encryption SDK's raw AES keyring, with
 * the configured namespace and the alias as key name, so that such a keyring with the same key opens it, and the reverse.
 *
 * <p>There is no place to count encryptions durably. They are counted in this process, which refuses a key after 2^31 of
 * them; random nonces allow 2^32 in all processes together and over the life of a key, and keeping within that is the
 * application's duty (RULES 10): replace the key before.
 *
 * <p>Thread-safe.
 */
final class ApplicationKeyService extends RawAesKeyService {

    /** The most encryptions with a key in one process. */
    static final long MAX_USES = 1L << 31;

    private final String namespace;
    private final Map<String, ApplicationKey> keys = new LinkedHashMap<>();
    private final SecureRandom random;
    private volatile boolean closed;

    ApplicationKeyService(String namespace, List<ApplicationKey> keys, SecureRandom random) {
        this.namespace = namespace;
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
                KeySpec.SYMMETRIC_DEFAULT,
                KeyUsage.ENCRYPT_DECRYPT,
                KeyState.ENABLED,
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

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return keyName(namespace, encrypted).filter(keys::containsKey).map(KeyId::of);
    }

    @Override
    protected void drawDataKey(KeyId key, byte[] bytes) {
        fallible(key, () -> {
            random.nextBytes(bytes);
            return bytes;
        });
    }

    @Override
    public EncryptedDataKey encrypt(KeyId id, byte[] plaintext, EncryptionContext context) {
        requireLength("a plaintext", plaintext.length, MAX_PLAINTEXT);
        ApplicationKey key = require(id);
        if (key.uses().incrementAndGet() > MAX_USES) {
            key.uses().decrementAndGet(); // So that refusals do not count.
            throw new KeyDisabledException("this process has encrypted " + MAX_USES + " times with the key " + id
                    + ", which is the most that is safe; replace the key");
        }
        return fallible(id, () -> keyring(key).wrap(plaintext, context));
    }

    @Override
    public SecretBytes decrypt(KeyId id, EncryptedDataKey encrypted, EncryptionContext context) {
        ApplicationKey key = require(id);
        if (keyName(namespace, encrypted).filter(key.name()::equals).isEmpty()) {
            throw new InvalidCiphertextException("this was not encrypted under the key " + id);
        }
        return fallible(id, () -> keyring(key).unwrap(encrypted, context));
    }

    /** What the operating system or a token fails with is a failure of this service. */
    private static <T> T fallible(KeyId id, Supplier<T> operation) {
        try {
            return operation.get();
        } catch (KmsException e) {
            throw e;
        } catch (ProviderException e) {
            throw new KmsUnavailableException("cannot use the key " + id + " now: " + e, e);
        }
    }

    @Override
    public void close() {
        closed = true;
        keys.values().forEach(ApplicationKey::close);
    }

    private RawAesKeyring keyring(ApplicationKey key) {
        return new RawAesKeyring(namespace, key.name(), key.cipher(), random);
    }

    private ApplicationKey require(KeyId id) {
        checkOpen();
        String name = id.value();
        ApplicationKey key = keys.get(name);
        if (key == null && name.startsWith(KeyId.ALIAS_PREFIX)) {
            key = keys.get(name.substring(KeyId.ALIAS_PREFIX.length()));
        }
        if (key == null) {
            throw new KeyNotFoundException("there is no AES key " + id + " in the keystore; it has " + keys.keySet());
        }
        return key;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this key service was closed");
        }
    }
}
