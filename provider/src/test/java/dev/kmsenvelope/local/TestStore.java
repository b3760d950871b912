package dev.kmsenvelope.local;

import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.files.DurableFiles;
import dev.kmsenvelope.kms.EncryptionContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
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

    int iterations = 20; // How many there are outside tests has a test of its own.

    SecureRandom random = OsRandom.create();

    // Every test makes a store; what that logs has a test of its own. Kept, because loggers may be collected.
    private static final Logger QUIET = Logger.getLogger(GeneratedSecret.class.getName());

    static {
        QUIET.setLevel(Level.OFF);
    }

    TestStore(Path directory) {
        this.directory = directory;
    }

    /** A store whose key file is one that was made elsewhere. */
    static TestStore ofResource(Path directory, String resource, String passphrase) throws IOException {
        TestStore store = new TestStore(directory);
        Files.createDirectories(directory);
        try (InputStream in = TestStore.class.getResourceAsStream(resource)) {
            Files.copy(in, store.keyFile());
        }
        store.setPassphrase(passphrase);
        return store;
    }

    /** A store with keys of every kind and usage but RSA_3072 and RSA_4096, under the alias {@code alias/<kind>-<usage>}. */
    static TestStore ofEveryKind(Path directory, String resource) throws IOException {
        return ofResource(directory, resource, "fixture");
    }

    StoreSettings settings() {
        InstantSource clock = () -> now;
        return new StoreSettings(directory, passphrase, clock, random, files, maxUses, iterations, iterations);
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

    /** A file that nobody is warned about. */
    static void writeOwnerOnly(Path file, String text) throws IOException {
        Files.writeString(file, text);
        if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Override
    public void close() {
        opened.forEach(Runnable::run);
    }

    /** Fails at a step, as a full disk does, or stops there like a crash: nothing after it is done. */
    static final class FailingFiles extends DurableFiles {
        @Nullable
        String failAt;

        /** Fails at the step of this number, counted from 1; 0 for none. */
        int failAtNumber;

        boolean crash;

        /** Whether to wait for the disk, which only a power failure would show. */
        boolean durable = true;

        /** What somebody else does just before a step. */
        final Map<String, Runnable> before = new HashMap<>();

        private void step(String step) throws IOException {
            Runnable other = before.remove(step);
            if (other != null) {
                other.run();
            }
            if (step.equals(failAt) || (failAtNumber > 0 && --failAtNumber == 0)) {
                if (crash) {
                    throw new Crash();
                }
                throw new IOException("No space left on device");
            }
        }

        @Override
        protected void write(Path file, byte[] content) throws IOException {
            step("write " + file.getFileName());
            super.write(file, content);
        }

        @Override
        protected void move(Path from, Path to) throws IOException {
            step("move " + from.getFileName());
            super.move(from, to);
            if (("moved " + from.getFileName()).equals(failAt)) {
                step("moved " + from.getFileName());
            }
        }

        @Override
        public void delete(Path file) throws IOException {
            step("delete " + file.getFileName());
            super.delete(file);
        }

        @Override
        protected void force(FileChannel channel) throws IOException {
            if ("force".equals(failAt)) {
                step("force");
            }
            if (durable) {
                super.force(channel);
            }
        }

        @Override
        protected void syncDirectory(Path directory) throws IOException {
            step("sync");
            super.syncDirectory(directory);
        }
    }

    /** What no code of the store expects. Thrown once, nothing of the process goes on where it stands for a crash. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;
    }
}
