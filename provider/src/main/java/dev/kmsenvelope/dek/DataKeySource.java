package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import org.jspecify.annotations.Nullable;

/**
 * Where data keys come from. What a source does beyond asking a key-management service, such as caching, is invisible to
 * those who use it. Thread-safe; every method may throw a {@link dev.kmsenvelope.kms.KmsException}.
 *
 * <p>A source is equal to one that asks the same services (the same objects) for the same recipients in the same order: what
 * a cache of data keys needs of it as part of its keys (RULES 13). A source must not give out by {@link #forDecryption} what
 * it knows from {@link #forEncryption} only: a handle that may only decrypt, or whose right to decrypt the service took
 * back, would read without the service's consent.
 */
public interface DataKeySource {

    /**
     * Gives a data key to encrypt with.
     *
     * @param key the key of the service that it is encrypted under
     * @param use what for
     * @param context bound to it
     * @return the data key; the caller closes it
     */
    DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context);

    /**
     * Gives the data key that a message carries.
     *
     * @param key the id of the key that must have encrypted it
     * @param use what for
     * @param encrypted the encrypted data key
     * @param context the message's encryption context
     * @return the data key; the caller closes it
     * @throws dev.kmsenvelope.kms.InvalidCiphertextException if the service refuses it as changed, made under another key,
     *     or bound to another context
     */
    DataKeyLease forDecryption(KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context);

    /**
     * Gives the data key that a message carries if it can be given without asking the service anything: because this source
     * was allowed to decrypt it before, for the same reader, and remembers.
     *
     * @param use what for
     * @param encrypted the encrypted data key
     * @param context the message's encryption context
     * @return the data key, which the caller closes; or null
     */
    default @Nullable DataKeyLease remembered(DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
        return null;
    }
}
