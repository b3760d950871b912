package dev.kmsenvelope.dual;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.MessageId;
import org.jspecify.annotations.Nullable;

/**
 * The ids of the two messages that a dual-layer message consists of. The last 16 bytes of both are the same and end with the
 * caller's IV, if there is one; all others are random, the first 16 for each layer its own (RULES 1, 21).
 *
 * @param inner that of the inner message, 32 bytes; used for no other message
 * @param outer that of the outer one, 32 bytes
 */
@SuppressWarnings("ArrayRecordComponent") // handed over once, compared with nothing
public record LayerIds(byte[] inner, byte[] outer) {

    private static final int SHARED = MessageId.MAX_IV_LENGTH;
    private static final int OWN = MessageId.LENGTH_WITH_IV - SHARED;

    /**
     * Draws them, in one request to the source: that takes as long as to encrypt some kilobytes.
     *
     * @param random where the random bytes come from
     * @param iv the caller's IV of {@value MessageId#MIN_IV_LENGTH} to {@value MessageId#MAX_IV_LENGTH} bytes, or null
     * @return the ids of one message
     */
    public static LayerIds create(RandomSource random, byte @Nullable [] iv) {
        byte[] drawn = random.next(SHARED + 2 * OWN);
        if (iv != null) {
            MessageId.requireLength(iv);
            System.arraycopy(iv, 0, drawn, SHARED - iv.length, iv.length);
        }
        return new LayerIds(id(drawn, SHARED), id(drawn, SHARED + OWN));
    }

    private static byte[] id(byte[] drawn, int own) {
        byte[] id = new byte[OWN + SHARED];
        System.arraycopy(drawn, own, id, 0, OWN);
        System.arraycopy(drawn, 0, id, OWN, SHARED);
        return id;
    }

    /**
     * What both end with.
     *
     * @param length how many bytes of it
     * @return that many bytes
     */
    public byte[] iv(int length) {
        return MessageId.iv(outer, length);
    }
}
