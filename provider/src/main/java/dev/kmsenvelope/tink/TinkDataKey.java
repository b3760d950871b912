package dev.kmsenvelope.tink;

import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.format.InvalidMessageException;
import java.util.Arrays;

/**
 * A data key as Tink has a key service encrypt it: a serialized {@code google.crypto.tink.AesGcmKey}, {@code 1A 20 | key}
 * with 256 bits.
 *
 * <pre>
 * AesGcmKey = { version uint32 = 1 (0), key_value bytes = 3 (16 or 32 bytes) }
 * </pre>
 */
final class TinkDataKey {

    /** Length of the keys that are written, in bytes. */
    static final int KEY_LENGTH = 32;

    private static final int VERSION = 1;
    private static final int KEY_VALUE = 3;
    private static final int TAG_OF_KEY_VALUE = KEY_VALUE << 3 | ProtoReader.LENGTH_DELIMITED;
    private static final int SERIALIZED_LENGTH = 2 + KEY_LENGTH;
    private static final int SMALL_KEY_LENGTH = 16;

    private TinkDataKey() {}

    /** Data keys to write with, each for at most that many messages. */
    static DataKeyUse writing(long messages) {
        return new DataKeyUse(DataKeyUse.ELSEWHERE, SERIALIZED_LENGTH, messages > 1, messages);
    }

    /** Data keys to read with. */
    static DataKeyUse reading() {
        return new DataKeyUse(DataKeyUse.ELSEWHERE, DataKeyUse.ANY_LENGTH, true);
    }

    /** The serialized form, which the caller wipes. */
    static byte[] serialize(byte[] key) {
        byte[] serialized = new byte[SERIALIZED_LENGTH];
        serialized[0] = TAG_OF_KEY_VALUE;
        serialized[1] = KEY_LENGTH;
        System.arraycopy(key, 0, serialized, 2, KEY_LENGTH);
        return serialized;
    }

    /**
     * The key in it.
     *
     * @return 16 or 32 bytes, which the caller wipes
     * @throws InvalidMessageException if it is something else
     */
    static byte[] parse(byte[] serialized) throws InvalidMessageException {
        byte[] key = new byte[0];
        boolean complete = false;
        try {
            ProtoReader reader = ProtoReader.of(serialized);
            while (reader.next()) {
                if (reader.is(VERSION, ProtoReader.VARINT)) {
                    if (reader.uint32() != 0) {
                        throw ProtoReader.malformed("an AES-GCM key of a later version");
                    }
                } else if (reader.is(KEY_VALUE, ProtoReader.LENGTH_DELIMITED)) {
                    key = reader.bytes();
                } else {
                    reader.skip();
                }
            }
            if (key.length != KEY_LENGTH && key.length != SMALL_KEY_LENGTH) {
                throw ProtoReader.malformed("no AES-GCM key of 128 or 256 bits");
            }
            complete = true;
            return key;
        } finally {
            if (!complete) {
                Arrays.fill(key, (byte) 0);
            }
        }
    }
}
