package dev.kmsenvelope.local;

import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.files.DirectoryLock;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.RotationStatus;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The key store: a directory with the sealed key file, and its state in memory. Thread-safe, and safe with other processes
 * in the same directory.
 *
 * <p>Every read first looks whether the file is still the one whose state is in memory, which costs one system call, and
 * reads it again if not. Reads take no file lock: a file is only ever replaced as a whole. Every change takes the lock,
 * reads the newest state, and replaces the file; what came back without an exception is on disk.
 *
 * <p>Two locks: the directory's, for writers, is taken first and held while writing; {@code memory}, for what is in
 * memory, is not held while the key file is written, so that decryption goes on meanwhile. A state is wiped under {@code
 * memory} when another one replaces it, so readers copy what they need under it.
 */
final class LocalStore implements AutoCloseable {

    /** The name of the key file. */
    static final String KEY_FILE = "keys.p7m";

    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(30);

    private final StoreSettings settings;
    private final Path directory;
    private final Path keyFile;
    private final GeneratedSecret secret;
    private final KeyFileOpener opener;
    private final Provider gcm = GcmProvider.find(GcmProvider.AUTO);
    private final ReentrantLock memory = new ReentrantLock();

    private final StoreMemory loaded; // Guarded by memory.

    private LocalStore(StoreSettings settings) {
        this.settings = settings;
        this.directory = settings.directory().toAbsolutePath().normalize();
        this.keyFile = directory.resolve(KEY_FILE);
        this.secret = new GeneratedSecret(directory, settings);
        this.opener = new KeyFileOpener(settings, secret, gcm);
        this.loaded = new StoreMemory(keyFile, secret, opener);
    }

    /**
     * Opens a store and reads its key file, if there is one.
     *
     * @throws KeyFileException if the key file cannot be opened
     */
    static LocalStore open(StoreSettings settings) {
        LocalStore store = unread(settings);
        store.read(StoreState::generation);
        return store;
    }

    /** A store whose key file is read when it is needed. */
    static LocalStore unread(StoreSettings settings) {
        return new LocalStore(settings);
    }

    StoreSettings settings() {
        return settings;
    }

    Provider gcm() {
        return gcm;
    }

    /** The time; in milliseconds, as in the file, so that a key looks the same before and after it was written. */
    Instant now() {
        return Instant.ofEpochMilli(settings.clock().millis());
    }

    /** Looks at the newest state. The reader is short, and copies the key material that it wants to keep. */
    <T extends @Nullable Object> T read(Function<StoreState, T> reader) {
        return inMemory(() -> {
            loaded.refresh();
            return reader.apply(loaded.state().at(now()));
        });
    }

    /** The key of that name. */
    StoredKey require(StoreState in, KeyId id) {
        return in.find(id).orElseThrow(() -> notFound(in, id));
    }

    /** The key of that name, if it can be used. */
    StoredKey requireEnabled(StoreState in, KeyId id) {
        StoredKey key = require(in, id);
        return switch (key.state()) {
            case ENABLED -> key;
            case DISABLED -> throw new KeyDisabledException("the key " + id + " is disabled; enable it to use it");
            case PENDING_DELETION ->
                throw new KeyDisabledException("the key " + id + " will be deleted at " + key.deletion()
                        + "; cancel that and enable it to use it");
        };
    }

    /** Fresh material for a key that can be rotated. */
    StoredKey.Version newVersion(int number, RotationStatus.Cause cause) {
        KeyMaterial material = KeyMaterial.generate(KeySpec.SYMMETRIC_DEFAULT, settings.random());
        return new StoredKey.Version(number, now(), cause, 0, material.secret(), material.publicKey());
    }

    KeyNotFoundException notFound(StoreState in, KeyId id) {
        return new KeyNotFoundException(
                in.generation() == 0
                        ? "there is no key " + id + ", and no key store in " + directory
                                + " yet; create a key with: kms-envelope key create "
                                + (id.isAlias() ? id : "alias/...")
                        : "there is no key " + id + " in the key store " + directory);
    }

