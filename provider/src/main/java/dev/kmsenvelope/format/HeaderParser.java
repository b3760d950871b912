package dev.kmsenvelope.format;

import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads headers of both versions; the grammar is in {@link MessageHeader}. */
final class HeaderParser {

    private static final byte[] NO_COMMITMENT = new byte[0];
    private static final byte[] ZERO_IV = new byte[MessageHeader.IV_LENGTH];

    private HeaderParser() {}

    /** Reads a header without its tag, behind which the tag, or anything else, may follow; not copied. */
    static MessageHeader parse(byte[] bytes, int lengthWithoutTag) throws InvalidMessageException {
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, lengthWithoutTag);
        AlgorithmSuite suite = parseStart(in);
        boolean first = suite.messageVersion() == MessageHeader.VERSION_1;
        byte[] messageId = new byte[suite.messageIdLength()];
        in.get(messageId);
        EncryptionContext context = parseContext(EncryptedDataKeyEntry.takeField(in));
        require(in.remaining() >= 2, "the header ends before its encrypted data keys");
        int count = Short.toUnsignedInt(in.getShort());
        require(count > 0, "a message has at least one encrypted data key, this one has none");
        List<EncryptedDataKey> keys = new ArrayList<>(Math.min(count, 16));
        for (int i = 0; i < count; i++) {
            keys.add(EncryptedDataKeyEntry.read(in));
        }
        require(
                in.remaining() == MessageHeader.endLength(suite.messageVersion()) - MessageHeader.TAG_LENGTH,
                "the header has not the length that its fields say");
        int contentType = in.get();
        if (first) {
            require(in.getInt() == 0, "the reserved field is not zero");
            require(in.get() == MessageHeader.IV_LENGTH, "the length of IVs is not 12");
        }
        int frameLength = in.getInt();
        requireContent(contentType, frameLength);
        byte[] commitment = first ? NO_COMMITMENT : new byte[MessageHeader.COMMITMENT_LENGTH];
        in.get(commitment);
        byte[] iv = ZERO_IV;
        if (first) {
            iv = new byte[MessageHeader.IV_LENGTH];
            in.get(iv);
        }
        return new MessageHeader(suite, messageId, context, keys, frameLength, commitment, iv, bytes, lengthWithoutTag);
    }

    private static AlgorithmSuite parseStart(ByteBuffer in) throws InvalidMessageException {
        require(in.hasRemaining(), "the header is too short");
        int version = in.get();
        require(
                version == MessageHeader.VERSION || version == MessageHeader.VERSION_1,
                "neither a message of version 1 nor one of version 2");
        require(in.remaining() >= MessageHeader.startLength(version) - 1, "the header is too short");
        if (version == MessageHeader.VERSION_1) {
            require((in.get() & 0xFF) == MessageHeader.TYPE_1, "the type of a message of version 1 is not 80");
        }
        int suiteId = Short.toUnsignedInt(in.getShort());
        AlgorithmSuite suite = AlgorithmSuite.ofVersion(version, suiteId);
        if (suite == null) {
            throw HeaderScanner.unknownSuite(version, suiteId);
        }
        return suite;
    }

    private static void requireContent(int contentType, int frameLength) throws InvalidMessageException {
        require(
                contentType == MessageHeader.FRAMED || contentType == MessageHeader.NOT_FRAMED,
                "the content type is neither 1 nor 2");
        require(
                (contentType == MessageHeader.FRAMED) == (frameLength != 0),
                "a frame length goes with framed content, and only with that");
        if (frameLength < 0) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "frames of " + Integer.toUnsignedString(frameLength) + " bytes, too large for an array");
        }
    }

    private static EncryptionContext parseContext(byte[] field) throws InvalidMessageException {
        if (field.length == 0) {
            return EncryptionContext.empty();
        }
        EncryptionContext written = EncryptionContext.ofWritten(field);
        return written != null ? written : parseAnyOrder(field);
    }

    private static EncryptionContext parseAnyOrder(byte[] field) throws InvalidMessageException {
        ByteBuffer in = ByteBuffer.wrap(field);
        require(in.remaining() >= 2, "the encryption context is too short");
        int count = Short.toUnsignedInt(in.getShort());
        require(count > 0, "an empty encryption context has no count");
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String name = EncryptedDataKeyEntry.utf8(EncryptedDataKeyEntry.takeField(in));
            String value = EncryptedDataKeyEntry.utf8(EncryptedDataKeyEntry.takeField(in));
            require(pairs.put(name, value) == null, "a name stands twice in the encryption context");
        }
        require(!in.hasRemaining(), "the encryption context has not the length that its fields say");
        try {
            return EncryptionContext.ofMessage(pairs);
        } catch (IllegalArgumentException e) {
            throw new InvalidMessageException(Reason.MALFORMED, String.valueOf(e.getMessage()), e);
        }
    }

    private static void require(boolean condition, String otherwise) throws InvalidMessageException {
        if (!condition) {
            throw new InvalidMessageException(Reason.MALFORMED, otherwise);
        }
    }
}
