package dev.kmsenvelope.kms;

/** A {@link KeyService} that derives shared secrets. Thread-safe. */
public interface KeyAgreementService {

    /**
     * Derives the shared secret of elliptic curve cofactor Diffie-Hellman (NIST SP 800-56A, section 5.7.1.2): the raw
     * x-coordinate, which must go through a key derivation function before it is used as a key.
     *
     * @param key an alias, key id or ARN of a key for {@link KeyUsage#KEY_AGREEMENT}
     * @param publicKey the other side's public key on the same curve: its SubjectPublicKeyInfo (RFC 5280), encoded by DER
     * @return as many bytes as a coordinate of the curve has; the caller closes it
     * @throws IllegalArgumentException if that is no public key on the same curve
     * @throws InvalidKeyUsageException if the key is of another kind or usage
     */
    SecretBytes deriveSharedSecret(KeyId key, byte[] publicKey);
}
