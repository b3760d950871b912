package dev.kmsenvelope.dek;

/**
 * What a data key is used for. Data keys are never shared between different uses (RULES 13).
 *
 * @param suite the number of the algorithm suite of the messages; negative for keys that a keystore file keeps, which are
 *     for no message's suite
 * @param length how long the data key is, in bytes
 * @param servesMany whether it may serve more than one message. The data key of a message may if each message has a key of
 *     its own, derived from the data key; for all others the nonces would repeat. A key that a keystore file keeps always may
 */
public record DataKeyUse(int suite, int length, boolean servesMany) {

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
}
