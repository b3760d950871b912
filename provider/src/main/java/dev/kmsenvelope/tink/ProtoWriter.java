package dev.kmsenvelope.tink;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a message in Protocol Buffers' wire format, in an array that it wipes when it grows or is closed. Not thread-safe.
 */
final class ProtoWriter implements AutoCloseable {

    private static final int INITIAL = 256;

    private byte[] out = new byte[INITIAL];
    private int length;

    /** A field of type uint32 or of an enumeration; zero is left out, as proto3 says. */
    ProtoWriter uint32(int field, int value) {
        if (value != 0) {
            varint(field << 3 | ProtoReader.VARINT);
            varint(Integer.toUnsignedLong(value));
        }
        return this;
    }

    /** A field of type bytes, or a message in it. */
    ProtoWriter bytes(int field, byte[] value) {
        varint(field << 3 | ProtoReader.LENGTH_DELIMITED);
        varint(value.length);
        for (byte next : value) {
            put(next);
        }
        return this;
    }

    /** A field of type string. */
    ProtoWriter string(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A copy of the message so far. */
    byte[] toByteArray() {
        return Arrays.copyOf(out, length);
    }

    private void varint(long value) {
        long rest = value;
        while (rest > 0x7F) {
            put((byte) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        put((byte) rest);
    }

    private void put(byte value) {
        if (length == out.length) {
            byte[] old = out;
            out = Arrays.copyOf(old, 2 * old.length);
            Arrays.fill(old, (byte) 0);
        }
        out[length++] = value;
    }

    @Override
    public void close() {
        Arrays.fill(out, (byte) 0);
    }
}
