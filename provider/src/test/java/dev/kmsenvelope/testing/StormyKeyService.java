package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A key service for tests that takes time to answer, whose keys are refused and allowed, rotated and re-pointed while it is
 * used, and which notices calls that were one too many. Its data keys are {@link CheckedKeys}. A call whose thread is
 * interrupted fails as unavailable, as with a client that goes over the network. Thread-safe.
 */
public final class StormyKeyService implements KeyService {

    /** The calls that the cache makes for all who wait. */
    public final Flights flights = new Flights();

    public final AtomicInteger generated = new AtomicInteger();
    public final AtomicInteger decrypted = new AtomicInteger();

    /** How many data keys were given to the cache, to be kept. */
    public final AtomicInteger givenToKeep = new AtomicInteger();

    private final InMemoryKeyService keys = new InMemoryKeyService();
    private final Map<KeyId, List<KeyId>> aliases = new ConcurrentHashMap<>();
    private final Map<KeyId, Supplier<? extends KmsException>> refusals = new ConcurrentHashMap<>();
    private final Set<SecretBytes> handedOut =
            Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    private volatile Supplier<? extends KmsException> outage = () -> null;
    private volatile Runnable latency = () -> {};

    /** Adds a key; all of them, before threads use this. */
    public StormyKeyService withKey(String name) {
        keys.withKey(name);
        return this;
    }

    /** Points an alias to a key; it goes on decrypting for those that it pointed to. */
    public StormyKeyService withAlias(String alias, String key) {
        aliases.computeIfAbsent(KeyId.of(alias), absent -> new CopyOnWriteArrayList<>())
                .add(0, KeyId.of(key));
        return this;
    }

    /** Makes each call take a random time up to so many microseconds. */
    public StormyKeyService withLatency(int micros) {
        latency = () -> pause(ThreadLocalRandom.current().nextLong(1 + micros * 1000L));
        return this;
    }

    /** Makes each call do something before it is answered, for example wait. */
    public void beforeEachAnswer(Runnable step) {
        latency = step;
    }

    /** Refuses the use of a key, by what is supplied. */
    public void refuse(String key, Supplier<? extends KmsException> refusal) {
        refusals.put(KeyId.of(key), refusal);
    }

    /** Allows the use of a key again. */
    public void allow(String key) {
        refusals.remove(KeyId.of(key));
    }

    /** Makes every call fail with what is supplied, or work again where that gives null. */
    public void failWith(Supplier<? extends KmsException> failure) {
        outage = failure;
    }

    /** The data keys that were given and are not wiped. */
    public long alive() {
        synchronized (handedOut) {
            return handedOut.stream().filter(secret -> !secret.isDestroyed()).count();
        }
    }

    /** How many data keys were given. */
    public int given() {
        return handedOut.size();
    }

    private static void pause(long nanos) {
        try {
            Thread.sleep(nanos / 1_000_000, (int) (nanos % 1_000_000));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private <T> T answer(Object call, KeyId key, Supplier<T> making) {
        Supplier<T> answering = () -> {
            latency.run();
            if (Thread.currentThread().isInterrupted()) {
                throw new KmsUnavailableException("the call was interrupted");
            }
            throwIfAny(outage.get());
            throwIfAny(refusals.getOrDefault(current(key), () -> null).get());
            return making.get();
        };
        return isForAll() ? flights.during(call, answering) : answering.get();
    }

    /** Who cannot be served with others asks in his own thread, for one message. */
    private static boolean isForAll() {
        return Thread.currentThread().getName().startsWith("kms-envelope-cache-loader");
    }

    private static void throwIfAny(KmsException failure) {
        if (failure != null) {
            throw failure;
        }
    }

    private KeyId current(KeyId key) {
        List<KeyId> behind = aliases.get(key);
        return behind == null ? key : behind.get(0);
    }

    private SecretBytes give(SecretBytes secret) {
        handedOut.add(secret);
        if (isForAll()) {
            givenToKeep.incrementAndGet();
        }
        return secret;
    }

    @Override
    public String name() {
        return "stormy";
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return keys.describe(current(key));
    }

    @Override
    public List<KeyDescription> list() {
        return keys.list();
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        throwIfAny(outage.get());
        return new LinkedHashSet<>(aliases.getOrDefault(key, List.of(key)));
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return keys.keyOf(encrypted);
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        generated.incrementAndGet();
        return answer(List.of("generate", key, numberOfBytes, context.asMap()), key, () -> {
            byte[] plaintext = CheckedKeys.next(numberOfBytes);
            EncryptedDataKey encrypted = keys.encrypt(current(key), plaintext, context);
            return new DataKeyPair(give(SecretBytes.owning(plaintext)), encrypted);
        });
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        return answer(new Object(), key, () -> keys.encrypt(current(key), plaintext, context));
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        decrypted.incrementAndGet();
        return answer(
                List.of("decrypt", key, encrypted, context.asMap()),
                key,
                () -> give(keys.decrypt(key, encrypted, context)));
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        return keys.reEncrypt(source, encrypted, sourceContext, destination, destinationContext);
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encrypted) {
        return keys.toBlob(encrypted);
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        return keys.fromBlob(key, blob);
    }

    @Override
    public void close() {
        keys.close();
    }
}
