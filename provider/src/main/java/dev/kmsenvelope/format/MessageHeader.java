package dev.kmsenvelope.format;

import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * The header of an AWS Encryption SDK message.
 *
 * <pre>
 * header    = version 1 | version 2
 * version 2 = 02 | suite u16 | messageId[32] | aad | edks | contentType u8 | frameLength u32 | commitment[32] | tag[16]
 * version 1 = 01 | 80 | suite u16 | messageId[16] | aad | edks | contentType u8 | 00000000 | 0C | frameLength u32
 *           | iv[12] | tag[16]
 * aad       = length u16 | ( nothing, if length is 0
 *                          | count u16 | (nameLength u16 | name | valueLength u16 | value){count} )
 * edks      = count u16 (at least 1) | entry{count}        see {@link EncryptedDataKeyEntry}
 * contentType = 01 not framed, frameLength is 0 | 02 framed, frameLength is at least 1
 * </pre>
 *
 * Integers are big-endian and unsigned; texts are UTF-8. No name stands twice. Names are written in ascending order of their
 * bytes and read in any: published messages have them in another one. The tag authenticates all that precedes it, but for
 * the IV of version 1, which is its nonce: {@link #coveredLength()} bytes. In version 2 the nonce is zero, and so it is in
 * what this library writes in version 1. Immutable; arrays are copied out.
 */
public final class MessageHeader {

    /** Length of a message id in version 2, in bytes. */
    public static final int MESSAGE_ID_LENGTH = 32;

    /** Length of the key commitment, in bytes. */
    public static final int COMMITMENT_LENGTH = 32;

    /** Length of the tag that ends the header, in bytes. */
    public static final int TAG_LENGTH = 16;

    /** Length of the nonce of the tag, in bytes. */
    public static final int IV_LENGTH = 12;

    static final int MESSAGE_ID_LENGTH_1 = 16;
    static final int VERSION = 2;
    static final int VERSION_1 = 1;
    static final int TYPE_1 = 0x80;
    static final int NOT_FRAMED = 1;
    static final int FRAMED = 2;

    private final AlgorithmSuite suite;
    private final byte[] messageId;
    private final EncryptionContext context;
    private final List<EncryptedDataKey> encryptedDataKeys;
    private final int frameLength;
    private final byte[] commitment;
    private final byte[] iv;
    private final byte[] bytes;
    private final int lengthWithoutTag;

    /** Takes what it is given; nothing is copied but the list. */
    MessageHeader(
            AlgorithmSuite suite,
            byte[] messageId,
            EncryptionContext context,
            List<EncryptedDataKey> encryptedDataKeys,
            int frameLength,
            byte[] commitment,
            byte[] iv,
            byte[] bytes,
            int lengthWithoutTag) {
        this.suite = suite;
        this.messageId = messageId;
        this.context = context;
        this.encryptedDataKeys = List.copyOf(encryptedDataKeys);
        this.frameLength = frameLength;
        this.commitment = commitment;
        this.iv = iv;
        this.bytes = bytes;
        this.lengthWithoutTag = lengthWithoutTag;
    }

    /** How long what precedes the encryption context is, and the length of that. */
    static int startLength(int version) {
        return version == VERSION_1 ? 1 + 1 + 2 + MESSAGE_ID_LENGTH_1 + 2 : 1 + 2 + MESSAGE_ID_LENGTH + 2;
    }

    /** How long what follows the encrypted data keys is. */
    static int endLength(int version) {
        return beforeFrameLength(version) + 4 + (version == VERSION_1 ? IV_LENGTH : COMMITMENT_LENGTH) + TAG_LENGTH;
    }

    /** How much of that precedes the frame length. */
    static int beforeFrameLength(int version) {
        return version == VERSION_1 ? 1 + 4 + 1 : 1;
    }

    /**
     * Makes the header of a framed message.
     *
     * @param suite the algorithm suite
     * @param messageId as many bytes as the suite says, which no other message has
     * @param context the encryption context
     * @param encryptedDataKeys at least one, at most 65535
     * @param frameLength plaintext bytes per frame, at least 1
     * @param commitment the key commitment, 32 bytes; none in version 1
     * @return the header
     */
    public static MessageHeader framed(
            AlgorithmSuite suite,
            byte[] messageId,
            EncryptionContext context,
            List<EncryptedDataKey> encryptedDataKeys,
            int frameLength,
            byte[] commitment) {
        byte[] bytes = new byte[length(suite, context, encryptedDataKeys) - TAG_LENGTH];
        writeFramed(suite, messageId, context, encryptedDataKeys, frameLength, commitment, bytes, 0);
        return new MessageHeader(
                suite,
                messageId.clone(),
                context,
                encryptedDataKeys,
                frameLength,
                commitment.clone(),
                new byte[IV_LENGTH],
                bytes,
                bytes.length);
    }

    /**
     * Writes the header of a framed message, without its tag.
     *
     * @param suite the algorithm suite
     * @param messageId as many bytes as the suite says, which no other message has
     * @param context the encryption context
     * @param encryptedDataKeys at least one, at most 65535
     * @param frameLength plaintext bytes per frame, at least 1
     * @param commitment the key commitment, 32 bytes; none in version 1
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
        boolean first = suite.messageVersion() == VERSION_1;
        if (messageId.length != suite.messageIdLength()
                || encryptedDataKeys.isEmpty()
                || encryptedDataKeys.size() > 0xFFFF
                || frameLength < 1
                || commitment.length != (first ? 0 : COMMITMENT_LENGTH)) {
            throw new IllegalArgumentException("not the fields of a header of version " + suite.messageVersion());
        }
        ByteBuffer buffer = ByteBuffer.wrap(out, offset, out.length - offset);
        buffer.put((byte) suite.messageVersion());
        if (first) {
            buffer.put((byte) TYPE_1);
        }
        buffer.putShort((short) suite.id()).put(messageId).putShort((short) context.serializedLength());
        context.writeTo(buffer);
        buffer.putShort((short) encryptedDataKeys.size());
        for (EncryptedDataKey key : encryptedDataKeys) {
            EncryptedDataKeyEntry.write(key, buffer);
        }
        buffer.put((byte) FRAMED);
        if (first) {
            buffer.putInt(0).put((byte) IV_LENGTH).putInt(frameLength).put(new byte[IV_LENGTH]);
        } else {
            buffer.putInt(frameLength).put(commitment);
        }
        return buffer.position() - offset;
    }

    /**
     * How long a header with these fields is, its tag included.
     *
     * @param suite the algorithm suite
     * @param context the encryption context
     * @param encryptedDataKeys the encrypted data keys
     * @return the length in bytes
     */
    public static int length(
            AlgorithmSuite suite, EncryptionContext context, List<EncryptedDataKey> encryptedDataKeys) {
        int entries = 0;
        for (EncryptedDataKey key : encryptedDataKeys) {
            entries += EncryptedDataKeyEntry.length(key);
        }
        int version = suite.messageVersion();
        return startLength(version) + context.serializedLength() + 2 + entries + endLength(version);
    }

    /**
     * Reads a header, without its tag.
     *
     * @param withoutTag exactly what precedes the tag; not copied
     * @return the header
     * @throws InvalidMessageException if the bytes are anything else
     */
    public static MessageHeader parse(byte[] withoutTag) throws InvalidMessageException {
        return HeaderParser.parse(withoutTag, withoutTag.length);
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
     * Whether the key commitment is this one (that of no bytes, in version 1); takes as long for one that differs early as for
     * one that differs late.
     *
     * @param expected what the data key and the message id give
     * @return whether they are equal
     */
    public boolean commitsTo(byte[] expected) {
        return MessageDigest.isEqual(commitment, expected);
    }

    /**
     * The nonce of the tag.
     *
     * @return 12 bytes: in version 2, zeros; must not be changed
     */
    public byte[] sharedIv() {
        return iv;
    }

    /**
     * What precedes the tag.
     *
     * @return a copy
     */
    public byte[] withoutTag() {
        return Arrays.copyOf(bytes, lengthWithoutTag);
    }

    /**
     * How long the header is, its tag included.
     *
     * @return the length in bytes
     */
    public int length() {
        return lengthWithoutTag + TAG_LENGTH;
    }

    /**
     * How many bytes the tag covers.
     *
     * @return the length of the header without its tag and, in version 1, without the tag's nonce
     */
    public int coveredLength() {
        return suite.messageVersion() == VERSION_1 ? lengthWithoutTag - IV_LENGTH : lengthWithoutTag;
    }

    /**
     * The bytes that the tag covers, and possibly more behind them; not a copy.
     *
     * @return an array that starts with {@link #coveredLength} bytes of the header; must not be changed
     */
    public byte[] shared() {
        return bytes;
    }
}
