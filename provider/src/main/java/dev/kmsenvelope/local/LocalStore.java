package dev.kmsenvelope.local;

import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.local.KeyFileOpener.Opened;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
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
 * <p>Two locks: the directory's, for writers, is taken first and held while writing; {@code memory}, for the fields, is
 * never held while the disk is written, so that decryption goes on meanwhile. Each state in memory owns its key material
 * and is wiped under {@code memory} when another one replaces it; readers copy what they need under it too.
 */
final class LocalStore implements AutoCloseable {

    /** The name of the key file. */
    static final String KEY_FILE = "keys.p7m";

    private static final System.Logger LOGGER = System.getLogger(LocalStore.class.getName());
    private static final Duration LOCK_PATIENCE = Duration.ofSeconds(30);
    private static final StoreState NO_STATE = StoreState.empty(new UUID(0, 0));

    private final StoreSettings settings;
    private final Path directory;
    private final Path keyFile;
    private final GeneratedSecret secret;
    private final KeyFileOpener opener;
    private final Provider gcm = GcmProvider.find(GcmProvider.AUTO);
    private final ReentrantLock memory = new ReentrantLock();

    // Guarded by memory. The state is that of the file with this identity; without an identity it is to be read anew.
    private StoreState state = NO_STATE;
    private @Nullable FileIdentity identity;
    private @Nullable PassphraseKey key;
    private boolean keyIsOfNextSecret;
    private volatile boolean closed;

    private LocalStore(StoreSettings settings) {
        this.settings = settings;
        this.directory = settings.directory().toAbsolutePath().normalize();
        this.keyFile = directory.resolve(KEY_FILE);
        this.secret = new GeneratedSecret(directory, settings.files(), settings.random());
        this.opener = new KeyFileOpener(settings, secret, gcm);
    }

    /**
     * Opens a store and reads its key file, if there is one.
     *
     * @throws KeyFileException if the key file cannot be opened
     */
    static LocalStore open(StoreSettings settings) {
        LocalStore store = new LocalStore(settings);
        store.read(StoreState::generation);
        return store;
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
        memory.lock();
        try {
            refresh();
            return reader.apply(state.at(now()));
        } finally {
            memory.unlock();
        }
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

    /** Fresh material. */
    StoredKey.Version newVersion(int number) {
        return StoredKey.Version.random(number, now(), settings.random());
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
        return locked(() -> write(change, null));
    }

    /** Seals the store under a new passphrase. The secret is removed last: until then there is one that opens the file. */
    void changePassphrase(char[] passphrase) {
        locked(() -> {
            requireExisting();
            write(same -> same, opener.derive(passphrase.clone(), settings.iterations()));
            secret.delete();
            return null;
        });
    }

    /** Seals the store under a new generated secret, which is on disk before what it opens is. */
    void changeToGeneratedSecret() {
        locked(() -> {
            requireExisting();
            write(same -> same, opener.derive(secret.createNext(), PassphraseKey.SECRET_ITERATIONS));
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
                letGoOfWhatDoesNotOpen();
                return write(existing -> merge.apply(existing, exported), null);
            } finally {
                exported.wipe();
            }
        });
    }

    private void letGoOfWhatDoesNotOpen() throws IOException {
        memory.lock();
        try {
            refresh();
        } catch (KeyFileException e) {
            setKey(null, false);
            setState(NO_STATE, FileIdentity.of(keyFile));
        } finally {
            memory.unlock();
        }
    }

    private void requireExisting() {
        if (read(StoreState::generation) == 0) {
            throw new KeyFileException("there is no key file " + keyFile + " yet; create a key first");
        }
    }

    private interface Writing<T extends @Nullable Object> {
        T run() throws IOException;
    }

