package dev.kmsenvelope.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * A wrapped key as a file holds it: its bytes, or their base64 as text, on one line or several. Which one it is, is seen:
 * wrapped keys of AWS KMS start with the byte 01, those of the other services with 00, which text does not.
 *
 * @param wrapped the bytes
 * @param lineLength characters per line of the text, or 0 if the file is not text
 * @param lineEnd what ends a line of the text
 * @param endsWithLine whether the last line is ended
 */
record WrappedKeyFile(byte[] wrapped, int lineLength, String lineEnd, boolean endsWithLine) {

    private static final int MAX_LENGTH = 512 * 1024;

    static WrappedKeyFile read(InputStream in) throws IOException {
        byte[] content = in.readNBytes(MAX_LENGTH + 1);
        if (content.length == 0 || content.length > MAX_LENGTH) {
            throw new UsageException("a file with a wrapped key has 1 to " + MAX_LENGTH + " bytes");
        }
        WrappedKeyFile text = ofText(new String(content, StandardCharsets.ISO_8859_1));
        return text != null ? text : new WrappedKeyFile(content, 0, "", false);
    }

    private static @Nullable WrappedKeyFile ofText(String text) {
        String lineEnd = text.contains("\r\n") ? "\r\n" : "\n";
        String body = text.endsWith(lineEnd) ? text.substring(0, text.length() - lineEnd.length()) : text;
        int firstLine = body.indexOf(lineEnd);
        try {
            byte[] decoded = Base64.getDecoder().decode(body.replace(lineEnd, ""));
            return decoded.length == 0
                    ? null
                    : new WrappedKeyFile(
                            decoded,
                            firstLine < 0 ? Integer.MAX_VALUE : firstLine,
                            lineEnd,
                            body.length() < text.length());
        } catch (IllegalArgumentException e) {
            return null; // Not base64, so the bytes themselves.
        }
    }

    /** Other bytes in the form of this file. */
    byte[] with(byte[] newlyWrapped) {
        if (lineLength == 0) {
            return newlyWrapped;
        }
        String text = Base64.getEncoder().encodeToString(newlyWrapped);
        StringBuilder out = new StringBuilder(text.length() + 2);
        for (int at = 0; at < text.length(); ) {
            int end = at + Math.min(lineLength, text.length() - at);
            out.append(at == 0 ? "" : lineEnd).append(text, at, end);
            at = end;
        }
        return out.append(endsWithLine ? lineEnd : "").toString().getBytes(StandardCharsets.ISO_8859_1);
    }
}
