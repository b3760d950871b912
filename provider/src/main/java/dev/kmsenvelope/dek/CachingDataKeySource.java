package dev.kmsenvelope.dek;

import dev.kmsenvelope.dek.CacheSettings.Limits;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import java.util.List;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives out data keys of a cache, and has the cache get from another source what is not there. Data keys of suites without a
 * key derivation are never cached: their nonces would repeat. What was generated serves no decryption (RULES 13).
 * Thread-safe.
 */
public final class CachingDataKeySource implements DataKeySource {

    private static final Object NO_READER = List.of();

    private final DataKeyCache cache;
    private final DataKeySource origin;
    private final Object reader;
    private final BiPredicate<KeyId, EncryptedDataKey> admission;
    private final boolean encryptionIsCached;
    private final boolean decryptionIsCached;
    private final int scopeHash;

    /**
     * A source.
     *
     * @param cache keeps the data keys
     * @param origin asks the services, each time
     * @param reader what the right to decrypt depends on besides the service: equal for readers whom the same data keys may
     *     be given, for example the names of their keys
     * @param admission asks, before a data key is decrypted once more in the background, whether the reader's names still
     *     mean the key; may throw what the service fails with
     */
    public CachingDataKeySource(
            DataKeyCache cache, DataKeySource origin, Object reader, BiPredicate<KeyId, EncryptedDataKey> admission) {
        this.cache = cache;
        this.origin = origin;
        this.reader = reader;
        this.admission = admission;
        this.encryptionIsCached = allows(CacheOperation.ENCRYPT);
        this.decryptionIsCached = allows(CacheOperation.DECRYPT);
        this.scopeHash = 31 * origin.hashCode() + reader.hashCode();
    }

    /**
     * A source that gives data keys to encrypt with only.
     *
     * @param cache keeps the data keys
     * @param origin asks the services, each time
     * @return the source
     */
    public static CachingDataKeySource forWriting(DataKeyCache cache, DataKeySource origin) {
        return new CachingDataKeySource(cache, origin, NO_READER, (key, encrypted) -> false);
    }

    private boolean allows(CacheOperation operation) {
        Limits limits = cache.settings().limits(operation);
        return limits.allowCaching();
    }

    DataKeySource origin() {
        return origin;
    }

    int scopeHash() {
        return scopeHash;
    }

    boolean stillAdmits(KeyId key, EncryptedDataKey encrypted) {
        return admission.test(key, encrypted);
    }

    @Override
    public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
        return encryptionIsCached && use.servesMany()
                ? cache.get(new DataKeyRequest(this, key, use, null, context))
                : origin.forEncryption(key, use, context);
    }

    @Override
    public DataKeyLease forDecryption(
            KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
        return decryptionIsCached && use.servesMany()
                ? cache.get(new DataKeyRequest(this, key, use, encrypted, context))
                : origin.forDecryption(key, use, encrypted, context);
    }

    @Override
    public @Nullable DataKeyLease remembered(DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
        return decryptionIsCached && use.servesMany()
                ? cache.find(new DataKeyRequest(this, null, use, encrypted, context))
                : null;
    }

    /** Equal to one that may give what this was given: of the same cache, the same services and readers with the same rights. */
    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof CachingDataKeySource that
                        && scopeHash == that.scopeHash
                        && cache.equals(that.cache)
                        && reader.equals(that.reader)
                        && origin.equals(that.origin));
    }

    @Override
    public int hashCode() {
        return scopeHash;
    }

    @Override
    public String toString() {
        return "CachingDataKeySource[" + origin + "]";
    }
}
