package dev.kmsenvelope.cli;

import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.MessageHeader;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells messages from other files by their first bytes. A file that starts as a message does has to be one: if the rest of
 * its header is wrong, that is a fault and not another kind of file.
 */
final class MessageProbe {

    /** How many bytes tell. */
    static final int START_LENGTH = 4;

    private static final int VERSION_1_TYPE = 0x80;

    private MessageProbe() {}

    /**
     * Reads the header of a file.
     *
     * @param file not followed if it is a link
     * @return the header, or empty if it is no message
     * @throws InvalidMessageException if it is one that cannot be read
     */
    static Optional<MessageHeader> read(Path file, HeaderLimits limits) throws IOException, InvalidMessageException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS))) {
            in.mark(START_LENGTH);
            byte[] start = in.readNBytes(START_LENGTH);
            in.reset();
            return startsMessage(start) ? Optional.of(MessageHeader.read(in, limits)) : Optional.empty();
        }
    }

    /** Whether bytes start as a message does; {@link #START_LENGTH} are enough. */
    static boolean startsMessage(byte[] start) {
        if (start.length < START_LENGTH) {
            return false;
        }
        int version = start[0];
        int suiteAt = version == 1 ? 2 : 1;
        int suite = (start[suiteAt] & 0xFF) << 8 | (start[suiteAt + 1] & 0xFF);
        return (version != 1 || (start[1] & 0xFF) == VERSION_1_TYPE)
                && AlgorithmSuite.ofId(suite)
                        .filter(known -> known.messageVersion() == version)
                        .isPresent();
    }
}
