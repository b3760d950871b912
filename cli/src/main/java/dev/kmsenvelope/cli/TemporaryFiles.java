package dev.kmsenvelope.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * Files that must not stay behind, whatever ends the process short of {@code kill -9} and a power failure: a shutdown hook
 * deletes those that are left. Steps that make or publish a file run under one lock with the hook, so that a signal falls
 * either before them or after them; once it came, they are refused.
 */
final class TemporaryFiles {

    private static final Object LOCK = new Object();
    private static final Set<Path> FILES = new HashSet<>();
    private static boolean hooked;
    private static volatile boolean shuttingDown;

    private TemporaryFiles() {}

    /** A step that changes which files there are. */
    interface Step<T> {
        T run() throws IOException;
    }

    /** Whether the process is ending. What fails from then on fails because of that, and is not reported. */
    static boolean isShuttingDown() {
        return shuttingDown;
    }

    /** Runs the step that makes a file. */
    static <T> T create(Path file, Step<T> step) throws IOException {
        synchronized (LOCK) {
            refuseWhenShuttingDown();
            if (!hooked) {
                Runtime.getRuntime().addShutdownHook(new Thread(TemporaryFiles::deleteAll, "temporary-files"));
                hooked = true;
            }
            T result = step.run();
            FILES.add(file);
            return result;
        }
    }

    /** Runs the step after which a file is not temporary any more. */
    static void publish(Path file, Step<?> step) throws IOException {
        synchronized (LOCK) {
            refuseWhenShuttingDown();
            step.run();
            FILES.remove(file);
        }
    }

    /** Runs steps that belong together: a signal falls before them, or has them fail, and waits until that was undone. */
    static void together(Step<?> steps) throws IOException {
        synchronized (LOCK) {
            refuseWhenShuttingDown();
            steps.run();
        }
    }

    /** Takes a file for one that is not temporary any more. */
    static void leave(Path file) {
        synchronized (LOCK) {
            FILES.remove(file);
        }
    }

    /** Deletes a file, if it is still temporary. */
    static void delete(Path file) throws IOException {
        synchronized (LOCK) {
            if (FILES.remove(file)) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static void refuseWhenShuttingDown() throws IOException {
        if (shuttingDown) {
            throw new IOException("interrupted");
        }
    }

    private static void deleteAll() {
        shuttingDown = true;
        synchronized (LOCK) {
            for (Path file : FILES) {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    // the process ends; nobody is left to tell
                }
            }
            FILES.clear();
        }
    }
}
