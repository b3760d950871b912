package dev.kmsenvelope.local;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.keyring.RawAesKeyring;
import dev.kmsenvelope.keyring.RawKeyService;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyPairService;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.local.UseCounter.Reservation;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The embedded key service. Keys are named by their id, a UUID, or by an alias. What it encrypts has the layout of the AWS
 * Encryption SDK's raw AES keyring, with the namespace {@value #NAMESPACE} and the key name {@code <key id>/<version>}:
 * the newest version of a key encrypts, older ones go on decrypting.
 *
 * <p>Encryptions are counted per key version across all processes, and the key is rotated by itself before a version has
 * done 2^31 of them (random nonces allow 2^32). A key with a rotation period is rotated by the first encryption after its
 * material has reached that age, before it. So encrypting needs write access to the key directory now and then; decrypting
 * needs read access only. What other processes change is seen at the next call.
 *
 * <p>It has all the {@linkplain #capability capabilities} that there are.
 *
 * <p>Thread-safe. Besides what {@link KeyService} says, every method may throw a {@link KeyFileException} when the key file
 * does not open, a {@link KmsUnavailableException} when the directory cannot be read or written, and an {@link
 * IllegalStateException} after {@link #close()}.
 */
final class LocalKeyService extends RawKeyService implements KeyPairService, RandomService {

    /** The provider id of what it encrypts. */
    static final String NAMESPACE = "kms-envelope-local";

    private static final Pattern KEY_NAME =
            Pattern.compile("([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/([1-9][0-9]{0,9})");
    private static final int MAX_ATTEMPTS = 1000;

    private final LocalStore store;
    private final UseCounter counter;
    private final ReentrantLock reserving = new ReentrantLock();
    private final LocalAsymmetricKeys pairs;
    private final LocalAccessCheck access;

    LocalKeyService(LocalStore store) {
        this.store = store;
        this.pairs = new LocalAsymmetricKeys(store);
        this.access = new LocalAccessCheck(this, pairs);
        this.counter = new UseCounter(store.settings().maxUses());
    }

    @Override
    public String name() {
        return LocalBackendFactory.NAME;
    }

    @Override
    public <T> Optional<T> capability(Class<T> type) {
        return Stream.of(this, pairs, access)
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst();
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
    public Set<KeyId> decryptionKeys(KeyId key) {
        return store.read(state -> {
            store.require(state, key);
            Set<KeyId> keys = new LinkedHashSet<>();
            state.targets(key).forEach(target -> keys.add(KeyId.of(target)));
            return keys;
        });
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return KeyName.of(encrypted).map(name -> KeyId.of(name.key()));
    }

    @Override
    public boolean versionTakesRequest() {
        return false;
    }

    @Override
    public Optional<String> versionOf(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return KeyName.of(encrypted)
                .filter(name -> name.key().equals(key.value()))
                .map(name -> Integer.toString(name.version()));
    }

    @Override
    protected void drawDataKey(KeyId key, byte[] bytes) {
        store.settings().random().nextBytes(bytes);
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        requireLength("a plaintext", plaintext.length, MAX_PLAINTEXT);
        try (WrappingKey wrapping = takeWrappingKey(key)) {
            return wrapping.keyring.wrap(plaintext, context);
        }
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        KeyName name = KeyName.of(encrypted)
                .orElseThrow(() -> new InvalidCiphertextException("this was not encrypted by the local key service"));
        try (WrappingKey wrapping = store.read(state -> unwrappingKey(state, key, name))) {
            return wrapping.keyring.unwrap(encrypted, context);
        }
    }

    @Override
    public WrappedKeyPair generateDataKeyPair(KeyId key, KeySpec spec, EncryptionContext context) {
        if (!spec.isRsa() && !spec.isEllipticCurve() && spec != KeySpec.ECC_NIST_EDWARDS25519) {
            throw new IllegalArgumentException("a data key pair is of RSA or an elliptic curve, not of kind " + spec);
        }
        store.read(state -> requireUsable(state, key).id()); // Said before the work, which may take seconds.
        KeyMaterial pair = KeyPairs.generate(spec, store.settings().random());
        byte[] privateKey = pair.secret().copy();
        boolean done = false;
        try {
            WrappedKeyPair wrapped =
                    new WrappedKeyPair(pair.publicKey(), pair.secret(), encrypt(key, privateKey, context));
            done = true;
            return wrapped;
        } finally {
            Arrays.fill(privateKey, (byte) 0);
            if (!done) {
                pair.secret().close();
            }
        }
    }

    @Override
    public byte[] generateRandom(int numberOfBytes) {
        requireLength("a random string", numberOfBytes, MAX_RANDOM);
        byte[] random = new byte[numberOfBytes];
        store.settings().random().nextBytes(random);
        return random;
    }

    @Override
    public void close() {
        store.close();
    }

    /** Copies the current version of a key after one use of it was counted. */
    private WrappingKey takeWrappingKey(KeyId id) {
        // Ends at the first attempt or the one after the reservation, unless others keep taking or rotating in between.
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            WrappingKey taken = tryTake(id);
            if (taken != null) {
                return taken;
            }
            reserving.lock(); // One thread reserves, the others find its block.
            try {
                taken = tryTake(id);
                if (taken != null) {
                    return taken;
                }
                reserve(id);
            } finally {
                reserving.unlock();
            }
        }
        throw new KmsUnavailableException("the key " + id + " is rotated faster than it can be used");
    }

    private @Nullable WrappingKey tryTake(KeyId id) {
        return store.read(state -> {
            StoredKey key = requireUsable(state, id);
            boolean usable = !key.isRotationDueAt(store.now()) && counter.take(state, key);
            return usable ? wrappingKey(key, key.current()) : null;
        });
    }

    private StoredKey requireUsable(StoreState state, KeyId id) {
        return requireSymmetric(store.requireEnabled(state, id), id);
    }

    private static StoredKey requireSymmetric(StoredKey key, KeyId id) {
        if (key.spec() != KeySpec.SYMMETRIC_DEFAULT) {
            throw LocalAsymmetricKeys.wrongKey(key, id, "which neither encrypts nor decrypts data keys");
        }
        return key;
    }

    /**
     * Reserves uses on disk before they are taken (RULES 10): a crash in between loses some and repeats none. Rotates the
     * key if it must be.
     */
    private void reserve(KeyId id) {
        AtomicReference<Reservation> made = new AtomicReference<>();
        StoreState written = store.update(state -> {
            StoredKey key = requireUsable(state, id);
            Reservation reservation = counter.reserve(
                    key, store.now(), cause -> store.newVersion(key.current().number() + 1, cause));
            made.set(reservation);
            return state.withKey(reservation.key());
        });
        store.read(now -> {
            counter.credit(now, written, made.get());
            return now.generation();
        });
    }

    private WrappingKey unwrappingKey(StoreState state, KeyId id, KeyName name) {
        StoredKey asked = store.require(state, id);
        if (!state.targets(id).contains(name.key())) {
            requireSymmetric(asked, id);
            throw new InvalidCiphertextException(
                    "this was encrypted under the key " + name.key() + ", not under " + id);
        }
        StoredKey key = requireUsable(state, KeyId.of(name.key()));
        return key.version(name.version())
                .map(version -> wrappingKey(key, version))
                .orElseThrow(() -> new InvalidCiphertextException("this was encrypted under version " + name.version()
                        + " of the key " + key.id() + ", which has no such version here"));
    }

    private WrappingKey wrappingKey(StoredKey key, StoredKey.Version version) {
        return new WrappingKey(
                new KeyName(key.id(), version.number()), version.material().copy());
    }

    /** What the provider info names for a version of a key. */
    static String keyName(KeyId key, String version) {
        return key + "/" + version;
    }

    /** A copy of one version's material, for one operation. */
    private final class WrappingKey implements AutoCloseable {
        private final byte[] material;
        private final RawAesKeyring keyring;

        WrappingKey(KeyName name, byte[] material) {
            this.material = material;
            this.keyring = new RawAesKeyring(
                    NAMESPACE,
                    name.toString(),
                    () -> AesGcm.of(store.gcm(), material),
                    store.settings().random());
        }

        @Override
        public void close() {
            Arrays.fill(material, (byte) 0);
        }
    }

    /**
     * What the provider info names.
     *
     * @param key its id
     * @param version of it
     */
    private record KeyName(String key, int version) {

        static Optional<KeyName> of(EncryptedDataKey encrypted) {
            try {
                return RawAesKeyring.keyName(NAMESPACE, encrypted)
                        .map(KEY_NAME::matcher)
                        .filter(Matcher::matches)
                        .map(name -> new KeyName(name.group(1), Integer.parseInt(name.group(2))));
            } catch (NumberFormatException e) {
                return Optional.empty(); // No version has such a number.
            }
        }

        @Override
        public String toString() {
            return keyName(KeyId.of(key), Integer.toString(version));
        }
    }
}
