package dev.kmsenvelope.dek;

import dev.kmsenvelope.dek.CacheSettings.Limits;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants a data key for, and where to get it. Two are equal when the same data key may serve both (RULES 13):
 *
 * <ul>
 *   <li>always: the same services for the same recipients in the same order, as their {@link DataKeySource} tells; the same
 *       use and the same encryption context;
 *   <li>to encrypt: the same name of the same key;
 *   <li>to decrypt: a reader with the same rights, and the same encrypted data key in all its parts. The id of the key
 *       follows from those.
 * </ul>
 *
 * <p>Comparable for one purpose: the maps that these are keys of look among those with one hash code in logarithmic time if
 * they can be compared. Encrypted data keys and contexts come from outside, and hash codes of so few bits can be made to
 * collide.
 */
final class DataKeyRequest implements Comparable<DataKeyRequest> {

    /** What an object of each part takes besides its bytes, and how often an encryption context is held. */
    private static final int OVERHEAD = 256;

    private static final int COPIES_OF_CONTEXT = 4;

    private final CachingDataKeySource source;
    private final @Nullable KeyId key;
    private final DataKeyUse use;
    private final @Nullable EncryptedDataKey encrypted;
    private final EncryptionContext context;
    private final int hash;

    /**
     * A wish.
     *
     * @param source where from
     * @param key the key of the service; null only to look for what is there
     * @param use what for
     * @param encrypted the encrypted data key; null to encrypt
     * @param context the encryption context
     */
    DataKeyRequest(
            CachingDataKeySource source,
            @Nullable KeyId key,
            DataKeyUse use,
            @Nullable EncryptedDataKey encrypted,
            EncryptionContext context) {
        this.source = source;
        this.key = key;
        this.use = use;
        this.encrypted = encrypted;
        this.context = context;
        int what = encrypted != null ? encrypted.hashCode() : key != null ? key.hashCode() : 0;
        this.hash = 31 * (31 * (31 * source.scopeHash() + what) + context.hashCode()) + use.suite();
    }

    CacheOperation operation() {
        return encrypted == null ? CacheOperation.ENCRYPT : CacheOperation.DECRYPT;
    }

    /** How much one data key serves, by the settings and by what it is used for. */
    Limits limits(CacheSettings settings) {
        Limits configured = settings.limits(operation());
        return encrypted != null || configured.maxMessages() <= use.mostMessages()
                ? configured
                : new Limits(configured.maxAge(), use.mostMessages(), configured.maxBytes());
    }

    KeyId key() {
        if (key == null) {
            throw new IllegalStateException("asked for without a key");
        }
        return key;
    }

    DataKeyUse use() {
        return use;
    }

    /** Asks the service. */
    DataKeyLease load() {
        return encrypted == null
                ? source.origin().forEncryption(key(), use, context)
                : source.origin().forDecryption(key(), use, encrypted, context);
    }

    /** Asks the service again, also whether the reader's names still allow the key; null if they do not. */
    @Nullable
    DataKeyLease reload() {
        return encrypted == null || source.stillAdmits(key(), encrypted) ? load() : null;
    }

    /** How many bytes it takes in memory, about. */
    int size() {
        return OVERHEAD + (encrypted == null ? 0 : encrypted.length()) + COPIES_OF_CONTEXT * context.serializedLength();
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        return other instanceof DataKeyRequest that
                && hash == that.hash
                && Objects.equals(use, that.use)
                && Objects.equals(source, that.source)
                && Objects.equals(encrypted, that.encrypted)
                && (encrypted != null || Objects.equals(key, that.key))
                && context.equals(that.context);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** Tells apart what comes from outside; those that differ in nothing else may be neither equal nor different in order. */
    @Override
    public int compareTo(DataKeyRequest other) {
        int order = Arrays.compare(context.serialize(), other.context.serialize());
        if (order == 0 && encrypted != null && other.encrypted != null) {
            order = Arrays.compare(encrypted.ciphertext(), other.encrypted.ciphertext());
            order = order != 0 ? order : Arrays.compare(encrypted.providerInfo(), other.encrypted.providerInfo());
            return order != 0 ? order : encrypted.providerId().compareTo(other.encrypted.providerId());
        }
        return order != 0 ? order : Boolean.compare(encrypted == null, other.encrypted == null);
    }

    @Override
    public String toString() {
        return "DataKeyRequest[" + operation() + "]";
    }
}
