package dev.kmsenvelope.keyring;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.function.Supplier;
import javax.crypto.AEADBadTagException;

/**
 * Encrypts data keys under an AES key with AES-GCM and a random 96-bit nonce, in the layout of the AWS Encryption SDK's raw
 * AES keyring: provider id = namespace, provider info = {@link RawAesKeyInfo}, ciphertext = encrypted key and tag, and the
 * serialized encryption context as associated data. Thread-safe.
 *
 * <p>Random nonces bound the wraps under one key to 2^32 (NIST SP 800-38D, 8.3). Counting them is the owner's duty.
 */
public final class RawAesKeyring implements Keyring {

    private final String namespace;
    private final String keyName;
    private final Supplier<AesGcm> wrappingKey;
    private final SecureRandom random;

    /**
     * Makes a keyring.
     *
     * @param namespace the provider id of what it encrypts
     * @param keyName the name of the wrapping key
     * @param wrappingKey gives the cipher with the wrapping key, which is closed after each use
     * @param random where nonces come from: the operating system's source
     */
    public RawAesKeyring(String namespace, String keyName, Supplier<AesGcm> wrappingKey, SecureRandom random) {
        this.namespace = namespace;
        this.keyName = keyName;
        this.wrappingKey = wrappingKey;
        this.random = random;
    }

    /**
     * The name of the wrapping key that an encrypted data key tells.
     *
     * @param namespace the provider id that it must have
     * @param encrypted what to look at
     * @return the name, or empty when it is of another namespace or malformed
     */
    public static Optional<String> keyName(String namespace, EncryptedDataKey encrypted) {
        if (!encrypted.providerId().equals(namespace)) {
            return Optional.empty();
        }
        try {
            return Optional.of(RawAesKeyInfo.parse(encrypted.providerInfo()).keyName());
        } catch (InvalidMessageException e) {
            return Optional.empty();
        }
    }

    @Override
    public boolean isFor(EncryptedDataKey encrypted) {
        return keyName(namespace, encrypted).filter(keyName::equals).isPresent();
    }

    @Override
    public EncryptedDataKey wrap(byte[] plaintext, EncryptionContext context) {
        byte[] iv = new byte[AesGcm.NONCE_LENGTH];
        random.nextBytes(iv);
        try (AesGcm cipher = wrappingKey.get()) {
            return new EncryptedDataKey(
                    namespace,
                    new RawAesKeyInfo(keyName, iv).serialize(),
                    cipher.encrypt(iv, plaintext, context.serialize()));
        }
    }

    @Override
    public SecretBytes unwrap(EncryptedDataKey encrypted, EncryptionContext context) {
        try (AesGcm cipher = wrappingKey.get()) {
            RawAesKeyInfo info = RawAesKeyInfo.parse(encrypted.providerInfo());
            if (!encrypted.providerId().equals(namespace) || !info.keyName().equals(keyName)) {
                throw new InvalidCiphertextException("this was not encrypted under the key " + keyName);
            }
            return SecretBytes.owning(cipher.decrypt(info.iv(), encrypted.ciphertext(), context.serialize()));
        } catch (AEADBadTagException | InvalidMessageException e) {
            throw new InvalidCiphertextException(
                    "the key " + keyName + " did not encrypt this, or not with this encryption context", e);
        }
    }
}
