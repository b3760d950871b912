package dev.kmsenvelope.kms;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Names and values that are bound to an encryption: the same ones are needed to decrypt. They are not secret: they stand
 * in the message, and in the audit log of the service.
 *
 * <p>Serialized as the AWS Encryption SDK does it:
 *
 * <pre>
 * empty:      no bytes
 * otherwise:  count u16 | (nameLength u16 | name | valueLength u16 | value)*
 * </pre>
 *
 * sorted by the UTF-8 bytes of the names, integers big-endian. Immutable and thread-safe; the serialized form is made
 * once. {@link #toString()} tells names only, because values do not belong in logs.
 */
public final class EncryptionContext {

    /** The most bytes that a name, a value, or the whole serialized context may have, as in the AWS Encryption SDK for Java. */
    public static final int MAX_LENGTH = 32767;

    /** Names with this prefix belong to the message format; callers may not use them. */
    public static final String RESERVED_PREFIX = "aws-crypto-";

    /** Marks the layers of a dual-layer message, as {@code outer} or {@code inner}; callers may not use it. */
    public static final String LAYER_NAME = "kms-envelope-layer";

    private static final EncryptionContext EMPTY = new EncryptionContext(Map.of(), new byte[0]);

    /** Null until somebody asks; threads that do so at the same time make equal ones. */
    private volatile @Nullable Map<String, String> pairs;

    private final byte[] serialized;
    private final int hash;

    private EncryptionContext(@Nullable Map<String, String> pairs, byte[] serialized) {
        this.pairs = pairs;
        this.serialized = serialized;
        this.hash = Arrays.hashCode(serialized);
    }

    /**
     * The context without any pair.
     *
     * @return the empty context
     */
    public static EncryptionContext empty() {
        return EMPTY;
    }

    /**
     * Makes a context from a caller's pairs.
     *
     * @param pairs names and values; copied
     * @return the context
     * @throws IllegalArgumentException if a name or value is empty, is not valid Unicode, or is too long, if the whole is
     *     longer than {@link #MAX_LENGTH} bytes, or if a name starts with {@link #RESERVED_PREFIX} or is {@link #LAYER_NAME}
     */
    public static EncryptionContext of(Map<String, String> pairs) {
        for (String name : pairs.keySet()) {
            if (name.startsWith(RESERVED_PREFIX)) {
                throw new IllegalArgumentException("names that start with " + RESERVED_PREFIX + " are reserved");
            }
            if (name.equals(LAYER_NAME)) {
                throw new IllegalArgumentException("the name " + LAYER_NAME + " is reserved");
            }
        }
        return ofMessage(pairs);
    }

    /**
     * Makes a context from pairs that stand in a message, where reserved names are allowed.
     *
     * @param pairs names and values; copied
     * @return the context
     * @throws IllegalArgumentException as {@link #of}, but for reserved names
     */
    public static EncryptionContext ofMessage(Map<String, String> pairs) {
        if (pairs.isEmpty()) {
            return EMPTY;
        }
        TreeMap<byte[], byte[]> sorted = new TreeMap<>(Arrays::compareUnsigned);
        pairs.forEach((name, value) -> sorted.put(encode(name), encode(value)));
        int length = 2;
        for (Map.Entry<byte[], byte[]> pair : sorted.entrySet()) {
            length += 4 + pair.getKey().length + pair.getValue().length;
            if (length > MAX_LENGTH) {
                throw new IllegalArgumentException(
                        "an encryption context has at most " + MAX_LENGTH + " bytes in its serialized form");
            }
        }
        ByteBuffer out = ByteBuffer.allocate(length).putShort((short) sorted.size());
        sorted.forEach((name, value) -> out.putShort((short) name.length)
                .put(name)
                .putShort((short) value.length)
                .put(value));
        Map<String, String> copy = new LinkedHashMap<>();
        sorted.forEach((name, value) ->
                copy.put(new String(name, StandardCharsets.UTF_8), new String(value, StandardCharsets.UTF_8)));
        return new EncryptionContext(Collections.unmodifiableMap(copy), out.array());
    }

    /**
     * Recognizes the serialized form of a context, if it is as this class writes it and all in ASCII: which takes less than
     * to read one that may be in any order.
     *
     * @param serialized the bytes; copied
     * @return the context, in which reserved names are allowed; or null if the bytes are anything else, right or wrong
     */
    public static @Nullable EncryptionContext ofWritten(byte[] serialized) {
        if (serialized.length == 0) {
            return EMPTY;
        }
        return isWritten(serialized) ? new EncryptionContext(null, serialized.clone()) : null;
    }

    private static boolean isWritten(byte[] bytes) {
        if (bytes.length < 2 || bytes.length > MAX_LENGTH) {
            return false;
        }
        int count = u16(bytes, 0);
        int at = 2;
        int lastName = 0;
        int lastNameEnd = 0;
        for (int i = 0; i < count; i++) {
            int name = at + 2;
            int nameEnd = fieldEnd(bytes, at);
            int valueEnd = nameEnd < 0 ? -1 : fieldEnd(bytes, nameEnd);
            if (valueEnd < 0 || Arrays.compareUnsigned(bytes, lastName, lastNameEnd, bytes, name, nameEnd) >= 0) {
                return false;
            }
            lastName = name;
            lastNameEnd = nameEnd;
            at = valueEnd;
        }
        return count > 0 && at == bytes.length;
    }

    /** Where a field that starts with its length ends; -1 if it is empty, cut short, or not ASCII. */
    private static int fieldEnd(byte[] bytes, int at) {
        if (bytes.length - at < 2) {
            return -1;
        }
        int end = at + 2 + u16(bytes, at);
        if (end == at + 2 || end > bytes.length) {
            return -1;
        }
        for (int i = at + 2; i < end; i++) {
            if (bytes[i] < 0) {
                return -1;
            }
        }
        return end;
    }

    private static int u16(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) << 8 | (bytes[at + 1] & 0xFF);
    }

    private static Map<String, String> read(byte[] serialized) {
        ByteBuffer in = ByteBuffer.wrap(serialized);
        int count = Short.toUnsignedInt(in.getShort());
        Map<String, String> pairs = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            pairs.put(readField(in), readField(in));
        }
        return Collections.unmodifiableMap(pairs);
    }

    private static String readField(ByteBuffer in) {
        byte[] field = new byte[Short.toUnsignedInt(in.getShort())];
        in.get(field);
        return new String(field, StandardCharsets.US_ASCII);
    }

    private static byte[] encode(String text) {
        try {
            ByteBuffer bytes = StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(text));
            if (bytes.remaining() == 0 || bytes.remaining() > MAX_LENGTH) {
                throw new IllegalArgumentException(
                        "a name or value in an encryption context has 1 to " + MAX_LENGTH + " bytes");
            }
            byte[] encoded = new byte[bytes.remaining()];
            bytes.get(encoded);
            return encoded;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("a name or value in an encryption context is not valid Unicode", e);
        }
    }

    /**
     * The names and values.
     *
     * @return an unmodifiable map, in the order of the serialized form
     */
    public Map<String, String> asMap() {
        Map<String, String> known = pairs;
        if (known == null) {
            known = read(serialized);
            pairs = known;
        }
        return known;
    }

    /**
     * Tells whether there is no pair.
     *
     * @return true for the empty context
     */
    public boolean isEmpty() {
        return serialized.length == 0;
    }

    /**
     * Tells whether every pair of another context stands in this one with the same value.
     *
     * @param required the pairs to look for
     * @return true if none is missing or different
     */
    public boolean containsAll(EncryptionContext required) {
        return required.isEmpty()
                || equals(required)
                || asMap().entrySet().containsAll(required.asMap().entrySet());
    }

    /**
     * Tells whether there is a pair of a given name.
     *
     * @param name 1 or more ASCII characters
     * @return true if there is
     */
    public boolean containsName(String name) {
        byte[] wanted = name.getBytes(StandardCharsets.US_ASCII);
        for (int at = 2; at < serialized.length; ) {
            int end = at + 2 + u16(serialized, at);
            if (Arrays.equals(serialized, at + 2, end, wanted, 0, wanted.length)) {
                return true;
            }
            at = end + 2 + u16(serialized, end);
        }
        return false;
    }

    /**
     * This context with the pairs of another one added.
     *
     * @param more what to add
     * @return the union
     * @throws IllegalArgumentException if both have a name with different values, or the union is too long
     */
    public EncryptionContext plus(EncryptionContext more) {
        if (more.isEmpty() || equals(more)) {
            return this;
        }
        if (isEmpty()) {
            return more;
        }
        Map<String, String> union = new LinkedHashMap<>(asMap());
        more.asMap().forEach((name, value) -> {
            String before = union.put(name, value);
            if (before != null && !before.equals(value)) {
                throw new IllegalArgumentException(
                        "the encryption context has two different values for the name '" + name + "'");
            }
        });
        return ofMessage(union);
    }

    /**
     * The serialized form, as described above.
     *
     * @return a copy; no bytes for the empty context
     */
    public byte[] serialize() {
        return serialized.clone();
    }

    /**
     * Writes the serialized form.
     *
     * @param out where to, with at least {@link #serializedLength} bytes left
     */
    public void writeTo(ByteBuffer out) {
        out.put(serialized);
    }

    /**
     * How long the serialized form is.
     *
     * @return 0 to {@link #MAX_LENGTH} bytes
     */
    public int serializedLength() {
        return serialized.length;
    }

    @Override
    public boolean equals(Object other) {
        return this == other || (other instanceof EncryptionContext that && Arrays.equals(serialized, that.serialized));
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return "EncryptionContext" + asMap().keySet();
    }
}
