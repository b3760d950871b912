package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.local.KeyFileOpener.Opened;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a store keeps in memory: the state of the key file that was read or written last, and the keys that open it. Each
 * state owns its key material and is wiped when another one replaces it; so is each key. Not thread-safe: the store's
 * {@code memory} lock guards it.
 */
final class StoreMemory {

    /** The state of a store that does not exist yet. */
    static final StoreState NO_STATE = StoreState.empty(new UUID(0, 0));

    private static final System.Logger LOGGER = System.getLogger(StoreMemory.class.getName());

    private final Path keyFile;
    private final GeneratedSecret secret;
    private final KeyFileOpener opener;

    // The state is that of the file with this identity; without an identity it is to be read anew.
    private StoreState state = NO_STATE;
    private @Nullable FileIdentity identity;
    private @Nullable PassphraseKey key;

    // Seals the file that is being written, or whose writing failed at a step that is not known: so it may be what
    // opens
    // the file in place. Whether it does is settled by the first look at that file after the writing.
    private @Nullable PassphraseKey pending;
    private boolean writing;

    private volatile boolean closed;

    StoreMemory(Path keyFile, GeneratedSecret secret, KeyFileOpener opener) {
        this.keyFile = keyFile;
        this.secret = secret;
        this.opener = opener;
    }

    StoreState state() {
        return state;
    }

    /** What opens the key file in place, or null if there is none. */
    @Nullable
    PassphraseKey key() {
        return key;
    }

    /** Needs no lock. */
    void checkOpen() {
        if (closed) {
            throw new IllegalStateException("this key store was closed");
        }
    }

    /**
     * Brings the state up to date.
     *
     * @throws KeyFileException if the key file cannot be opened
     * @throws KmsUnavailableException if it cannot be read
     */
    void refresh() {
        checkOpen();
        try {
            FileIdentity found = FileIdentity.of(keyFile);
            if (found.equals(FileIdentity.ABSENT)) {
                setKey(null);
                setState(NO_STATE, found);
            } else if (!found.equals(identity)) {
                // Looked at before it is read: if it is replaced in between, the next look finds another identity.
                read(found);
            }
        } catch (IOException e) {
            throw new KmsUnavailableException("cannot read the key file " + keyFile + ": " + e, e);
        }
        if (!writing) {
            dropPending();
        }
    }

    private void read(FileIdentity found) throws IOException {
        WriteAccess.warn(keyFile, secret.candidates());
        Opened opened = opener.open(
                keyFile, Stream.of(key, pending).filter(Objects::nonNull).toList());
        setKey(opened.key());
        if (opened.state().lineage().equals(state.lineage()) && opened.state().generation() < state.generation()) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "The key file {0} went back from generation {1} to {2}. If an old copy was put in its place,"
                            + " rotate every key: uses since then are not counted in it.",
                    keyFile,
                    Long.toString(state.generation()),
                    Long.toString(opened.state().generation()));
        }
        setState(opened.state(), found);
    }

    /** The same, but takes a key file that does not open for an empty one, which is there to be replaced. */
    void refreshOrLetGo() throws IOException {
        try {
            refresh();
        } catch (KeyFileException e) {
            setKey(null);
            setState(NO_STATE, FileIdentity.of(keyFile));
        }
    }

    /**
     * Begins a change; {@link #endWriting} ends it. With the directory's lock, so that there is one at a time.
     *
     * @param newKey what will seal the file, or null for what does so now; it belongs to this object from now on
     */
    void beginWriting(@Nullable PassphraseKey newKey) {
        try {
            refresh();
        } catch (RuntimeException | Error e) {
            if (newKey != null) {
                newKey.close();
            }
            throw e;
        }
        pending = newKey;
        writing = true;
    }

    /** What to seal the file with. */
    PassphraseKey sealingKey() throws IOException {
        if (pending == null && key == null) {
            pending = opener.create();
        }
        return Objects.requireNonNull(pending != null ? pending : key);
    }

    /** Takes over what is in the key file now. */
    void written(StoreState newState, FileIdentity newIdentity, PassphraseKey sealedBy) {
        setState(newState, newIdentity);
        setKey(sealedBy);
        if (closed) {
            wipe(); // Closed while the disk was written.
        }
    }

    /** Which file is in place is not known, or its state was wiped: whoever looks next reads it. */
    void forget() {
        setState(NO_STATE, null);
    }

    void endWriting() {
        writing = false;
    }

    private void setState(StoreState newState, @Nullable FileIdentity newIdentity) {
        if (!newState.equals(state)) {
            state.wipe();
        }
        state = newState;
        identity = newIdentity;
    }

    private void setKey(@Nullable PassphraseKey newKey) {
        if (newKey != null && newKey.equals(pending)) {
            pending = null;
        }
        if (key != null && !key.equals(newKey)) {
            key.close();
        }
        key = newKey;
    }

    private void dropPending() {
        if (pending != null) {
            pending.close();
            pending = null;
        }
    }

    private void wipe() {
        setState(NO_STATE, null);
        setKey(null);
        dropPending();
    }

    /** Wipes all key material; idempotent. */
    void close() {
        closed = true;
        wipe();
    }

    /** The keys in memory, for tests. */
    List<PassphraseKey> keys() {
        return Stream.of(key, pending).filter(Objects::nonNull).toList();
    }
}
