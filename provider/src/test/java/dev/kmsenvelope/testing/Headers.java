package dev.kmsenvelope.testing;

import dev.kmsenvelope.format.MessageHeader;
import java.util.Arrays;

/** What tests look at in headers of messages that commit to their key. */
public final class Headers {

    private static final int COMMITMENT_LENGTH = 32;

    private Headers() {}

    /** The key commitment: the last field before the tag. */
    public static byte[] commitment(MessageHeader header) {
        byte[] bytes = header.withoutTag();
        return Arrays.copyOfRange(bytes, bytes.length - COMMITMENT_LENGTH, bytes.length);
    }
}
