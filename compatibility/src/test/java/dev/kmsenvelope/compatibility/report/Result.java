package dev.kmsenvelope.compatibility.report;

/** How a program gets on with a key. */
enum Result {
    UNMODIFIED("works unmodified"),
    ONE_SETTING("works with one setting"),
    CANNOT("cannot");

    private final String text;

    Result(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
