package dev.kmsenvelope.keystore.file;

/** Text of a file that anybody may have written, made fit for an error text: short, printable ASCII, in quotes. */
final class Quoted {

    private static final int MAX_LENGTH = 60;

    private Quoted() {}

    static String of(String text) {
        StringBuilder quoted = new StringBuilder("'");
        for (int i = 0; i < Math.min(text.length(), MAX_LENGTH); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append(text.length() > MAX_LENGTH ? "...'" : "'").toString();
    }
}
