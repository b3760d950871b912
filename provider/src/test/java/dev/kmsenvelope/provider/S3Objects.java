package dev.kmsenvelope.provider;

import dev.kmsenvelope.testing.Ciphers;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Cipher;

/** What tests of S3 objects do. */
final class S3Objects {

    static final String TRANSFORMATION = "Envelope/S3EC/NoPadding";

    private S3Objects() {}

    /** An object as it stands in a bucket. */
    record Stored(byte[] body, Map<String, String> metadata) {

        Stored withBody(byte[] other) {
            return new Stored(other, metadata);
        }

        /** With another value of a pair, or without it. */
        Stored with(String name, String value) {
            Map<String, String> changed = new TreeMap<>(metadata);
            if (value == null) {
                changed.remove(name);
            } else {
                changed.put(name, value);
            }
            return new Stored(body, changed);
        }
    }

    static Cipher encrypting(KmsSecretKey key, EnvelopeParameterSpec spec) throws GeneralSecurityException {
        return Ciphers.ours(TRANSFORMATION, Cipher.ENCRYPT_MODE, key, spec);
    }

    static S3EncryptionMetadata metadata(Cipher cipher) throws GeneralSecurityException {
        return cipher.getParameters().getParameterSpec(S3EncryptionMetadata.class);
    }

    static Stored encrypt(KmsSecretKey key, byte[] plaintext) throws GeneralSecurityException {
        return encrypt(key, plaintext, EnvelopeParameterSpec.builder().build());
    }

    static Stored encrypt(KmsSecretKey key, byte[] plaintext, EnvelopeParameterSpec spec)
            throws GeneralSecurityException {
        Cipher cipher = encrypting(key, spec);
        Map<String, String> metadata = metadata(cipher).asMap();
        return new Stored(cipher.doFinal(plaintext), metadata);
    }

    static Cipher decrypting(KmsSecretKey key, Stored object) throws GeneralSecurityException {
        return Ciphers.ours(TRANSFORMATION, Cipher.DECRYPT_MODE, key, S3EncryptionMetadata.of(object.metadata()));
    }

    static byte[] decrypt(KmsSecretKey key, Stored object) throws GeneralSecurityException {
        return decrypting(key, object).doFinal(object.body());
    }
}
