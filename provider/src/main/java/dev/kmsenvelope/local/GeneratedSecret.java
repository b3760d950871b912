package dev.kmsenvelope.local;

import dev.kmsenvelope.config.SecretFile;
import dev.kmsenvelope.files.DurableFiles;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * The secret that opens the key file when no passphrase is set up: 32 random bytes in base64, in a file beside the key
 * file. It keeps a copied key file closed; whoever reads the whole directory reads the keys.
 *
 * <p>A new secret stands in {@code secret.new} until the key file that it opens is in place, and becomes {@code secret}
 * then. A crash in between leaves both, one of which opens the key file.
 */
final class GeneratedSecret {

    private static final System.Logger LOGGER = System.getLogger(GeneratedSecret.class.getName());
    private static final int LENGTH = 32;

    private final Path file;
    private final Path next;
    private final DurableFiles files;
    private final SecureRandom random;
    private final int iterations;

    GeneratedSecret(Path directory, StoreSettings settings) {
        this.file = directory.resolve("secret");
        this.next = directory.resolve("secret.new");
        this.files = settings.files();
        this.random = settings.random();
        this.iterations = settings.secretIterations();
    }

    /** For error texts. */
    String name() {
        return "the file " + file;
    }

    /** The files that may hold the secret. */
    List<Path> candidates() {
        List<Path> found = new ArrayList<>(List.of(file, next));
        found.removeIf(candidate -> !Files.exists(candidate));
        return found;
    }

    /** The secret in a file; the caller wipes it. */
    static char[] read(Path candidate) {
        try {
            return SecretFile.read(candidate);
        } catch (KmsConfigurationException e) {
            throw new KeyFileException("the secret of the key store cannot be read: " + e.getMessage(), e.getCause());
        }
    }

    /** The secret for a new store: what is there, else a new one. Called with the directory's lock, so that nobody else makes one. */
    char[] readOrCreate() throws IOException {
        if (!Files.exists(file)) {
            create(file);
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "Keys are protected by a generated secret in {0}: it keeps a copy of the key file alone closed, but"
                            + " whoever can read this directory can read the keys. Set a passphrase with"
                            + " local.passphrase-file or {1} to protect them from that.",
                    file,
                    PassphraseSource.ENVIRONMENT);
        }
        return read(file);
    }

    /**
     * A new secret, which {@link #promote} makes the one; the caller wipes it. It takes the place of a former new one, which
     * must open nothing.
     */
    char[] createNext() throws IOException {
        create(next);
        return read(next);
    }

    /**
     * Whether a key was derived from the new secret. One that took more work was derived from a passphrase; that much is
     * not done again to find out.
     */
    boolean isNextFor(PassphraseKey key) {
        if (!Files.exists(next) || key.parameters().iterations() > iterations) {
            return false;
        }
        byte[] expected = key.key().copy();
        byte[] found = new byte[0];
        try (PassphraseKey derived = KeyFileOpener.derive(read(next), key.parameters())) {
            found = derived.key().copy();
            return MessageDigest.isEqual(expected, found);
        } finally {
            Arrays.fill(expected, (byte) 0);
            Arrays.fill(found, (byte) 0);
        }
    }

    /** Puts the new secret in its place. The former one is lost, so the key file that it does not open must be on disk. */
    void promote() throws IOException {
        files.rename(next, file);
    }

    /** Removes what opens nothing any more. */
    void delete() throws IOException {
        files.delete(file);
        files.delete(next);
    }

    private void create(Path target) throws IOException {
        byte[] secret = new byte[LENGTH];
        byte[] line = new byte[0];
        random.nextBytes(secret);
        byte[] text = Base64.getEncoder().encode(secret);
        try {
            line = Arrays.copyOf(text, text.length + 1);
            line[text.length] = '\n';
            files.replace(target, line);
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(text, (byte) 0);
            Arrays.fill(line, (byte) 0);
        }
    }
}
