package dev.kmsenvelope.keyring;

import dev.kmsenvelope.crypto.RsaOaep;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.BadPaddingException;

/**
 * Encrypts data keys under an RSA key with OAEP, in the layout of the AWS Encryption SDK's raw RSA keyring: provider id =
 * namespace, provider info = name of the key in UTF-8, ciphertext = what RSA gives. Thread-safe.
 *
 * <p>RSA binds no encryption context: the same encrypted key opens with any. In a message the header's tag binds it,
 * because the header holds both and the tag needs the data key; what travels alone is bound to nothing.
 *
 * <p>Who has the public key can encrypt, so what opens is no proof of who wrote it (RULES 15).
 */
public final class RawRsaKeyring implements Keyring {

    private final String namespace;
    private final String keyName;
    private final byte[] info;
    private final RsaOaep key;
    private final SecureRandom random;

    /**
     * Makes a keyring.
     *
     * @param namespace the provider id of what it encrypts
     * @param keyName the name of the wrapping key
     * @param key the wrapping key, with or without its private half; not closed by this keyring
     * @param random where padding comes from: the operating system's source
     */
    public RawRsaKeyring(String namespace, String keyName, RsaOaep key, SecureRandom random) {
        this.namespace = namespace;
        this.keyName = keyName;
        this.info = keyName.getBytes(StandardCharsets.UTF_8);
        this.key = key;
        this.random = random;
    }

    /** Provider info that is the name and nothing else; the raw AES layout has zero bytes behind a name. */
    @Override
    public boolean isFor(EncryptedDataKey encrypted) {
        return encrypted.providerId().equals(namespace) && Arrays.equals(encrypted.providerInfo(), info);
    }

    /**
     * {@inheritDoc}
     *
     * @throws InvalidKeyUsageException if the plaintext is longer than the modulus and the padding allow
     */
    @Override
    public EncryptedDataKey wrap(byte[] plaintext, EncryptionContext context) {
        if (plaintext.length > key.maxPlaintext()) {
            throw new InvalidKeyUsageException("the key " + keyName + " is an RSA key of " + key.modulusBits()
                    + " bits, which encrypts at most " + key.maxPlaintext() + " bytes with OAEP and "
                    + key.hash().algorithm() + ", not " + plaintext.length);
        }
        return new EncryptedDataKey(namespace, info, key.encrypt(plaintext, random));
    }

    /**
     * {@inheritDoc}
     *
     * @throws KeyAccessDeniedException if there is no private key
     */
    @Override
    public SecretBytes unwrap(EncryptedDataKey encrypted, EncryptionContext context) {
        if (!isFor(encrypted)) {
            throw new InvalidCiphertextException("this was not encrypted under the key " + keyName);
        }
        if (!key.canDecrypt()) {
            throw new KeyAccessDeniedException("the key " + keyName
                    + " is a public key only here: it encrypts, and what it encrypts opens where its private key is");
        }
        try {
            return SecretBytes.owning(key.decrypt(encrypted.ciphertext()));
        } catch (BadPaddingException e) {
            // One text for every fault, and no cause: it must not tell where the padding went wrong (RULES 12).
            throw new InvalidCiphertextException("the key " + keyName + " did not encrypt this, or not with OAEP and "
                    + key.hash().algorithm());
        }
    }
}
