package dev.kmsenvelope.keystore.file;

/** Text that anybody may have written, made fit for an error text: short, and printable ASCII. */
public final class Quoted {

    private static final int MAX_NAME = 60;
    private static final int MAX_SENTENCE = 200;

    private Quoted() {}

    /**
     * A name, in quotes.
     *
     * @param text the name
     * @return its first 60 characters, those that are not printable ASCII as in Java source
     */
    public static String of(String text) {
        return "'" + printable(text, MAX_NAME) + "'";
    }

    /** A sentence that may have such text in it. */
    static String sentence(String text) {
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
