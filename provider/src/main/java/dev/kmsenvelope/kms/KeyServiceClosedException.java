package dev.kmsenvelope.kms;

/** A key service, or a handle to one of its keys, was used after the service was closed, or after everything was shut down. */
public final class KeyServiceClosedException extends IllegalStateException {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was closed
     */
    public KeyServiceClosedException(String message) {
        super(message);
    }
}
