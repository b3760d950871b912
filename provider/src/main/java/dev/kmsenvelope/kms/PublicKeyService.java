package dev.kmsenvelope.kms;

/** A {@link KeyService} that holds key pairs. Thread-safe. */
public interface PublicKeyService {

    /**
     * The public half of a key pair.
     *
     * @param key an alias, key id or ARN
     * @return its SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7), encoded by DER
     * @throws InvalidKeyUsageException if the key has no public half
     */
    byte[] publicKey(KeyId key);
}
