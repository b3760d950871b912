package dev.kmsenvelope.local;

import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** A key directory with a clock that tests move, writes that tests make fail, and whatever is opened closed at the end. */
final class TestStore implements AutoCloseable {

    static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "acme"));

    final Path directory;
    final FailingFiles files = new FailingFiles();
    private final List<Runnable> opened = new ArrayList<>();
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    long maxUses = StoreSettings.DEFAULT_MAX_USES;

    @Nullable
    PassphraseSource passphrase;

    int iterations = 1000;

    static {
        // Every test makes a store; what they log has a test of its own.
        Logger.getLogger(GeneratedSecret.class.getName()).setLevel(Level.OFF);
    }

    TestStore(Path directory) {
        this.directory = directory;
    }

    StoreSettings settings() {
        InstantSource clock = () -> now;
        return new StoreSettings(directory, passphrase, clock, OsRandom.create(), files, maxUses, iterations);
    }

    LocalKeyService service() {
        LocalKeyService service = new LocalKeyService(LocalStore.open(settings()));
        opened.add(service::close);
        return service;
    }

    LocalKeyAdministration administration() {
        LocalKeyAdministration administration = new LocalKeyAdministration(LocalStore.open(settings()));
        opened.add(administration::close);
        return administration;
    }

    void setPassphrase(@Nullable String text) {
        passphrase = text == null ? null : new PassphraseSource("the test", text::toCharArray);
    }

    Path keyFile() {
        return directory.resolve(LocalStore.KEY_FILE);
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    @Override
    public void close() {
        opened.forEach(Runnable::run);
    }

    /** Fails at a step, as a full disk does, or stops there like a crash: nothing after it is done. */
    static final class FailingFiles extends DurableFiles {
        @Nullable
        String failAt;

        boolean crash;

        private void step(String step) throws IOException {
            if (step.equals(failAt)) {
                if (crash) {
                    throw new Crash();
                }
                throw new IOException("No space left on device");
            }
        }

        @Override
        void write(Path file, byte[] content) throws IOException {
            step("write " + file.getFileName());
            super.write(file, content);
        }

        @Override
        void move(Path from, Path to) throws IOException {
            step("move " + from.getFileName());
            super.move(from, to);
            step("moved " + from.getFileName());
        }

        @Override
        void delete(Path file) throws IOException {
            step("delete " + file.getFileName());
            super.delete(file);
        }
    }

    /** An Error, which no clean-up code of the store catches. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }
}
