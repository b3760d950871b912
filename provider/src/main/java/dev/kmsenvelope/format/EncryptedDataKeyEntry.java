package dev.kmsenvelope.format;

import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptedDataKey;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * One encrypted data key entry of the AWS Encryption SDK message format.
 *
 * <pre>
 * entry = providerIdLength u16 | providerId (UTF-8) | providerInfoLength u16 | providerInfo
 *       | ciphertextLength u16 | ciphertext
 * </pre>
 *
 * Integers are big-endian.
 */
public final class EncryptedDataKeyEntry {

    private EncryptedDataKeyEntry() {}

    /**
     * How long an entry is.
     *
     * @param key what it holds
     * @return its length in bytes
     */
    public static int length(EncryptedDataKey key) {
        return key.serializedLength();
    }

    /**
     * Writes one entry.
     *
     * @param key what it holds
     * @param out where to, with at least {@link #length} bytes left
     */
    public static void write(EncryptedDataKey key, ByteBuffer out) {
        key.writeTo(out);
    }

    /**
     * One entry alone.
     *
     * @param key what it holds
     * @return its bytes
     */
    public static byte[] serialize(EncryptedDataKey key) {
        ByteBuffer out = ByteBuffer.allocate(length(key));
        write(key, out);
        return out.array();
    }

    /**
     * Reads one entry alone.
     *
     * @param bytes exactly one entry
     * @return what it holds
     * @throws InvalidMessageException if it is anything else
     */
    public static EncryptedDataKey parse(byte[] bytes) throws InvalidMessageException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        EncryptedDataKey key = read(in);
        if (in.hasRemaining()) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, in.remaining() + " bytes follow the encrypted data key entry");
        }
        return key;
    }

    /**
     * Reads one entry.
     *
     * @param in where from
     * @return what it holds
     * @throws InvalidMessageException if it is cut short or its provider id is not UTF-8
     */
    static EncryptedDataKey read(ByteBuffer in) throws InvalidMessageException {
        return new EncryptedDataKey(utf8(takeField(in)), takeField(in), takeField(in));
    }

    static byte[] takeField(ByteBuffer in) throws InvalidMessageException {
        int length = in.remaining() < 2 ? Integer.MAX_VALUE : Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw new InvalidMessageException(Reason.TRUNCATED, "a field is longer than what is left of the message");
        }
        byte[] field = new byte[length];
        in.get(field);
        return field;
    }

    static String utf8(byte[] bytes) throws InvalidMessageException {
        return isAscii(bytes) ? new String(bytes, StandardCharsets.US_ASCII) : decode(bytes);
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte one : bytes) {
            if (one < 0) {
                return false;
            }
        }
        return true;
    }

    private static String decode(byte[] bytes) throws InvalidMessageException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidMessageException(Reason.MALFORMED, "a text field is not valid UTF-8", e);
        }
    }
}
