package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.RotationStatus;
import dev.kmsenvelope.kms.RotationStatus.Cause;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Administers the keys of the embedded key service, and the file that they are in. The key store is made with its first
 * key.
 *
 * <p>An alias is {@code alias/} and 1 to 250 letters, digits, {@code /}, {@code _} and {@code -}, and does not start with
 * {@code alias/aws/}; another one is an {@link IllegalArgumentException} where an alias is made. An alias remembers which
 * keys it pointed to, until it is deleted. A key whose deletion date has come does not exist any more, and neither do the
 * aliases that point to it; its material goes from the file with the next change.
 *
 * <p>Thread-safe, and safe with other processes: a change is on disk when its method returns, and a crash leaves the state
 * before or after it. Besides what {@link KeyAdministration} says, every method may throw a {@link KeyFileException} when
 * the key file does not open, a {@link KmsUnavailableException} when the directory cannot be read or written, and an
 * {@link IllegalStateException} after {@link #close()}.
 */
public final class LocalKeyAdministration implements KeyAdministration {

    private static final Pattern ALIAS = Pattern.compile("alias/[A-Za-z0-9/_-]{1,250}");
    private static final String RESERVED_ALIAS_PREFIX = "alias/aws/";

    private final LocalStore store;

    LocalKeyAdministration(LocalStore store) {
        this.store = store;
    }

    @Override
    public String name() {
        return LocalBackendFactory.NAME;
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return store.read(state -> state.describe(store.require(state, key)));
    }

    @Override
    public List<KeyDescription> list() {
        return store.read(
                state -> state.keys().values().stream().map(state::describe).toList());
    }

    @Override
    public KeyDescription createKey(KeySpec spec, KeyUsage usage) {
        return addKey(spec, usage, (state, key) -> state.withKey(key));
    }

    @Override
    public KeyDescription createKey(KeySpec spec, KeyUsage usage, KeyId alias) {
        String name = aliasName(alias);
        store.read(state -> {
            requireUnused(state, name); // Said before the work, which may take seconds.
            return state.generation();
        });
        return addKey(spec, usage, (state, key) -> {
            requireUnused(state, name);
            return state.withKey(key).withAlias(name, key.id());
        });
    }

    private KeyDescription addKey(
            KeySpec spec, KeyUsage usage, BiFunction<StoreState, StoredKey, StoreState> addition) {
        if (spec == KeySpec.OTHER || !spec.usages().contains(usage)) {
            throw new IllegalArgumentException("the local key service has no keys of kind " + spec + " for " + usage);
        }
        KeyMaterial material = KeyMaterial.generate(spec, store.settings().random());
        try {
            StoredKey key = new StoredKey(
                    StoredKey.randomId(store.settings().random()).toString(),
                    spec,
                    usage,
                    KeyState.ENABLED,
                    store.now(),
                    null,
                    0,
                    List.of(StoredKey.Version.first(store.now(), material)));
            return describe(store.update(state -> addition.apply(state, key)), key.id());
        } finally {
            material.secret().close(); // The store has its own, of what it wrote.
        }
    }

    @Override
    public void createAlias(KeyId alias, KeyId target) {
        String name = aliasName(alias);
        updateExisting(target, state -> {
            requireUnused(state, name);
            return state.withAlias(name, aliasTarget(state, target).id());
        });
    }

    @Override
    public void updateAlias(KeyId alias, KeyId target) {
        String name = aliasName(alias);
        updateExisting(alias, state -> {
            requireAlias(state, alias);
            return state.withAlias(name, aliasTarget(state, target).id());
        });
    }

    @Override
    public void deleteAlias(KeyId alias) {
        updateExisting(alias, state -> {
            requireAlias(state, alias);
            return state.withoutAlias(alias.value());
        });
    }

    private StoredKey aliasTarget(StoreState state, KeyId target) {
        StoredKey key = store.require(state, target);
        requireNotPending(key, target);
        return key;
    }

    @Override
    public KeyDescription rotate(KeyId id) {
        return change(id, key -> {
            requireRotatable(key, id);
            return key.withVersion(store.newVersion(key.current().number() + 1, Cause.ON_DEMAND));
        });
    }

    /**
     * {@inheritDoc}
     *
     * <p>That is done by the first encryption from then on, before it; a key that nobody encrypts with stays as it is.
     */
    @Override
    public void enableRotation(KeyId id, int periodDays) {
        if (periodDays < MIN_ROTATION_DAYS || periodDays > MAX_ROTATION_DAYS) {
            throw new IllegalArgumentException("a key is rotated every " + MIN_ROTATION_DAYS + " to "
                    + MAX_ROTATION_DAYS + " days, not " + periodDays);
        }
        setRotation(id, periodDays);
    }

    @Override
    public void disableRotation(KeyId id) {
        setRotation(id, 0);
    }

    private void setRotation(KeyId id, int days) {
        change(id, key -> {
            requireRotatable(key, id);
            return key.rotationDays() == days ? key : key.withRotationDays(days);
        });
    }

    @Override
    public RotationStatus rotationStatus(KeyId id) {
        return store.read(state -> store.require(state, id).rotationStatus());
    }

    @Override
    public void enable(KeyId id) {
        setState(id, KeyState.ENABLED);
    }

    @Override
    public void disable(KeyId id) {
        setState(id, KeyState.DISABLED);
    }

    private void setState(KeyId id, KeyState wanted) {
        change(id, key -> {
            requireNotPending(key, id);
            return key.state() == wanted ? key : key.withState(wanted, null);
        });
    }

    @Override
    public Instant scheduleDeletion(KeyId id, int days) {
        if (days < MIN_DELETION_DAYS || days > MAX_DELETION_DAYS) {
            throw new IllegalArgumentException(
                    "a key is deleted after " + MIN_DELETION_DAYS + " to " + MAX_DELETION_DAYS + " days, not " + days);
        }
        Instant deletion = store.now().plus(Duration.ofDays(days));
        change(id, key -> {
            requireNotPending(key, id);
            return key.withState(KeyState.PENDING_DELETION, deletion);
        });
        return deletion;
    }

    /** Does nothing to a key whose deletion is not scheduled. */
    @Override
    public void cancelDeletion(KeyId id) {
        change(id, key -> key.state() == KeyState.PENDING_DELETION ? key.withState(KeyState.DISABLED, null) : key);
    }

    /**
     * Writes a copy of the store, sealed with its own passphrase, in the format of the key file.
     *
     * @param file where to; must not exist
     * @param passphrase at least one character; not modified
     * @throws IllegalArgumentException if the passphrase is empty
     * @throws KeyFileException if there is no store, or the file exists
     */
    public void backup(Path file, char[] passphrase) {
        requirePassphrase(passphrase);
        Path target = file.toAbsolutePath();
        if (Files.exists(target)) {
            throw existing(target); // Said before the work.
        }
        byte[] sealed = store.export(passphrase);
        try {
            store.settings().files().create(target, sealed);
        } catch (FileAlreadyExistsException e) {
            throw existing(target);
        } catch (IOException e) {
            throw new KmsUnavailableException("cannot write the backup " + target + ": " + e, e);
        }
    }

    private static KeyFileException existing(Path target) {
        return new KeyFileException("the file " + target + " exists; a backup needs a new file");
    }

    /**
     * Puts back what {@link #backup} wrote. The store keeps its own passphrase or secret.
     *
     * <p>What happened after the backup is lost: keys made since then are gone, versions made since then do not decrypt
     * any more, and keys disabled since then are enabled again, so look at their states afterwards. Uses since then are not
     * counted in it either; therefore every symmetric key gets a new version in the same write (RULES 10), and its number is
     * higher than any that the replaced store has. The uses of other kinds need no counting; they stay as they were.
     *
     * @param file the backup
     * @param passphrase of the backup; not modified
     * @param replace whether to replace an existing key file, even one that cannot be opened
     * @throws IllegalArgumentException if the passphrase is empty
     * @throws KeyFileException if the backup does not open, or there is a key file and {@code replace} is false
     */
    public void restore(Path file, char[] passphrase, boolean replace) {
        requirePassphrase(passphrase);
        store.restore(file.toAbsolutePath(), passphrase, replace, (existing, exported) -> {
            StoreState restored = exported.at(store.now())
                    .withGeneration(StoredKey.randomId(store.settings().random()), exported.generation());
            for (StoredKey key : restored.keys().values()) {
                if (key.canRotate()) {
                    StoredKey replaced = existing.keys().getOrDefault(key.id(), key);
                    int newest =
                            Math.max(key.current().number(), replaced.current().number());
                    restored = restored.withKey(key.withVersion(store.newVersion(newest + 1, Cause.ON_DEMAND)));
                }
            }
            return restored;
        });
    }

    /**
     * Seals the store under a new passphrase, and removes the generated secret if there is one. From then on the store
     * opens only for those who give the new passphrase, by {@code local.passphrase-file} or the environment variable {@code
     * KMS_ENVELOPE_PASSPHRASE}; this object goes on working. Copies of the key file from before still open with what opened
     * them: if that is in other hands, rotate the keys too.
     *
     * @param passphrase at least one character; not modified
     * @throws IllegalArgumentException if the passphrase is empty
     * @throws KeyFileException if there is no store yet
     */
    public void changePassphrase(char[] passphrase) {
        requirePassphrase(passphrase);
        store.changePassphrase(passphrase);
    }

    /**
     * Seals the store under a new generated secret, which is kept in a file beside the key file: no passphrase is needed
     * from then on, and none may be set up. Whoever can read the directory can read the keys then.
     *
     * @throws KeyFileException if there is no store yet
     */
    public void changeToGeneratedSecret() {
        store.changeToGeneratedSecret();
    }

    @Override
    public void close() {
        store.close();
    }

    /** The newest state, for tests. */
    StoreState state() {
        return store.read(state -> state);
    }

    private KeyDescription change(KeyId id, UnaryOperator<StoredKey> change) {
        StoredKey[] changed = new StoredKey[1];
        StoreState state = updateExisting(id, before -> {
            StoredKey key = store.require(before, id);
            changed[0] = change.apply(key);
            return changed[0].equals(key) ? before : before.withKey(changed[0]);
        });
        return state.describe(changed[0]);
    }

    /** Makes no directory when there is no store that the key or alias could be in. */
    private StoreState updateExisting(KeyId id, UnaryOperator<StoreState> change) {
        StoreState newest = store.read(state -> state);
        if (newest.generation() == 0) {
            throw store.notFound(newest, id);
        }
        return store.update(change);
    }

    private static KeyDescription describe(StoreState state, String id) {
        return state.describe(Objects.requireNonNull(state.keys().get(id)));
    }

    private static String aliasName(KeyId alias) {
        String name = alias.value();
        if (!ALIAS.matcher(name).matches() || name.startsWith(RESERVED_ALIAS_PREFIX)) {
            throw new IllegalArgumentException("the alias '" + name + "' must be alias/ and 1 to 250 of the characters"
                    + " A-Z a-z 0-9 / _ -, and not start with " + RESERVED_ALIAS_PREFIX);
        }
        return name;
    }

    private static void requireUnused(StoreState state, String alias) {
        if (state.aliases().containsKey(alias)) {
            throw new AliasExistsException("the alias " + alias + " exists already; update it to point it elsewhere");
        }
    }

    private static void requireAlias(StoreState state, KeyId alias) {
        if (!state.aliases().containsKey(alias.value())) {
            throw new KeyNotFoundException("there is no alias " + alias);
        }
    }

    private static void requireNotPending(StoredKey key, KeyId id) {
        if (key.state() == KeyState.PENDING_DELETION) {
            throw new KeyDisabledException(
                    "the key " + id + " will be deleted at " + key.deletion() + "; cancel that first");
        }
    }

    private static void requireRotatable(StoredKey key, KeyId id) {
        if (!key.canRotate()) {
            throw new InvalidKeyUsageException("the key " + id + " is of kind " + key.spec()
                    + ", which is not rotated; create a new one and point its alias there");
        }
        if (key.state() == KeyState.DISABLED) {
            throw new KeyDisabledException("the key " + id + " is disabled; enable it to rotate it");
        }
        requireNotPending(key, id);
    }

    private static void requirePassphrase(char[] passphrase) {
        if (passphrase.length == 0) {
            throw new IllegalArgumentException("a passphrase has at least one character");
        }
    }
}
