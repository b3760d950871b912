package dev.kmsenvelope.kms;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A data key, or a few other bytes, encrypted under a key of a service: the three fields of an encrypted data key in the
 * AWS Encryption SDK message format. Immutable; arrays are copied in and out. None of it is secret, but it is never logged.
 */
public final class EncryptedDataKey {

    /** The most bytes that each of the three fields can have: their length is an unsigned 16-bit number. */
    public static final int MAX_FIELD_LENGTH = 0xFFFF;

    /** How many bytes the hash code looks at. */
    private static final int HASHED = 16;

    private final String providerId;
    private final byte[] providerInfo;
    private final byte[] ciphertext;
    private final int providerIdLength;

    /**
     * Makes one from its fields.
     *
     * @param providerId which kind of service encrypted it, for example {@code aws-kms}
     * @param providerInfo which key encrypted it, in that kind's layout; 0 to 65535 bytes, copied
     * @param ciphertext the encrypted bytes; 0 to 65535 bytes, copied
     * @throws IllegalArgumentException if a field is longer than 65535 bytes
     */
    public EncryptedDataKey(String providerId, byte[] providerInfo, byte[] ciphertext) {
        this.providerId = providerId;
        this.providerInfo = providerInfo.clone();
        this.ciphertext = ciphertext.clone();
        this.providerIdLength = utf8Length(providerId);
        if (providerIdLength > MAX_FIELD_LENGTH
                || providerInfo.length > MAX_FIELD_LENGTH
                || ciphertext.length > MAX_FIELD_LENGTH) {
            throw new IllegalArgumentException("a field of an encrypted data key has at most 65535 bytes");
        }
    }

    private static int utf8Length(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return text.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        return text.length();
    }

    /**
     * Which kind of service encrypted it.
     *
     * @return the provider id
     */
    public String providerId() {
        return providerId;
    }

    /**
     * Which key encrypted it, in the layout of the provider id.
     *
     * @return a copy
     */
    public byte[] providerInfo() {
        return providerInfo.clone();
    }

    /**
     * The encrypted bytes.
     *
     * @return a copy
     */
    public byte[] ciphertext() {
        return ciphertext.clone();
    }

    /**
     * How much there is of it.
     *
     * @return the length of its three fields together, in bytes, but for characters of the provider id outside ASCII
     */
    public int length() {
        return providerId.length() + providerInfo.length + ciphertext.length;
    }

    @Override
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        return other instanceof EncryptedDataKey that
                && providerId.equals(that.providerId)
                && Arrays.equals(providerInfo, that.providerInfo)
                && Arrays.equals(ciphertext, that.ciphertext);
    }

    /**
     * Looks at the end of the ciphertext only: every service ends it with bytes that no two honest ciphertexts share. Whoever
     * makes messages can make many with one hash code, as with any unkeyed one; a map of what comes from outside must stand
     * that.
     */
    @Override
    public int hashCode() {
        int hash = 31 * (31 * providerId.hashCode() + providerInfo.length) + ciphertext.length;
        for (int i = Math.max(0, ciphertext.length - HASHED); i < ciphertext.length; i++) {
            hash = 31 * hash + ciphertext[i];
        }
        return hash;
    }

    /**
     * How long its form in a message is.
     *
     * @return the length of the three fields, each with the two bytes that tell its length
     */
    public int serializedLength() {
        return 6 + providerIdLength + providerInfo.length + ciphertext.length;
    }

    /**
     * Writes its form in a message: the three fields, each after its length as a big-endian, unsigned 16-bit number.
     *
     * @param out where to, with at least {@link #serializedLength} bytes left
     */
    public void writeTo(ByteBuffer out) {
        out.putShort((short) providerIdLength)
                .put(providerId.getBytes(StandardCharsets.UTF_8))
                .putShort((short) providerInfo.length)
                .put(providerInfo)
                .putShort((short) ciphertext.length)
                .put(ciphertext);
    }

    @Override
    public String toString() {
        return "EncryptedDataKey[" + ciphertext.length + " bytes]";
    }
}
