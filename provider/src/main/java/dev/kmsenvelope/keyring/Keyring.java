package dev.kmsenvelope.keyring;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.SecretBytes;

/** Encrypts and decrypts data keys under one wrapping key that is at hand. Thread-safe. */
public interface Keyring {

    /**
     * Tells from what can be read without a key whether an encrypted data key is said to be under this one.
     *
     * @param encrypted what to look at
     * @return true if its provider id and info name this wrapping key, in the layout of its kind
     */
    boolean isFor(EncryptedDataKey encrypted);

    /**
     * Encrypts a key.
     *
     * @param plaintext the key; not modified
     * @param context what goes with it; bound to it if the kind of wrapping can
     * @return the encrypted key
     */
    EncryptedDataKey wrap(byte[] plaintext, EncryptionContext context);

    /**
     * Decrypts a key.
     *
     * @param encrypted what {@link #wrap} gave
     * @param context the context that went with it
     * @return the key; the caller closes it
     * @throws InvalidCiphertextException if it was changed, was made by another key, or is bound to another context
     */
    SecretBytes unwrap(EncryptedDataKey encrypted, EncryptionContext context);
}
