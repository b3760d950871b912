package dev.kmsenvelope.cli;

/** The command line asks for something that cannot be. */
public final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message one line that says what would be right
     */
    public UsageException(String message) {
        super(message);
    }
}
