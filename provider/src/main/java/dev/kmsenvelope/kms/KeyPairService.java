package dev.kmsenvelope.kms;

/** A {@link KeyService} that generates key pairs for use outside of it, with the private key encrypted. Thread-safe. */
public interface KeyPairService {

    /**
     * Makes a fresh key pair.
     *
     * @param key the {@link KeySpec#SYMMETRIC_DEFAULT} key to encrypt the private key under
     * @param spec the kind of the pair: RSA or an elliptic curve
     * @param context bound to the encrypted private key: the same is needed to decrypt it
     * @return the key pair; the caller closes it
     * @throws IllegalArgumentException if the service does not generate pairs of that kind
     */
    WrappedKeyPair generateDataKeyPair(KeyId key, KeySpec spec, EncryptionContext context);

    /**
     * A fresh key pair. Closing it wipes the private key.
     *
     * @param publicKey its SubjectPublicKeyInfo (RFC 5280), encoded by DER
     * @param privateKey its PrivateKeyInfo (PKCS #8, RFC 5208), encoded by DER
     * @param encryptedPrivateKey that PrivateKeyInfo encrypted under the key of the service; {@link KeyService#decrypt}
     *     gives it back
     */
    record WrappedKeyPair(byte[] publicKey, SecretBytes privateKey, EncryptedDataKey encryptedPrivateKey)
            implements AutoCloseable {

        /** Wipes the private key; idempotent. */
        @Override
        public void close() {
            privateKey.close();
        }
    }
}
