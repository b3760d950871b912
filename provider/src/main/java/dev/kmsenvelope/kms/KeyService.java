package dev.kmsenvelope.kms;

import java.util.Optional;
import java.util.Set;

/**
 * What those who use keys can ask of a key-management service. Key material never leaves it; data keys do.
 *
 * <p>Implementations are thread-safe. Every method may throw a {@link KmsException}; each says which of its subclasses it
 * means something special by.
 */
public interface KeyService extends KeyDirectory {

    /** The most plaintext bytes that {@link #encrypt} takes, as in AWS KMS. */
    int MAX_PLAINTEXT = 4096;

    /** The most bytes that a data key can have, as in AWS KMS. */
    int MAX_DATA_KEY = 1024;

    /**
     * The keys whose ciphertexts a handle to {@code key} may open: the key itself; for an alias the key that it points to
     * and, where the service remembers them, the keys that it pointed to before.
     *
     * @param key an alias, key id or ARN
     * @return ids of keys, never aliases, the current one first
     * @throws KeyNotFoundException if there is no such key
     */
    Set<KeyId> decryptionKeys(KeyId key);

    /**
     * Tells which key an encrypted data key was made with, from its fields alone, without a request.
     *
     * @param encrypted what to look at
     * @return the key's id as {@link #decryptionKeys} gives it, or empty when it is none of this service's
     */
    Optional<KeyId> keyOf(EncryptedDataKey encrypted);

    /**
     * Makes a fresh data key.
     *
     * @param key the key to encrypt it under
     * @param numberOfBytes its length, 1 to {@link #MAX_DATA_KEY} bytes
     * @param context bound to it: the same is needed to decrypt it
     * @return the data key in both versions; the caller closes it
     * @throws IllegalArgumentException if the length is out of range
     */
    DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context);

    /**
     * Encrypts a few bytes, for example a key that was made elsewhere.
     *
     * @param key the key to encrypt under
     * @param plaintext 1 to {@link #MAX_PLAINTEXT} bytes; not modified
     * @param context bound to it: the same is needed to decrypt
     * @return the encrypted bytes
     * @throws IllegalArgumentException if the length is out of range
     */
    EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context);

    /**
     * Decrypts what {@link #generateDataKey} or {@link #encrypt} made.
     *
     * @param key the key that must have encrypted it: an id out of {@link #decryptionKeys}
     * @param encrypted the encrypted bytes
     * @param context the context that was given when it was encrypted
     * @return the plaintext; the caller closes it
     * @throws InvalidCiphertextException if it was changed, made under another key, or bound to another context
     */
    SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context);

    /**
     * Decrypts and encrypts again under another key or context, or under the same key's newest version, inside the
     * service: the plaintext does not leave it.
     *
     * @param source the key that encrypted it
     * @param encrypted the encrypted bytes
     * @param sourceContext the context that was given when it was encrypted
     * @param destination the key to encrypt under
     * @param destinationContext bound to the result
     * @return the newly encrypted bytes
     * @throws InvalidCiphertextException as {@link #decrypt}
     */
    EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext);

    /**
     * The form in which an encrypted data key travels alone: AWS KMS's CiphertextBlob; elsewhere one serialized encrypted
     * data key entry of the AWS Encryption SDK message format.
     *
     * @param encrypted made by this service
     * @return the bytes
     */
    byte[] toBlob(EncryptedDataKey encrypted);

    /**
     * The reverse of {@link #toBlob}.
     *
     * @param key the key that the bytes are expected to be encrypted under
     * @param blob what {@link #toBlob} gave
     * @return the encrypted data key
     * @throws InvalidCiphertextException if the bytes are malformed
     */
    EncryptedDataKey fromBlob(KeyId key, byte[] blob);

    /**
     * Tells which version of a key encrypted something, where the service can tell. That may take a request, which decrypts.
     *
     * @param key the key that encrypted it: an id out of {@link #decryptionKeys}
     * @param encrypted the encrypted bytes
     * @param context the context that was given when it was encrypted
     * @return the {@linkplain KeyDescription.KeyVersion#id() id} of the version, or empty where the service does not say
     * @throws InvalidCiphertextException as {@link #decrypt}
     */
    default Optional<String> versionOf(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return Optional.empty();
    }

    /**
     * Tells whether {@link #versionOf} may take a request. Where it does not, it reads the version out of the fields and
     * verifies nothing.
     *
     * @return false if it never takes one
     */
    default boolean versionTakesRequest() {
        return true;
    }

    /**
     * Tells whether what a key encrypts opens only with the context that it was encrypted with, and can be made only by those
     * whom the service lets encrypt. RSA keys do neither: anyone with the public key encrypts, for any context.
     *
     * @param key an alias, key id or ARN
     * @return false for an RSA key of a service that takes one for {@link #encrypt}; takes no request
     * @throws KeyNotFoundException if there is no such key, where the service can tell
     */
    default boolean bindsContext(KeyId key) {
        return true;
    }

    /**
     * What this service can do beyond this interface: one of {@link PublicKeyService}, {@link RsaDecryptionService}, {@link
     * SigningService}, {@link MacService}, {@link KeyAgreementService}, {@link KeyPairService}, {@link RandomService},
     * {@link AccessCheck}, {@link RawKeysOfS3}. Ask here rather than by {@code instanceof}, for a service may be a decorator of another one.
     *
     * @param <T> the type of the capability
     * @param type the capability
     * @return the service in that role, or empty if it cannot do that
     */
    default <T> Optional<T> capability(Class<T> type) {
        return type.isInstance(this) ? Optional.of(type.cast(this)) : Optional.empty();
    }
}
