package dev.kmsenvelope.format;

import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of an AWS Encryption SDK message, version 2.
 *
 * <pre>
 * header    = body | tag[16]
 * body      = 02 | suite u16 | messageId[32] | aad | edks | contentType u8 | frameLength u32 | commitment[32]
 * aad       = length u16 | ( nothing, if length is 0
 *                          | count u16 | (nameLength u16 | name | valueLength u16 | value){count} )
 * edks      = count u16 (at least 1) | entry{count}        see {@link EncryptedDataKeyEntry}
 * contentType = 01 not framed, frameLength is 0 | 02 framed, frameLength is at least 1
 * </pre>
 *
 * Integers are big-endian and unsigned; texts are UTF-8. No name stands twice. Names are written in ascending order of their
 * bytes and read in any: published messages have them in another one. The tag authenticates the body; {@link #withoutTag()}
 * are the bytes that it covers. Immutable; arrays are copied out.
 */
public final class MessageHeader {

    /** Length of a message id, in bytes. */
    public static final int MESSAGE_ID_LENGTH = 32;

    /** Length of the key commitment, in bytes. */
    public static final int COMMITMENT_LENGTH = 32;

    /** Length of the tag that ends the header, in bytes. */
    public static final int TAG_LENGTH = 16;

    static final int VERSION = 2;
    private static final int NOT_FRAMED = 1;
    private static final int FRAMED = 2;

    private final AlgorithmSuite suite;
    private final byte[] messageId;
    private final EncryptionContext context;
    private final List<EncryptedDataKey> encryptedDataKeys;
    private final int frameLength;
    private final byte[] commitment;
    private final byte[] bytes;
    private final int lengthWithoutTag;

    private MessageHeader(
            AlgorithmSuite suite,
            byte[] messageId,
            EncryptionContext context,
            List<EncryptedDataKey> encryptedDataKeys,
            int frameLength,
            byte[] commitment,
            byte[] bytes,
            int lengthWithoutTag) {
        this.suite = suite;
        this.messageId = messageId;
        this.context = context;
        this.encryptedDataKeys = List.copyOf(encryptedDataKeys);
        this.frameLength = frameLength;
        this.commitment = commitment;
        this.bytes = bytes;
        this.lengthWithoutTag = lengthWithoutTag;
    }

    /**
     * Makes the header of a framed message.
     *
     * @param suite a suite of message version 2
     * @param messageId 32 bytes that no other message has
     * @param context the encryption context
     * @param encryptedDataKeys at least one, at most 65535
     * @param frameLength plaintext bytes per frame, at least 1
     * @param commitment the key commitment, 32 bytes
     * @return the header
     */
    public static MessageHeader framed(
            AlgorithmSuite suite,
            byte[] messageId,
            EncryptionContext context,
            List<EncryptedDataKey> encryptedDataKeys,
            int frameLength,
            byte[] commitment) {
        byte[] bytes = new byte[length(context, encryptedDataKeys) - TAG_LENGTH];
        writeFramed(suite, messageId, context, encryptedDataKeys, frameLength, commitment, bytes, 0);
        return new MessageHeader(
                suite,
                messageId.clone(),
                context,
                encryptedDataKeys,
                frameLength,
                commitment.clone(),
                bytes,
                bytes.length);
    }

    /**
     * Writes the header of a framed message, without its tag.
     *
     * @param suite a suite of message version 2
     * @param messageId 32 bytes that no other message has
     * @param context the encryption context
     * @param encryptedDataKeys at least one, at most 65535
     * @param frameLength plaintext bytes per frame, at least 1
     * @param commitment the key commitment, 32 bytes
     * @param out receives {@link #length} - {@value #TAG_LENGTH} bytes
     * @param offset where to
     * @return how many bytes were written
     */
    public static int writeFramed(
            AlgorithmSuite suite,
            byte[] messageId,
            EncryptionContext context,
            List<EncryptedDataKey> encryptedDataKeys,
            int frameLength,
            byte[] commitment,
            byte[] out,
            int offset) {
        if (suite.messageVersion() != VERSION
                || messageId.length != MESSAGE_ID_LENGTH
                || encryptedDataKeys.isEmpty()
                || encryptedDataKeys.size() > 0xFFFF
                || frameLength < 1
                || commitment.length != COMMITMENT_LENGTH) {
            throw new IllegalArgumentException("not the fields of a header of version 2");
        }
        ByteBuffer buffer = ByteBuffer.wrap(out, offset, out.length - offset);
        buffer.put((byte) VERSION).putShort((short) suite.id()).put(messageId).putShort((short)
                context.serializedLength());
        context.writeTo(buffer);
        buffer.putShort((short) encryptedDataKeys.size());
        for (EncryptedDataKey key : encryptedDataKeys) {
            EncryptedDataKeyEntry.write(key, buffer);
        }
        buffer.put((byte) FRAMED).putInt(frameLength).put(commitment);
        return buffer.position() - offset;
    }

    /**
     * How long a header with these fields is, its tag included.
     *
     * @param context the encryption context
     * @param encryptedDataKeys the encrypted data keys
     * @return the length in bytes
     */
    public static int length(EncryptionContext context, List<EncryptedDataKey> encryptedDataKeys) {
        int entries = 0;
        for (EncryptedDataKey key : encryptedDataKeys) {
            entries += EncryptedDataKeyEntry.length(key);
        }
        return 1
                + 2
                + MESSAGE_ID_LENGTH
                + 2
                + context.serializedLength()
                + 2
                + entries
                + 1
                + 4
                + COMMITMENT_LENGTH
                + TAG_LENGTH;
    }

    /**
     * Reads a header, without its tag.
     *
     * @param withoutTag exactly the bytes that the tag covers; not copied
     * @return the header
     * @throws InvalidMessageException if the bytes are anything else
     */
    public static MessageHeader parse(byte[] withoutTag) throws InvalidMessageException {
        return parse(withoutTag, withoutTag.length);
    }

    /** The same, where the tag, or anything else, may follow; not copied. */
    static MessageHeader parse(byte[] bytes, int lengthWithoutTag) throws InvalidMessageException {
        ByteBuffer in = ByteBuffer.wrap(bytes, 0, lengthWithoutTag);
        require(in.remaining() >= 3 + MESSAGE_ID_LENGTH, "the header is too short");
        require(in.get() == VERSION, "not a message of version 2");
        int suiteId = Short.toUnsignedInt(in.getShort());
        AlgorithmSuite suite = AlgorithmSuite.ofVersion2(suiteId);
        if (suite == null) {
            throw HeaderScanner.unknownSuite(suiteId);
        }
        byte[] messageId = new byte[MESSAGE_ID_LENGTH];
        in.get(messageId);
        EncryptionContext context = parseContext(EncryptedDataKeyEntry.takeField(in));
        require(in.remaining() >= 2, "the header ends before its encrypted data keys");
        int count = Short.toUnsignedInt(in.getShort());
        require(count > 0, "a message has at least one encrypted data key, this one has none");
        List<EncryptedDataKey> keys = new ArrayList<>(Math.min(count, 16));
        for (int i = 0; i < count; i++) {
            keys.add(EncryptedDataKeyEntry.read(in));
        }
        require(in.remaining() == 1 + 4 + COMMITMENT_LENGTH, "the header has not the length that its fields say");
        int contentType = in.get();
        int frameLength = in.getInt();
        require(contentType == FRAMED || contentType == NOT_FRAMED, "the content type is neither 1 nor 2");
        require(
                (contentType == FRAMED) == (frameLength != 0),
                "a frame length goes with framed content, and only with that");
        if (frameLength < 0) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "frames of " + Integer.toUnsignedString(frameLength) + " bytes, too large for an array");
        }
        byte[] commitment = new byte[COMMITMENT_LENGTH];
        in.get(commitment);
        return new MessageHeader(suite, messageId, context, keys, frameLength, commitment, bytes, lengthWithoutTag);
    }

    /**
     * Reads the header, and no byte more, from the start of a message; its tag is skipped and not verified.
     *
     * @param in a message
     * @param limits what is accepted
     * @return the header
     * @throws InvalidMessageException if it is not a message, or beyond the limits
     * @throws IOException if reading fails
     */
    public static MessageHeader read(InputStream in, HeaderLimits limits) throws InvalidMessageException, IOException {
        HeaderScanner scanner = new HeaderScanner(limits);
        while (!scanner.isComplete()) {
            byte[] wanted = in.readNBytes(scanner.wanted());
            if (wanted.length < scanner.wanted()) {
                throw new InvalidMessageException(Reason.TRUNCATED, "the message ends within its header");
            }
            scanner.feed(wanted, 0, wanted.length);
        }
        return scanner.parse();
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

    /**
     * The algorithm suite.
     *
     * @return the suite
     */
    public AlgorithmSuite suite() {
        return suite;
    }

    /**
     * The message id.
     *
     * @return a copy
     */
    public byte[] messageId() {
        return messageId.clone();
    }

    /** The message id itself, which nobody changes. */
    byte[] sharedMessageId() {
        return messageId;
    }

    /**
     * The encryption context, which is not authenticated before the tag is verified.
     *
     * @return the context
     */
    public EncryptionContext context() {
        return context;
    }

    /**
     * The encrypted data keys.
     *
     * @return an unmodifiable list of at least one
     */
    public List<EncryptedDataKey> encryptedDataKeys() {
        return encryptedDataKeys;
    }

    /**
     * Whether the body consists of frames.
     *
     * @return false if it is one block
     */
    public boolean isFramed() {
        return frameLength != 0;
    }

    /**
     * Plaintext bytes per frame.
     *
     * @return at least 1, or 0 for a message that is not framed
     */
    public int frameLength() {
        return frameLength;
    }

    /**
     * Whether the key commitment is this one; takes as long for one that differs early as for one that differs late.
     *
     * @param expected what the data key and the message id give
     * @return whether they are equal
     */
    public boolean commitsTo(byte[] expected) {
        return MessageDigest.isEqual(commitment, expected);
    }

    /**
     * The bytes that the tag covers.
     *
     * @return a copy
     */
    public byte[] withoutTag() {
        return Arrays.copyOf(bytes, lengthWithoutTag);
    }

    /**
     * How many bytes the tag covers.
     *
     * @return the length of the header without its tag
     */
    public int lengthWithoutTag() {
        return lengthWithoutTag;
    }

    /**
     * The bytes that the tag covers, and possibly more behind them; not a copy.
     *
     * @return an array that starts with {@link #lengthWithoutTag} bytes of the header; must not be changed
     */
    public byte[] shared() {
        return bytes;
    }
}
