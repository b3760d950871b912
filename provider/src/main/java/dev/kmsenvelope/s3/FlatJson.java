package dev.kmsenvelope.s3;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * JSON objects (RFC 8259) whose values are all texts: what the encryption context and an instruction file are. Anything else
 * is refused: other values, a name that is there twice, anything behind the object. Written in ASCII, since user metadata in
 * other characters does not come back from S3 as it was.
 */
public final class FlatJson {

    private static final String WHITESPACE = " \t\r\n";

    private final String text;
    private int at;

    private FlatJson(String text) {
        this.text = text;
    }

    /**
     * Writes an object.
     *
     * @param pairs names and values, in this order
     * @return its JSON, all in ASCII
     */
    public static String write(Map<String, String> pairs) {
        StringBuilder out = new StringBuilder("{");
        pairs.forEach((name, value) -> {
            if (out.length() > 1) {
                out.append(',');
            }
            quote(name, out);
            out.append(':');
            quote(value, out);
        });
        return out.append('}').toString();
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    /**
     * Reads an object.
     *
     * @param text its JSON; the caller has limited its length
     * @return names and values
     * @throws InvalidMessageException if it is anything else
     */
    public static Map<String, String> read(String text) throws InvalidMessageException {
        FlatJson json = new FlatJson(text);
        Map<String, String> pairs = json.object();
        json.skipWhitespace();
        if (json.at != text.length()) {
            throw json.malformed("something follows the object");
        }
        return pairs;
    }

    private Map<String, String> object() throws InvalidMessageException {
        Map<String, String> pairs = new LinkedHashMap<>();
        expect('{');
        if (comes('}')) {
            return pairs;
        }
        do {
            String name = string();
            expect(':');
            if (pairs.put(name, string()) != null) {
                throw malformed("a name is there twice");
            }
        } while (comes(','));
        expect('}');
        return pairs;
    }

    private String string() throws InvalidMessageException {
        expect('"');
        StringBuilder value = new StringBuilder();
        for (char c = next(); c != '"'; c = next()) {
            if (c < ' ') {
                throw malformed("a control character in a text");
            }
            value.append(c == '\\' ? escaped() : c);
        }
        return value.toString();
    }

    private char escaped() throws InvalidMessageException {
        char c = next();
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> codeUnit();
            default -> throw malformed("an unknown escape");
        };
    }

    private char codeUnit() throws InvalidMessageException {
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            char c = next();
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw malformed("no hexadecimal digit where there must be one");
            }
            unit = unit << 4 | digit;
        }
        return (char) unit;
    }

    private char next() throws InvalidMessageException {
        if (at == text.length()) {
            throw malformed("it breaks off");
        }
        return text.charAt(at++);
    }

    private void skipWhitespace() {
        while (at < text.length() && WHITESPACE.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private boolean comes(char wanted) {
        skipWhitespace();
        if (at == text.length() || text.charAt(at) != wanted) {
            return false;
        }
        at++;
        return true;
    }

    private void expect(char wanted) throws InvalidMessageException {
        if (!comes(wanted)) {
            throw malformed("no " + wanted + " where there must be one");
        }
    }

    private InvalidMessageException malformed(String what) {
        return new InvalidMessageException(
                Reason.MALFORMED, "not a JSON object of texts: " + what + ", at character " + at);
    }
}
