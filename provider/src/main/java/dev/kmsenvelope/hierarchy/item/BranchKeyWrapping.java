package dev.kmsenvelope.hierarchy.item;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.SecretBytes;

/**
 * How branch keys are encrypted in a store: by a key of a key-management service. Thread-safe. Every method may throw a {@link
 * dev.kmsenvelope.kms.KmsException}.
 */
public interface BranchKeyWrapping extends AutoCloseable {

    /**
     * The key for new branch keys.
     *
     * @return its own name in the service
     */
    String currentKey();

    /**
     * Tells whether what a key encrypted may be decrypted: anybody who can write to a store can name a key of his own.
     *
     * @param kmsKey its name in the service, as an item has it
     * @return true if it is what the settings name
     */
    boolean allows(String kmsKey);

    /**
     * Makes a branch key, without giving it away.
     *
     * @param kmsKey the key to encrypt it under, which is allowed
     * @param context bound to it
     * @return the encrypted branch key
     */
    byte[] generate(String kmsKey, EncryptionContext context);

    /**
     * Encrypts a branch key again with another context, without giving it away.
     *
     * @param kmsKey the key, which is allowed
     * @param encrypted the encrypted branch key
     * @param from the context that is bound to it
     * @param to the context to bind to it
     * @return the branch key, encrypted again
     */
    byte[] rewrap(String kmsKey, byte[] encrypted, EncryptionContext from, EncryptionContext to);

    /**
     * Decrypts a branch key.
     *
     * @param kmsKey the key, which is allowed
     * @param encrypted the encrypted branch key
     * @param context bound to it
     * @return the branch key; the caller closes it
     * @throws dev.kmsenvelope.kms.InvalidCiphertextException if it was changed, or the context is another one
     */
    SecretBytes unwrap(String kmsKey, byte[] encrypted, EncryptionContext context);

    /** Releases what is held; idempotent. */
    @Override
    void close();
}
