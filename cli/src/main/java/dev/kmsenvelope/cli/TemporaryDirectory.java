package dev.kmsenvelope.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory for the owner only that is deleted when it is closed, or when a signal ends the process. */
final class TemporaryDirectory implements Closeable {

    private final Path path;
    private final Thread hook = new Thread(this::deleteQuietly, "temporary-directory");

    TemporaryDirectory() throws IOException {
        this.path = Files.createTempDirectory("kms-envelope-");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    Path path() {
        return path;
    }

    private void deleteQuietly() {
        try {
            delete();
        } catch (IOException | UncheckedIOException e) {
            // the process ends; nobody is left to tell
        }
    }

    private void delete() throws IOException {
        List<Path> files;
        try (Stream<Path> tree = Files.walk(path)) {
            files = tree.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : files) {
            Files.deleteIfExists(file);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the hook is running already
            return;
        }
        delete();
    }
}
