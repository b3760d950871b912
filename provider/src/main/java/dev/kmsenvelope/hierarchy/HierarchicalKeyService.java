package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.keyring.RawKeyService;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDescription.KeyVersion;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A key service whose keys are branch keys. A key is named by the id of its branch key, with or without {@code alias/} before
 * it. What it encrypts has the layout of the AWS Encryption SDK's hierarchical keyring. Thread-safe.
 *
 * <p>A branch key whose id is no {@link KeyId}, or starts with {@code alias/}, is not reachable through it.
 */
final class HierarchicalKeyService extends RawKeyService {

    private final BranchKeyStore store;
    private final BranchKeyCache cache;
    private final SecureRandom random;
    private final BranchKeyWrap wrap;
    private volatile boolean closed;

    /** Takes over the store and the cache, and closes them when it is closed. */
    HierarchicalKeyService(BranchKeyStore store, BranchKeyCache cache, SecureRandom random) {
        this.store = store;
        this.cache = cache;
        this.random = random;
        this.wrap = new BranchKeyWrap(random);
    }

    @Override
    public String name() {
        return HierarchicalBackendFactory.NAME;
    }

    @Override
    public KeyDescription describe(KeyId key) {
        requireOpen();
        return describe(store.describe(branchKey(key)));
    }

    /** Leaves out what no {@link KeyId} names. */
    @Override
    public List<KeyDescription> list() {
        requireOpen();
        return store.list().stream()
                .filter(found -> keyId(found.id()).isPresent())
                .map(HierarchicalKeyService::describe)
                .toList();
    }

    private static KeyDescription describe(BranchKeyDescription found) {
        return new KeyDescription(
                KeyId.of(found.id()),
                List.of(KeyId.of(KeyId.ALIAS_PREFIX + found.id())),
                KeySpec.SYMMETRIC_DEFAULT,
                KeyUsage.ENCRYPT_DECRYPT,
                KeyState.ENABLED,
                found.versions().get(0).created(),
                found.versions().stream()
                        .map(version -> new KeyVersion(version.id(), version.created(), -1))
                        .toList(),
                null);
    }

    /** Of every version of the branch key; whether there is one is not asked. */
    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return Set.of(KeyId.of(branchKey(key)));
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return BranchKeyWrap.id(encrypted).flatMap(HierarchicalKeyService::keyId);
    }

    private static Optional<KeyId> keyId(String id) {
        try {
            KeyId key = KeyId.of(id);
            KeyId.of(KeyId.ALIAS_PREFIX + id);
            return id.startsWith(KeyId.ALIAS_PREFIX) ? Optional.empty() : Optional.of(key);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static String branchKey(KeyId key) {
        String name = key.value();
        return name.startsWith(KeyId.ALIAS_PREFIX) && name.length() > KeyId.ALIAS_PREFIX.length()
                ? name.substring(KeyId.ALIAS_PREFIX.length())
                : name;
    }

    @Override
    protected void drawDataKey(KeyId key, byte[] bytes) {
        fallible(key, () -> {
            random.nextBytes(bytes);
            return bytes;
        });
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        requireLength("a plaintext", plaintext.length, MAX_PLAINTEXT);
        return fallible(
                key, () -> cache.withActive(branchKey(key), branchKey -> wrap.wrap(branchKey, plaintext, context)));
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        String id = branchKey(key);
        if (!BranchKeyWrap.id(encrypted).filter(id::equals).isPresent()) {
            throw new InvalidCiphertextException("this was not encrypted under the branch key " + id);
        }
        return fallible(
                key,
                () -> cache.withVersion(
                        id,
                        BranchKeyWrap.version(encrypted, MAX_PLAINTEXT),
                        branchKey -> wrap.unwrap(branchKey, encrypted, context)));
    }

    /** Read out of its fields; nothing is verified. */
    @Override
    public Optional<String> versionOf(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return Optional.of(BranchKeyWrap.version(encrypted, MAX_PLAINTEXT).toString());
    }

    @Override
    public boolean versionTakesRequest() {
        return false;
    }

    /** What the operating system or a provider fails with is a failure of this service. */
    private static <T> T fallible(KeyId key, Supplier<T> operation) {
        try {
            return operation.get();
        } catch (KmsException | KeyServiceClosedException e) {
            throw e;
        } catch (ProviderException e) {
            throw new KmsUnavailableException("cannot use the branch key " + key + " now: " + e, e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new KeyServiceClosedException("this key service was closed");
        }
    }

    @Override
    public void close() {
        closed = true;
        cache.close();
        store.close();
    }
}
