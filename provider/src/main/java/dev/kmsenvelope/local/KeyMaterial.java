package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.SecureRandom;

/**
 * What a key consists of.
 *
 * @param secret as many random bytes as {@link #secretLength} says; of a key pair, the private key as PrivateKeyInfo (PKCS
 *     #8, RFC 5208) in DER
 * @param publicKey the public key as SubjectPublicKeyInfo (RFC 5280) in DER; empty unless the key is a pair
 */
record KeyMaterial(SecretBytes secret, byte[] publicKey) {

    /**
     * Draws fresh material. For RSA_4096 that takes seconds.
     *
     * @throws dev.kmsenvelope.kms.KmsException if there is no randomness, or this Java runtime has no such keys
     */
    static KeyMaterial generate(KeySpec spec, SecureRandom random) {
        if (spec.isAsymmetric()) {
            return KeyPairs.generate(spec, random);
        }
        byte[] secret = new byte[secretLength(spec)];
        random.nextBytes(secret);
        return new KeyMaterial(SecretBytes.owning(secret), new byte[0]);
    }

    /**
     * The length of the material of a kind of key that is no pair, in bytes.
     *
     * @throws IllegalArgumentException for other kinds
     */
    static int secretLength(KeySpec spec) {
        return switch (spec) {
            case SYMMETRIC_DEFAULT, HMAC_256 -> 32;
            case HMAC_224 -> 28;
            case HMAC_384 -> 48;
            case HMAC_512 -> 64;
            default -> throw new IllegalArgumentException("keys of kind " + spec + " have no length");
        };
    }
}
