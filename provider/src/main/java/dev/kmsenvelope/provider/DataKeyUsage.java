package dev.kmsenvelope.provider;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What a data key of a keystore file is used for: exactly one thing (RULES 9). Under another transformation the same key
 * could give away what this one protects: AES-CTR under a key of AES-GCM computes the key that authenticates.
 */
public enum DataKeyUsage {
    /** AES-GCM (NIST SP 800-38D): authenticated, of the same length but for the tag. */
    AES_GCM("AES/GCM/NoPadding", 1, true),
    /** AES-CBC with PKCS #7 padding (NIST SP 800-38A): not authenticated; for old code only. */
    AES_CBC("AES/CBC/PKCS5Padding", 2, false),
    /** AES-CTR (NIST SP 800-38A): not authenticated; for old code only. */
    AES_CTR("AES/CTR/NoPadding", 3, false),
    /** AES key wrap (RFC 3394): keys whose length is a multiple of 8 bytes, from 16. */
    AES_KW("AES/KW/NoPadding", 4, true),
    /** AES key wrap with padding (RFC 5649): keys of any length. */
    AES_KWP("AES/KWP/NoPadding", 5, true),
    /** HMAC with SHA-224 (RFC 2104). */
    HMAC_SHA224("HmacSHA224", 6, true),
    /** HMAC with SHA-256 (RFC 2104). */
    HMAC_SHA256("HmacSHA256", 7, true),
    /** HMAC with SHA-384 (RFC 2104). */
    HMAC_SHA384("HmacSHA384", 8, true),
    /** HMAC with SHA-512 (RFC 2104). */
    HMAC_SHA512("HmacSHA512", 9, true);

    private static final String AES = "AES";
    private static final int MIN_HMAC_KEY = 16;
    private static final int MAX_HMAC_KEY = 64;

    private final String transformation;
    private final int number;
    private final boolean authenticated;

    DataKeyUsage(String transformation, int number, boolean authenticated) {
        this.transformation = transformation;
        this.number = number;
        this.authenticated = authenticated;
    }

    /**
     * The one transformation, or the one code, that a key with this usage computes.
     *
     * @return what {@code Cipher.getInstance} or {@code Mac.getInstance} takes
     */
    public String transformation() {
        return transformation;
    }

    /**
     * The algorithm of the key.
     *
     * @return {@code AES}, or the name of the HMAC
     */
    public String algorithm() {
        return isHmac() ? transformation : AES;
    }

    /**
     * Whether a change of what was computed is found out by the one who has the key.
     *
     * @return false for CBC and CTR
     */
    public boolean isAuthenticated() {
        return authenticated;
    }

    /**
     * Whether a key of this length can have this usage.
     *
     * @param bytes how long the key is, in bytes
     * @return true for AES of 16, 24 and 32 bytes, and HMAC of 16 to 64 bytes
     */
    public boolean accepts(int bytes) {
        return isHmac() ? bytes >= MIN_HMAC_KEY && bytes <= MAX_HMAC_KEY : bytes == 16 || bytes == 24 || bytes == 32;
    }

    /** Tells usages apart in the cache of data keys. */
    int number() {
        return number;
    }

    boolean isHmac() {
        return this == HMAC_SHA224 || this == HMAC_SHA256 || this == HMAC_SHA384 || this == HMAC_SHA512;
    }

    /** Whether messages begin with an IV that must not repeat, or not be foreseen. */
    boolean takesIv() {
        return this == AES_GCM || this == AES_CBC || this == AES_CTR;
    }

    /** The length of an IV that is generated, in bytes. */
    int generatedIvLength() {
        return this == AES_GCM ? 12 : 16;
    }

    /**
     * Finds a usage by its transformation.
     *
     * @param transformation one of those that {@link #transformation()} gives, in upper or lower case
     * @return the usage
     * @throws IllegalArgumentException if there is none; the message names all
     */
    public static DataKeyUsage of(String transformation) {
        for (DataKeyUsage usage : values()) {
            if (usage.transformation.equalsIgnoreCase(transformation)) {
                return usage;
            }
        }
        throw new IllegalArgumentException("a data key is used for one of "
                + Arrays.stream(values()).map(DataKeyUsage::transformation).collect(Collectors.joining(", "))
                + ", not '" + transformation + "'");
    }
}
