package dev.kmsenvelope.keystore.file;

import java.util.Base64;

/** Base64 (RFC 4648, section 4) with padding, in its one canonical form: other texts for the same bytes are refused. */
final class Base64Text {

    private Base64Text() {}

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /**
     * Decodes.
     *
     * @param text canonical base64
     * @param max the most bytes that it may stand for
     * @return the bytes
     * @throws IllegalArgumentException if it is longer, or not canonical
     */
    static byte[] decode(String text, int max) {
        StoreLimits.require(
                text.length() <= (max + 2L) / 3 * 4, text, "here base64 stands for at most " + max + " bytes");
        byte[] bytes = Base64.getDecoder().decode(text);
        StoreLimits.require(
                bytes.length <= max && encode(bytes).equals(text),
                text,
                "this is not canonical base64, or too much of it: at most " + max + " bytes");
        return bytes;
    }
}
