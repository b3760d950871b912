package dev.kmsenvelope.kms;

/** A {@link KeyService} that decrypts with RSA private keys. Thread-safe. */
public interface RsaDecryptionService {

    /** The paddings, all of RFC 8017, section 7.1, with MGF1 over the same hash and an empty label. */
    enum Padding {
        /** RSAES-OAEP with SHA-1. */
        RSAES_OAEP_SHA_1,
        /** RSAES-OAEP with SHA-256. */
        RSAES_OAEP_SHA_256
    }

    /**
     * Decrypts what somebody encrypted with the public key.
     *
     * @param key an alias, key id or ARN of an RSA key for {@link KeyUsage#ENCRYPT_DECRYPT}
     * @param padding how it was padded
     * @param ciphertext as many bytes as the modulus has
     * @return the plaintext; the caller closes it
     * @throws InvalidCiphertextException if it does not decrypt
     * @throws InvalidKeyUsageException if the key is of another kind or usage
     */
    SecretBytes decryptRsa(KeyId key, Padding padding, byte[] ciphertext);
}
