package dev.kmsenvelope.cli;

import java.util.ArrayList;
import java.util.List;

/** Text for people, of which parts come from files that anybody may have written. */
public final class Text {

    private Text() {}

    /**
     * Makes characters visible that a terminal would act on, or that would make a line look like another one.
     *
     * @param untrusted any text
     * @return the same, with such characters and backslashes as in a Java string
     */
    public static String escape(String untrusted) {
        StringBuilder out = new StringBuilder(untrusted.length());
        untrusted.codePoints().forEach(c -> {
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (isHarmless(c)) {
                        out.appendCodePoint(c);
                    } else {
                        appendUnicode(out, c);
                    }
                }
            }
        });
        return out.toString();
    }

    /**
     * Does the same to a text that is one of ours as a whole, where a backslash may be part of a file name.
     *
     * @param message an error text
     * @return one line
     */
    public static String oneLine(String message) {
        StringBuilder out = new StringBuilder(message.length());
        message.codePoints().forEach(c -> {
            if (isHarmless(c)) {
                out.appendCodePoint(c);
            } else if (c == '\n' || c == '\r' || c == '\t') {
                out.append(' ');
            } else {
                appendUnicode(out, c);
            }
        });
        return out.toString().strip();
    }

    /**
     * Lays cells out in columns that are as wide as their widest cell.
     *
     * @param rows all with the same number of cells; what is not ours in them was escaped
     * @return a line for each row
     */
    public static List<String> table(List<List<String>> rows) {
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                int column = i;
                int width = rows.stream()
                        .mapToInt(each -> each.get(column).length())
                        .max()
                        .orElse(0);
                line.append(row.get(i)).append(" ".repeat(width - row.get(i).length() + 2));
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    /** What JSON lets pass but terminals act on: it stands in strings only, where an escape means the same. */
    static String escapeJson(String document) {
        StringBuilder out = new StringBuilder(document.length());
        document.codePoints().forEach(c -> {
            if (c == '\n' || isHarmless(c)) {
                out.appendCodePoint(c);
            } else {
                appendUnicode(out, c);
            }
        });
        return out.toString();
    }

    private static boolean isHarmless(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    private static void appendUnicode(StringBuilder out, int codePoint) {
        for (char c : Character.toChars(codePoint)) {
            out.append(String.format("\\u%04x", (int) c));
        }
    }
}