    private <T extends @Nullable Object> T locked(Writing<T> writing) {
        // An interrupt would close channels under us half-way; it is kept for later.
        boolean interrupted = Thread.interrupted();
        try {
            checkOpen();
            settings.files().createDirectories(directory);
            DirectoryLock.Held lock = DirectoryLock.acquire(directory, LOCK_PATIENCE);
            try (lock) {
                finishChangeOfSecret();
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
     * With the directory's lock: puts a new secret in its place if a crash prevented that. The file is compared with what
     * opened the store, because another process may have done it already and begun the next change.
     */
    private void finishChangeOfSecret() throws IOException {
        memory.lock();
        try {
            if (key != null && keyIsOfNextSecret) {
                if (secret.isNextFor(key)) {
                    secret.promote();
                }
                keyIsOfNextSecret = false;
            }
        } finally {
            memory.unlock();
        }
    }

    /**
     * With the directory's lock: changes the newest state, writes it, and takes over what was written.
     *
     * @param newKey what to seal the file with from now on, or null for no change
     */
    private StoreState write(UnaryOperator<StoreState> change, @Nullable PassphraseKey newKey) throws IOException {
        StoreState next;
        PassphraseKey sealing;
        byte[] content;
        memory.lock();
        try {
            refresh();
            StoreState base = state.at(now());
            StoreState changed = change.apply(base);
            if (changed.equals(base) && newKey == null) {
                return base;
            }
            next = changed.withGeneration(
                    changed.lineage().equals(NO_STATE.lineage())
                            ? StoredKey.randomId(settings.random())
                            : changed.lineage(),
                    Math.max(base.generation(), changed.generation()) + 1);
            sealing = newKey != null ? newKey : key != null ? key : opener.create();
            content = StoreStateCodec.encode(next);
        } finally {
            memory.unlock();
        }
        try {
            byte[] sealed = KeyFileEnvelope.seal(content, sealing, settings.random());
            if (sealed.length > KeyFileEnvelope.MAX_LENGTH) {
                throw new IOException("the key file would be longer than " + KeyFileEnvelope.MAX_LENGTH + " bytes");
            }
            settings.files().replace(keyFile, sealed);
            takeOver(StoreStateCodec.decode(content), FileIdentity.of(keyFile), sealing);
            return next;
        } catch (IOException | RuntimeException e) {
            // Which file is in place now is not known: whoever looks next reads it.
            takeOver(NO_STATE, null, null);
            throw e;
        } finally {
            Arrays.fill(content, (byte) 0);
            next.wipe(); // What it shares with the former state was wiped with that.
        }
    }

    private void takeOver(StoreState newState, @Nullable FileIdentity newIdentity, @Nullable PassphraseKey newKey) {
        memory.lock();
        try {
            setState(newState, newIdentity);
            if (newKey != null) {
                setKey(newKey, false);
            }
            if (closed) {
                wipe(); // Closed while the disk was written.
            }
        } finally {
            memory.unlock();
        }
    }

    /** With memory: brings the state up to date. */
    private void refresh() {
        checkOpen();
        try {
            FileIdentity found = FileIdentity.of(keyFile);
            if (found.equals(identity)) {
                return;
            }
            if (found.equals(FileIdentity.ABSENT)) {
                setKey(null, false);
                setState(NO_STATE, found);
                return;
            }
            // Looked at before it is read: if it is replaced in between, the next look finds another identity.
            Opened opened = opener.open(keyFile, key);
            if (!opened.key().equals(key)) {
                setKey(opened.key(), opened.byNextSecret());
            }
            if (opened.state().lineage().equals(state.lineage())
                    && opened.state().generation() < state.generation()) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "The key file {0} went back from generation {1} to {2}. If an old copy was put in its place,"
                                + " rotate every key: uses since then are not counted in it.",
                        keyFile,
                        Long.toString(state.generation()),
                        Long.toString(opened.state().generation()));
            }
            setState(opened.state(), found);
        } catch (IOException e) {
            throw new KmsUnavailableException("cannot read the key file " + keyFile + ": " + e, e);
        }
    }

    private void setState(StoreState newState, @Nullable FileIdentity newIdentity) {
        if (!newState.equals(state)) {
            state.wipe();
        }
        state = newState;
        identity = newIdentity;
    }

    private void setKey(@Nullable PassphraseKey newKey, boolean ofNextSecret) {
        if (key != null && !key.equals(newKey)) {
            key.close();
        }
        key = newKey;
        keyIsOfNextSecret = ofNextSecret;
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this key store was closed");
        }
    }

    private void wipe() {
        setState(NO_STATE, null);
        setKey(null, false);
    }

    /** Wipes all key material; idempotent. Whoever reads or writes it later gets an IllegalStateException. */
    @Override
    public void close() {
        memory.lock();
        try {
            closed = true;
            wipe();
        } finally {
            memory.unlock();
        }
    }
}
