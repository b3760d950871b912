package dev.kmsenvelope.testing;

import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.HeaderScanner;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.MessageHeader;

/** Looks into messages. */
public final class Messages {

    private Messages() {}

    /** The header of a message. */
    public static MessageHeader header(byte[] message) {
        try {
            HeaderScanner scanner = new HeaderScanner(HeaderLimits.DEFAULT);
            scanner.feed(message, 0, message.length);
            return scanner.parse();
        } catch (InvalidMessageException e) {
            throw new AssertionError("the message is not well formed", e);
        }
    }
}
