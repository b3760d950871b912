package dev.kmsenvelope.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Puts bytes together as the grammar of a format prints them, without help from the code under test. */
public final class Grammar {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    public Grammar u8(int value) {
        out.write(value);
        return this;
    }

    public Grammar u16(int value) {
        return u8(value >> 8).u8(value);
    }

    public Grammar u32(long value) {
        return u16((int) (value >> 16)).u16((int) value);
    }

    public Grammar u64(long value) {
        return u32(value >> 32).u32(value);
    }

    public Grammar hex(String hex) {
        return bytes(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    public Grammar bytes(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public Grammar text(String text) {
        return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A 16-bit length and that many bytes. */
    public Grammar field(byte... bytes) {
        return u16(bytes.length).bytes(bytes);
    }

    public Grammar field(String text) {
        return field(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Two fields for each pair. */
    public Grammar pairs(String... namesAndValues) {
        for (String text : namesAndValues) {
            field(text);
        }
        return this;
    }

    public byte[] done() {
        return out.toByteArray();
    }

    public static byte[] join(byte[]... pieces) {
        Grammar all = new Grammar();
        for (byte[] piece : pieces) {
            all.bytes(piece);
        }
        return all.done();
    }

    /** The IV that writers give to a frame. */
    public static byte[] writersIv(long sequence) {
        return ByteBuffer.allocate(12).putLong(0).putInt((int) sequence).array();
    }
}
