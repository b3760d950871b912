package dev.kmsenvelope.engine;

/** An encryption context that leaves no room for the public key of a signed message. */
public final class ContextTooLongException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    ContextTooLongException(IllegalArgumentException cause) {
        super(cause.getMessage(), cause);
    }
}