    /**
     * Changes the store.
     *
     * @param change makes a new state from the newest one; if that equals the newest one nothing is written, if it
     *     throws nothing changes
     * @return the new state, to describe keys with; its key material is wiped
     * @throws KmsUnavailableException if it cannot be written
     */
    StoreState update(UnaryOperator<StoreState> change) {
        return changing(() -> write(change, null));
    }

    /** Seals the store under a new passphrase. The secret is removed last: until then there is one that opens the file. */
    void changePassphrase(char[] passphrase) {
        changing(() -> {
            requireExisting();
            write(same -> same, opener.derive(passphrase.clone(), settings.iterations()));
            secret.delete();
            return null;
        });
    }

    /** Seals the store under a new generated secret, which is on disk before what it opens is. */
    void changeToGeneratedSecret() {
        changing(() -> {
            requireExisting();
            write(same -> same, opener.derive(secret.createNext(), settings.secretIterations()));
            secret.promote();
            return null;
        });
    }

    /** The whole store, sealed under another passphrase. */
    byte[] export(char[] passphrase) {
        byte[] content = read(newest -> {
            if (newest.generation() == 0) {
                throw new KeyFileException("there is no key file " + keyFile + " to back up");
            }
            return StoreStateCodec.encode(newest);
        });
        try (PassphraseKey key = opener.derive(passphrase.clone(), settings.iterations())) {
            return KeyFileEnvelope.seal(content, key, settings.random());
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    /**
     * Replaces the whole store by one that was exported.
     *
     * @param file what was exported
     * @param passphrase of that file
     * @param force whether to replace an existing store, even one that does not open
     * @param merge makes the new state of the existing one, empty if there is none, and the exported one
     */
    StoreState restore(Path file, char[] passphrase, boolean force, BinaryOperator<StoreState> merge) {
        return locked(() -> {
            if (!force && Files.exists(keyFile)) {
                throw new KeyFileException(
                        "the key file " + keyFile + " exists; a restore replaces it only when told to");
            }
            StoreState exported = opener.open(file, passphrase);
            try {
                inMemory(() -> {
                    loaded.refreshOrLetGo();
                    return null;
                });
                finishChangeOfSecret();
                return write(existing -> merge.apply(existing, exported), null);
            } finally {
                exported.wipe();
            }
        });
    }

    private void requireExisting() {
        if (read(StoreState::generation) == 0) {
            throw new KeyFileException("there is no key file " + keyFile + " yet; create a key first");
        }
    }

    private interface Writing<T extends @Nullable Object> {
        T run() throws IOException;
    }

    private <T extends @Nullable Object> T changing(Writing<T> writing) {
        return locked(() -> {
            finishChangeOfSecret();
            return writing.run();
        });
    }

    private <T extends @Nullable Object> T locked(Writing<T> writing) {
        // An interrupt would close channels under us half-way; it is kept for later.
        boolean interrupted = Thread.interrupted();
        try {
            loaded.checkOpen();
            settings.files().createDirectories(directory);
            DirectoryLock.Held lock = DirectoryLock.acquire(directory, LOCK_PATIENCE);
            try (lock) {
                return writing.run();
            }
        } catch (FileAlreadyExistsException e) {
            throw new KeyFileException("local.directory = " + directory + " must be a directory", e);
        } catch (IOException e) {
            throw new KmsUnavailableException("cannot write to the key store " + directory + ": " + e, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * With the directory's lock: puts a new secret in its place if that is what opens the file in place, because a crash or
     * a failure kept who made it from doing so. Before that, no other one may be made: it would take its place.
     */
    private void finishChangeOfSecret() throws IOException {
        inMemory(() -> {
            loaded.refresh();
            PassphraseKey key = loaded.key();
            if (key != null && secret.isNextFor(key)) {
                secret.promote();
            }
            return null;
        });
    }

    /**
     * With the directory's lock: changes the newest state, writes it, and takes over what was written.
     *
     * @param newKey what to seal the file with from now on, which belongs to the memory from now on; or null for no change
     */
    private StoreState write(UnaryOperator<StoreState> change, @Nullable PassphraseKey newKey) throws IOException {
        try {
            Draft draft = inMemory(() -> {
                // At once, so that a change never sees the empty memory of a store that was closed in between.
                loaded.beginWriting(newKey);
                return draft(change, newKey != null);
            });
            if (draft.sealing() != null) {
                replaceKeyFile(draft, draft.sealing());
            }
            return draft.state();
        } finally {
            alterMemory(loaded::endWriting);
        }
    }

    /**
     * What may be written.
     *
     * @param state shares the key material of what did not change with the state in memory
     * @param content the state encoded
     * @param sealing what to seal it with, or null if there is nothing to write
     */
    private record Draft(
            StoreState state, byte[] content, @Nullable PassphraseKey sealing) {}

    /** With memory. */
    private Draft draft(UnaryOperator<StoreState> change, boolean always) throws IOException {
        StoreState base = loaded.state().at(now());
        StoreState changed = change.apply(base);
        if (changed.equals(base) && !always) {
            return new Draft(base, new byte[0], null);
        }
        StoreState next = changed.withGeneration(
                changed.lineage().equals(StoreMemory.NO_STATE.lineage())
                        ? StoredKey.randomId(settings.random())
                        : changed.lineage(),
                Math.max(base.generation(), changed.generation()) + 1);
        PassphraseKey sealing = loaded.sealingKey();
        return new Draft(next, StoreStateCodec.encode(next), sealing);
    }

    private void replaceKeyFile(Draft draft, PassphraseKey sealing) throws IOException {
        StoreState written = StoreMemory.NO_STATE;
        boolean done = false;
        try {
            byte[] sealed = KeyFileEnvelope.seal(draft.content(), sealing, settings.random());
            if (sealed.length > KeyFileEnvelope.MAX_LENGTH) {
                throw new IOException("the key file would be longer than " + KeyFileEnvelope.MAX_LENGTH + " bytes");
            }
            written = readBack(draft);
            settings.files().replace(keyFile, sealed);
            takeOver(written, sealing);
            done = true;
        } finally {
            Arrays.fill(draft.content(), (byte) 0);
            if (!done) {
                // Whatever went wrong: it is not known which file is in place, and the state in memory loses the key
                // material that it shares with the draft.
                written.wipe();
                alterMemory(loaded::forget);
            }
            draft.state().wipe();
        }
    }

    /** What does not read back is not written. */
    private StoreState readBack(Draft draft) {
        try {
            return StoreStateCodec.decode(draft.content());
        } catch (IllegalArgumentException e) {
            throw new KeyFileException(
                    "the key file " + keyFile + " cannot hold this: it would have " + e.getMessage());
        }
    }

    private void takeOver(StoreState written, PassphraseKey sealing) throws IOException {
        FileIdentity identity = FileIdentity.of(keyFile);
        alterMemory(() -> loaded.written(written, identity, sealing));
    }

    private interface Step<T extends @Nullable Object, E extends Exception> {
        T run() throws E;
    }

    private <T extends @Nullable Object, E extends Exception> T inMemory(Step<T, E> step) throws E {
        memory.lock();
        try {
            return step.run();
        } finally {
            memory.unlock();
        }
    }

    private void alterMemory(Runnable step) {
        memory.lock();
        try {
            step.run();
        } finally {
            memory.unlock();
        }
    }

    /** Wipes all key material; idempotent. Whoever reads or writes it later gets an IllegalStateException. */
    @Override
    public void close() {
        alterMemory(loaded::close);
    }
}
