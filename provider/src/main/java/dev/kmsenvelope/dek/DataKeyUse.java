package dev.kmsenvelope.dek;

/**
 * What a data key is used for. Data keys are never shared between different uses (RULES 13).
 *
 * @param suite the number of the algorithm suite of the messages; negative for keys that a keystore file keeps, which are
 *     for no message's suite, and from {@link #ELSEWHERE} upwards for other formats
 * @param length how long the data key is, in bytes; {@link #ANY_LENGTH} to decrypt where only the plaintext tells
 * @param servesMany whether it may serve more than one message. The data key of a message may if each message has a key of
 *     its own, derived from the data key; for all others the nonces would repeat. A key that a keystore file keeps always may
 * @param mostMessages how many messages a cached data key encrypts at most, whatever the settings allow: for formats in which
 *     the number of nonces under it is what limits it
 */
public record DataKeyUse(int suite, int length, boolean servesMany, long mostMessages) {

    /** Any length will do. */
    public static final int ANY_LENGTH = 0;

    /** Where the numbers start that formats without numbered suites choose from, up to -2^30. */
    public static final int ELSEWHERE = Integer.MIN_VALUE;

    /**
     * A use without a limit of its own.
     *
     * @param suite the number of the algorithm suite of the messages
     * @param length how long the data key is, in bytes
     * @param servesMany whether it may serve more than one message
     */
    public DataKeyUse(int suite, int length, boolean servesMany) {
        this(suite, length, servesMany, Long.MAX_VALUE);
    }

    /**
     * The use of a key that a keystore file keeps.
     *
     * @param usage tells the usages of such keys apart; from 0
     * @param length how long the key is, in bytes
     * @return a use that no data key of a message has, nor a key with another usage
     */
    public static DataKeyUse ofStoredKey(int usage, int length) {
        return new DataKeyUse(-1 - usage, length, true);
    }

    /**
     * Whether a data key has the right length.
     *
     * @param found how long it is, in bytes
     * @return false if another one is wanted
     */
    public boolean admits(int found) {
        return length == ANY_LENGTH || length == found;
    }
}
