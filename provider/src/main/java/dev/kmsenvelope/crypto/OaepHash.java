package dev.kmsenvelope.crypto;

import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.util.DigestFactory;

/**
 * Which hash RSA-OAEP works with. It is always the hash of the mask generation function MGF1 too, and the label is always
 * empty. That has to be said to JCA: the transformation {@code OAEPWithSHA-256AndMGF1Padding} alone means MGF1 with SHA-1.
 */
public enum OaepHash {
    /** SHA-1, which OAEP is not weakened by, for what older software wrote. */
    SHA_1("SHA-1", 20),
    /** SHA-256. */
    SHA_256("SHA-256", 32),
    /** SHA-384. */
    SHA_384("SHA-384", 48),
    /** SHA-512. */
    SHA_512("SHA-512", 64);

    private final String algorithm;
    private final int length;

    OaepHash(String algorithm, int length) {
        this.algorithm = algorithm;
        this.length = length;
    }

    /**
     * Finds one by its name.
     *
     * @param algorithm its name in JCA, for example {@code SHA-256}, in letters of either case
     * @return the hash, or empty when there is none of that name
     */
    public static Optional<OaepHash> of(String algorithm) {
        return Arrays.stream(values())
                .filter(hash -> hash.algorithm.equalsIgnoreCase(algorithm))
                .findFirst();
    }

    /**
     * All names, for people.
     *
     * @return {@code SHA-1, SHA-256, SHA-384 or SHA-512}
     */
    public static String names() {
        return Arrays.stream(values())
                .limit(values().length - 1L)
                .map(OaepHash::algorithm)
                .collect(Collectors.joining(", ", "", " or " + values()[values().length - 1].algorithm));
    }

    /**
     * Its name in JCA.
     *
     * @return for example {@code SHA-256}
     */
    public String algorithm() {
        return algorithm;
    }

    /**
     * How much OAEP with it takes.
     *
     * @param modulusLength the length of the RSA modulus in bytes
     * @return the most bytes of a plaintext
     */
    int maxPlaintext(int modulusLength) {
        return modulusLength - 2 * length - 2;
    }

    OAEPParameterSpec parameters() {
        return new OAEPParameterSpec(algorithm, "MGF1", new MGF1ParameterSpec(algorithm), PSource.PSpecified.DEFAULT);
    }

    Digest newDigest() {
        return switch (this) {
            case SHA_1 -> DigestFactory.createSHA1();
            case SHA_256 -> DigestFactory.createSHA256();
            case SHA_384 -> DigestFactory.createSHA384();
            case SHA_512 -> DigestFactory.createSHA512();
        };
    }
}
