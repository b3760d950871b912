package dev.kmsenvelope.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A new message and, where it cannot be read without one, the file beside it. They appear when both are complete, the one beside
 * it first, so that there is never a message without. What is closed without {@link #commit} leaves neither.
 */
final class NewFiles implements Closeable {

    private final Output message;
    private final @Nullable Output companion;
    private final @Nullable Path toDelete;

    private NewFiles(Output message, @Nullable Output companion, @Nullable Path toDelete) {
        this.message = message;
        this.companion = companion;
        this.toDelete = toDelete;
    }

    /**
     * Opens both.
     *
     * @param message where the message goes; closed with this
     * @param stdio for standard output
     * @param companion the file beside it, or null for none
     * @param force whether that file may be replaced
     */
    static NewFiles open(Output message, Stdio stdio, @Nullable Path companion, boolean force) throws IOException {
        boolean opened = false;
        try {
            boolean isNew = companion != null && !Files.exists(companion);
            NewFiles files = new NewFiles(
                    message,
                    companion == null ? null : Output.open(stdio, companion, force, false),
                    isNew ? companion : null);
            opened = true;
            return files;
        } finally {
            if (!opened) {
                message.close();
            }
        }
    }

    OutputStream stream() {
        return message.stream();
    }

    /** Writes the file beside the message. */
    void writeCompanion(byte[] content) throws IOException {
        if (companion == null) {
            throw new IllegalStateException("there is no file beside the message");
        }
        companion.stream().write(content);
    }

    void commit() throws IOException {
        if (companion == null) {
            message.commit();
            return;
        }
        companion.commit();
        boolean complete = false;
        try {
            message.commit();
            complete = true;
        } finally {
            if (!complete && toDelete != null) {
                Files.deleteIfExists(toDelete);
            }
        }
    }

    @Override
    public void close() throws IOException {
        try {
            if (companion != null) {
                companion.close();
            }
        } finally {
            message.close();
        }
    }
}
