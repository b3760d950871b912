package dev.kmsenvelope.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A command that reads a message, whose faults are reported with the name of the file. */
interface MessageReader {

    /** The file with the message; null for a pipe. */
    @Nullable
    Path source();
}
