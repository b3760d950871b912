package dev.kmsenvelope.tink;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.util.Arrays;

/**
 * Reads the fields of one message in Protocol Buffers' wire format, one after the other, where they stand.
 *
 * <pre>
 * message = (tag value)*         tag = varint of field number * 8 + wire type
 * value   = varint               wire type 0
 *         | byte[8]              wire type 1
 *         | length varint, bytes wire type 2
 *         | byte[4]              wire type 5
 * </pre>
 *
 * Fields that nobody asked for are skipped, as proto3 says. Stricter than that: groups are refused, and so are numbers of
 * more than 32 bits, and fields that stand more than once and are not repeated. No length is trusted before it was compared
 * with what is there. Not thread-safe.
 */
final class ProtoReader {

    static final int VARINT = 0;
    static final int LENGTH_DELIMITED = 2;

    private static final int FIXED_64 = 1;
    private static final int FIXED_32 = 5;
    private static final long MAX_UINT32 = 0xFFFF_FFFFL;
    private static final int MOST_REMEMBERED = 63;

    private final byte[] in;
    private final int end;
    private int at;
    private int field;
    private int wireType;
    private long seen;

    private ProtoReader(byte[] in, int offset, int length) {
        this.in = in;
        this.at = offset;
        this.end = offset + length;
    }

    /** Reads an array that is one message. */
    static ProtoReader of(byte[] message) {
        return new ProtoReader(message, 0, message.length);
    }

    /** Goes to the next field; false if there is none. Its value must be read or skipped before the next one. */
    boolean next() throws InvalidMessageException {
        if (at == end) {
            return false;
        }
        long tag = varint();
        field = (int) (tag >>> 3);
        wireType = (int) tag & 7;
        if (field == 0 || tag > MAX_UINT32) {
            throw malformed("a field number that there cannot be");
        }
        return true;
    }

    /** Whether this is a field that may stand any number of times. */
    boolean isRepeated(int number, int type) {
        return field == number && wireType == type;
    }

    /** Whether this is a field that may stand once. */
    boolean is(int number, int type) throws InvalidMessageException {
        if (!isRepeated(number, type)) {
            return false;
        }
        if (number > MOST_REMEMBERED || (seen & 1L << number) != 0) {
            throw malformed("field " + number + " more than once");
        }
        seen |= 1L << number;
        return true;
    }

    /** The value of a field of type uint32 or of an enumeration; what is above 2^31-1 comes out negative. */
    int uint32() throws InvalidMessageException {
        long value = varint();
        if (value < 0 || value > MAX_UINT32) {
            throw malformed("a number of more than 32 bits");
        }
        return (int) value;
    }

    /** A copy of the value of a field of type bytes or string. */
    byte[] bytes() throws InvalidMessageException {
        int length = length();
        at += length;
        return Arrays.copyOfRange(in, at - length, at);
    }

    /** What reads the value of a field that is a message itself. */
    ProtoReader message() throws InvalidMessageException {
        int length = length();
        at += length;
        return new ProtoReader(in, at - length, length);
    }

    /** Ignores the value. */
    void skip() throws InvalidMessageException {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED_64 -> skip(8);
            case LENGTH_DELIMITED -> skip(length());
            case FIXED_32 -> skip(4);
            default -> throw malformed("wire type " + wireType);
        }
    }

    private void skip(int length) throws InvalidMessageException {
        if (length > end - at) {
            throw malformed("a field that ends beyond its message");
        }
        at += length;
    }

    private int length() throws InvalidMessageException {
        long length = varint();
        if (length < 0 || length > end - at) {
            throw malformed("a field that ends beyond its message");
        }
        return (int) length;
    }

    private long varint() throws InvalidMessageException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == end) {
                throw malformed("a number that ends beyond its message");
            }
            byte next = in[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw malformed("a number of more than ten bytes");
    }

    static InvalidMessageException malformed(String what) {
        return new InvalidMessageException(Reason.MALFORMED, "a Protocol Buffers message with " + what);
    }
}
