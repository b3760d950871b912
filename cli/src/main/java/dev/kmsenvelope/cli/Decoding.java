package dev.kmsenvelope.cli;

/**
 * Refuses arguments that Java could not decode. It puts one and the same character in the place of every byte that the
 * locale gives no meaning to, so different arguments become equal.
 */
final class Decoding {

    private static final char REPLACEMENT = '\uFFFD';

    private static final String ADVICE =
            " cannot be decoded in this locale; use a UTF-8 locale, as with LC_ALL=C.UTF-8";

    private Decoding() {}

    /**
     * Requires that a text is what the user gave.
     *
     * @param option where it comes from
     * @param alternative how to do without the locale, to end the error with, or nothing
     */
    static void require(String option, String text, String alternative) {
        if (text.indexOf(REPLACEMENT) >= 0 || text.codePoints().anyMatch(Decoding::isSurrogate)) {
            throw new UsageException(option + ": the argument" + ADVICE + alternative);
        }
    }

    private static boolean isSurrogate(int codePoint) {
        return Character.getType(codePoint) == Character.SURROGATE;
    }

    /** What to say of a name that no file can have. */
    static String ofFileName(String name, String reason) {
        return name.chars().allMatch(c -> c < 0x80)
                ? "'" + Text.oneLine(name) + "' is no file name: " + reason
                : "the file name" + ADVICE;
    }
}
