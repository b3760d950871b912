package dev.kmsenvelope.tink;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The layout of what Tink's {@code KmsEnvelopeAead} writes with AES-GCM data keys.
 *
 * <pre>
 * message = prefix? | encryptedKeyLength u32 (1..4096) | encryptedKey | iv[12] | ciphertext | tag[16]
 * prefix  = 01 | keyId u32                      of a key in a keyset whose output prefix is TINK
 * </pre>
 *
 * Integers are big-endian. The first byte tells the two forms apart, since 4096 leaves it zero in a length. Neither the
 * prefix nor the encrypted key is authenticated by itself: another prefix names another key of a keyset of Tink, and another
 * encrypted key gives another key. There is no commitment to the key.
 */
public final class TinkFormat {

    /** The longest encrypted data key, in bytes. */
    public static final int MAX_ENCRYPTED_KEY = 4096;

    static final int IV_LENGTH = 12;
    static final int TAG_LENGTH = 16;

    /** How long the fields before the encrypted data key are at most, in bytes. */
    static final int MAX_HEAD = 9;

    private static final byte PREFIX_MARK = 1;
    private static final int PREFIX_LENGTH = 5;
    private static final int LENGTH_FIELD = 4;

    private TinkFormat() {}

    /**
     * What precedes the encrypted data key.
     *
     * @param keyId the prefix, or empty if there is none
     * @param encryptedKeyLength in bytes
     */
    record Head(OptionalInt keyId, int encryptedKeyLength) {

        /** In bytes. */
        int length() {
            return (keyId.isPresent() ? PREFIX_LENGTH : 0) + LENGTH_FIELD;
        }

        /** Where the IV stands. */
        int payloadOffset() {
            return length() + encryptedKeyLength;
        }

        /** How much longer the message is than its plaintext. */
        int overhead() {
            return payloadOffset() + IV_LENGTH + TAG_LENGTH;
        }

        /** Writes it; returns its length. */
        int write(byte[] out, int offset) {
            int at = offset;
            if (keyId.isPresent()) {
                out[at] = PREFIX_MARK;
                putInt(keyId.getAsInt(), out, at + 1);
                at += PREFIX_LENGTH;
            }
            putInt(encryptedKeyLength, out, at);
            return length();
        }
    }

    /** Reads the head of a message; null if more than these bytes are needed. */
    static @Nullable Head parse(byte[] in, int offset, int available) throws InvalidMessageException {
        if (available == 0) {
            return null;
        }
        boolean prefixed = in[offset] == PREFIX_MARK;
        if (!prefixed && in[offset] != 0) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "not a message of Tink's KmsEnvelopeAead: it starts with 00 or 01");
        }
        int before = prefixed ? PREFIX_LENGTH : 0;
        if (available < before + LENGTH_FIELD) {
            return null;
        }
        int length = getInt(in, offset + before);
        if (length < 1 || length > MAX_ENCRYPTED_KEY) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    "an encrypted data key of " + Integer.toUnsignedString(length) + " bytes; it has 1 to "
                            + MAX_ENCRYPTED_KEY);
        }
        return new Head(prefixed ? OptionalInt.of(getInt(in, offset + 1)) : OptionalInt.empty(), length);
    }

    /**
     * Whether bytes may be the start of such a message. There is no magic number, so other things may look like one: of those
     * that go on at random after a first byte 00 one in 2^12, and after 01 one in 2^20. Messages of the AWS Encryption SDK in
     * version 1 start with {@code 01 80}: look for those first.
     *
     * @param head the first bytes, 9 of which are enough
     * @param length how many there are
     * @return false if it is none, or there are too few to tell
     */
    public static boolean looksLike(byte[] head, int length) {
        try {
            return parse(head, 0, length) != null;
        } catch (InvalidMessageException e) {
            return false;
        }
    }

    private static int getInt(byte[] in, int at) {
        return in[at] << 24 | (in[at + 1] & 0xFF) << 16 | (in[at + 2] & 0xFF) << 8 | (in[at + 3] & 0xFF);
    }

    static void putInt(int value, byte[] out, int at) {
        out[at] = (byte) (value >> 24);
        out[at + 1] = (byte) (value >> 16);
        out[at + 2] = (byte) (value >> 8);
        out[at + 3] = (byte) value;
    }
}
