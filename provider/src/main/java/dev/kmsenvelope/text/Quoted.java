package dev.kmsenvelope.text;

/**
 * Text that anybody may have written, made fit for an error text: short, and printable ASCII. So what stands in a file, a table
 * or a message can neither feign lines of a log nor control a terminal.
 */
public final class Quoted {

    private static final int MAX_NAME = 60;
    private static final int MAX_SENTENCE = 200;

    private Quoted() {}

    /**
     * A name, in quotes.
     *
     * @param text what anybody may have written
     * @return at most 60 characters of it, each that is not printable ASCII as an escape, with dots if there are more
     */
    public static String of(String text) {
        return "'" + printable(text, MAX_NAME) + "'";
    }

    /**
     * The name of a key, which may be an ARN, in quotes.
     *
     * @param text what anybody may have written
     * @return as {@link #of}, with at most 200 characters of it
     */
    public static String key(String text) {
        return "'" + printable(text, MAX_SENTENCE) + "'";
    }

    /**
     * A sentence that may have such text in it.
     *
     * @param text what anybody may have written a part of
     * @return as {@link #of}, with at most 200 characters of it, without quotes
     */
    public static String sentence(String text) {
        return printable(text, MAX_SENTENCE);
    }

    private static String printable(String text, int max) {
        StringBuilder printable = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), max); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                printable.append(String.format("\\u%04x", (int) c));
            } else {
                printable.append(c);
            }
        }
        return printable.append(text.length() > max ? "..." : "").toString();
    }
}
