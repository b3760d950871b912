package dev.kmsenvelope.s3;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.RawKeysOfS3;
import org.jspecify.annotations.Nullable;

/** How the data key of an object is encrypted. Not PKCS#1 v1.5 (RULES 12). */
public enum WrapAlgorithm {
    /** By a key service, bound to the encryption context, which names the content algorithm. */
    KMS_CONTEXT("kms+context", "12"),
    /** With AES-GCM under a key at hand, bound to the content algorithm and to nothing else. */
    AES_GCM(RawKeysOfS3.AES_GCM, "02"),
    /** With RSA-OAEP, SHA-1 and MGF1 over SHA-1, together with the content algorithm. */
    RSA_OAEP_SHA1(RawKeysOfS3.RSA_OAEP_SHA1, "22"),
    /** By AWS KMS, bound to an encryption context that does not name the content algorithm; legacy objects. */
    KMS("kms", null);

    private final String algorithmName;
    private final @Nullable String shortName;

    WrapAlgorithm(String algorithmName, @Nullable String shortName) {
        this.algorithmName = algorithmName;
        this.shortName = shortName;
    }

    /**
     * Finds an algorithm.
     *
     * @param version 2 or 3
     * @param name how metadata of that version names it
     * @return the algorithm, or null if it is none of these
     */
    static @Nullable WrapAlgorithm of(int version, String name) {
        for (WrapAlgorithm algorithm : values()) {
            if (name.equals(version == 3 ? algorithm.shortName : algorithm.algorithmName)) {
                return algorithm;
            }
        }
        return null;
    }

    /**
     * How metadata names it.
     *
     * @param version 2 or 3
     * @return the name
     * @throws IllegalArgumentException if that version has none
     */
    String name(int version) {
        String name = version == 3 ? shortName : algorithmName;
        if (name == null) {
            throw new IllegalArgumentException("version " + version + " does not know " + algorithmName);
        }
        return name;
    }

    /**
     * The algorithm that encrypted a data key.
     *
     * @param encrypted fresh from a service; what is at hand has the name of the algorithm as its provider id
     * @return the algorithm
     */
    static WrapAlgorithm of(EncryptedDataKey encrypted) {
        WrapAlgorithm atHand = of(2, encrypted.providerId());
        return atHand == null || atHand.isOfService() ? KMS_CONTEXT : atHand;
    }

    /** Whether a data key can be by this algorithm, as far as its fields tell. */
    boolean hasMade(EncryptedDataKey encrypted) {
        return isOfService() ? of(encrypted) == KMS_CONTEXT : of(encrypted) == this;
    }

    /**
     * Whether a service encrypts the data key and binds it to the encryption context.
     *
     * @return false where the key is at hand
     */
    public boolean isOfService() {
        return this == KMS_CONTEXT || this == KMS;
    }
}
