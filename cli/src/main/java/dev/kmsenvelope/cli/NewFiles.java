package dev.kmsenvelope.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A new message and, where it cannot be read without one, the file beside it. They appear when both are complete, the one beside
 * it first, so that there is never a message without. What is closed without {@link #commit} leaves neither, and what fails in
 * it leaves what there was before.
 */
final class NewFiles implements Closeable {

    private final Output message;
    private final @Nullable Output companion;
    private final @Nullable Path name;

    private NewFiles(Output message, @Nullable Output companion, @Nullable Path name) {
        this.message = message;
        this.companion = companion;
        this.name = name;
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
            NewFiles files = new NewFiles(
                    message, companion == null ? null : Output.open(stdio, companion, force, false), companion);
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

    /** Gives both their names, after nothing else is left that can fail. */
    void commit() throws IOException {
        if (companion == null || name == null) {
            message.commit();
            return;
        }
        message.finish();
        companion.finish();
        if (companion instanceof OutputFile) {
            TemporaryFiles.together(() -> publish(companion, name));
        } else {
            companion.commit();
            message.commit();
        }
    }

    private boolean publish(Output first, Path firstName) throws IOException {
        boolean complete = false;
        try (KeptFile before = KeptFile.of(firstName)) {
            first.commit();
            try {
                message.commit();
                complete = true;
            } finally {
                if (!complete) {
                    before.restore();
                }
            }
        }
        return complete;
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
