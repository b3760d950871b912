package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.MessageHeader;
import java.security.MessageDigest;
import java.util.Arrays;

/**
 * Makes the bytes that identify a message: 32 in version 2. The caller's IV of 12 to 16 bytes stands at the end, everything before it is
 * fresh and random. So the IV is authenticated and enters the key derivation, and is never a nonce; and messages with the
 * same IV, be it all zero, still differ in at least 128 random bits. The 16 bytes of version 1 have no room for an
 * IV (RULES 1): all are random.
 */
public final class MessageId {

    /** The shortest IV, in bytes. */
    public static final int MIN_IV_LENGTH = 12;

    /** The longest IV, in bytes: 16 random ones must be left. */
    public static final int MAX_IV_LENGTH = 16;

    /** How long an id is that an IV can be a part of, in bytes: those of version 2. */
    public static final int LENGTH_WITH_IV = MessageHeader.MESSAGE_ID_LENGTH;

    private MessageId() {}

    /**
     * Makes the id of a message of a suite, without an IV of the caller's.
     *
     * @param random where the bytes come from; asked once
     * @param suite tells how many
     * @return 16 or 32 bytes
     */
    public static byte[] create(RandomSource random, AlgorithmSuite suite) {
        return random.next(suite.messageIdLength());
    }

    /**
     * Makes a message id of version 2.
     *
     * @param random where the random bytes come from
     * @param iv the caller's IV, {@value #MIN_IV_LENGTH} to {@value #MAX_IV_LENGTH} bytes
     * @return 32 bytes
     */
    public static byte[] create(RandomSource random, byte[] iv) {
        requireLength(iv);
        byte[] drawn = random.next(MessageHeader.MESSAGE_ID_LENGTH - iv.length);
        byte[] id = Arrays.copyOf(drawn, MessageHeader.MESSAGE_ID_LENGTH);
        System.arraycopy(iv, 0, id, id.length - iv.length, iv.length);
        return id;
    }

    /**
     * Checks the length of an IV.
     *
     * @param iv the caller's IV
     * @throws IllegalArgumentException unless it has {@value #MIN_IV_LENGTH} to {@value #MAX_IV_LENGTH} bytes
     */
    public static void requireLength(byte[] iv) {
        if (iv.length < MIN_IV_LENGTH || iv.length > MAX_IV_LENGTH) {
            throw new IllegalArgumentException("an IV has " + MIN_IV_LENGTH + " to " + MAX_IV_LENGTH + " bytes");
        }
    }

    /**
     * The IV that a message id ends with.
     *
     * @param messageId 16 bytes or more
     * @param length how long the IV was
     * @return that many bytes
     */
    public static byte[] iv(byte[] messageId, int length) {
        return Arrays.copyOfRange(messageId, messageId.length - length, messageId.length);
    }

    static boolean endsWith(byte[] messageId, byte[] iv) {
        return MessageDigest.isEqual(iv(messageId, iv.length), iv);
    }
}
