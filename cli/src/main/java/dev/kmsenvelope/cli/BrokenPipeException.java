package dev.kmsenvelope.cli;

import java.io.IOException;

/** Whoever reads our output stopped reading, which is his right: it is reported by the exit code only. */
final class BrokenPipeException extends IOException {

    private static final long serialVersionUID = 1L;

    BrokenPipeException(IOException cause) {
        super("nobody reads the output any more", cause);
    }
}
