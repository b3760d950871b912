package dev.kmsenvelope.benchmarks.keyservice;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/**
 * A key service as it looks from across a network: each request takes a time out of a distribution, some fail, and all are
 * counted. What a real service answers without a request ({@link #decryptionKeys}, {@link #keyOf}, blobs) takes no time and is
 * not counted. What the other service can do beyond the interface ({@link #capability}) passes by without any of that.
 *
 * <p>Latency and failures can be changed at any time and count from the next request on. Times and failures are drawn from a
 * seed: for one thread the same seed gives the same sequence. Thread-safe.
 */
public final class DelayedKeyService implements KeyService {

    /** What a request fails with. */
    public enum Failure {
        /** As if the service could not be reached. */
        UNAVAILABLE,
        /** As if there were too many requests. */
        THROTTLED,
        /** As if the right to use the key had been taken back. */
        DENIED
    }

    private final KeyService service;
    private final Random random;
    private final LongAdder generated = new LongAdder();
    private final LongAdder encrypted = new LongAdder();
    private final LongAdder decrypted = new LongAdder();
    private final LongAdder looked = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final AtomicLong underWay = new AtomicLong();
    private final AtomicLong mostAtOnce = new AtomicLong();

    private volatile Latency latency;
    private volatile Failing failing = new Failing(0, Failure.UNAVAILABLE);

    /** How often requests fail, and with what. */
    private record Failing(double rate, Failure failure) {}

    /**
     * Puts latency before a service.
     *
     * @param service does the work; closed with this
     * @param latency how long each request takes beyond what the service itself needs
     * @param seed for the draws
     */
    public DelayedKeyService(KeyService service, Latency latency, long seed) {
        this.service = service;
        this.latency = latency;
        this.random = new Random(seed);
    }

    /**
     * A service with keys in memory.
     *
     * @param latency how long each request takes
     * @param keys what to call the keys
     * @return the service; the caller closes it
     */
    public static DelayedKeyService inMemory(Latency latency, Collection<KeyId> keys) {
        return new DelayedKeyService(new FreshKeyService(keys), latency, 1);
    }

    /**
     * Changes the latency.
     *
     * @param newLatency how long each request takes from now on
     */
    public void setLatency(Latency newLatency) {
        latency = newLatency;
    }

    /**
     * Lets requests fail, after their latency.
     *
     * @param rate the share of requests, 0 for none to 1 for all
     * @param failure what they fail with
     * @throws IllegalArgumentException if the rate is out of range
     */
    public void setFailures(double rate, Failure failure) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException("the share of failing requests is 0 to 1, not " + rate);
        }
        failing = new Failing(rate, failure);
    }

    /**
     * What was asked until now.
     *
     * @return the counts, each of them exact only while no request is under way
     */
    public CallCounts counts() {
        return new CallCounts(
                generated.sum(), encrypted.sum(), decrypted.sum(), looked.sum(), failed.sum(), mostAtOnce.get());
    }

    private <T> T request(LongAdder counter, String what, KeyId key, Supplier<T> work) {
        counter.increment();
        long now = underWay.incrementAndGet();
        mostAtOnce.accumulateAndGet(now, Math::max);
        try {
            sleep(what, key);
            Failing current = failing;
            if (current.rate > 0 && random.nextDouble() < current.rate) {
                failed.increment();
                throw failure(current.failure, "cannot " + what + " the key " + key + ": a failure on purpose");
            }
            return work.get();
        } finally {
            underWay.decrementAndGet();
        }
    }

    private static KmsException failure(Failure failure, String message) {
        return switch (failure) {
            case UNAVAILABLE -> new KmsUnavailableException(message);
            case THROTTLED -> new KmsThrottledException(message);
            case DENIED -> new KeyAccessDeniedException(message);
        };
    }

    private void sleep(String what, KeyId key) {
        long nanos = latency.nanos(random);
        if (nanos == 0) {
            return;
        }
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KmsUnavailableException("interrupted while waiting to " + what + " the key " + key, e);
        }
    }

    @Override
    public String name() {
        return "delayed " + service.name();
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return request(looked, "describe", key, () -> service.describe(key));
    }

    @Override
    public List<KeyDescription> list() {
        return request(looked, "list", KeyId.of("*"), service::list);
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return service.decryptionKeys(key);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encryptedKey) {
        return service.keyOf(encryptedKey);
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        return request(
                generated,
                "generate a data key under",
                key,
                () -> service.generateDataKey(key, numberOfBytes, context));
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        return request(encrypted, "encrypt under", key, () -> service.encrypt(key, plaintext, context));
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encryptedKey, EncryptionContext context) {
        return request(decrypted, "decrypt under", key, () -> service.decrypt(key, encryptedKey, context));
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encryptedKey,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        return request(
                encrypted,
                "encrypt again under",
                destination,
                () -> service.reEncrypt(source, encryptedKey, sourceContext, destination, destinationContext));
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encryptedKey) {
        return service.toBlob(encryptedKey);
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        return service.fromBlob(key, blob);
    }

    @Override
    public Optional<String> versionOf(KeyId key, EncryptedDataKey encryptedKey, EncryptionContext context) {
        return service.versionTakesRequest()
                ? request(looked, "tell the version of", key, () -> service.versionOf(key, encryptedKey, context))
                : service.versionOf(key, encryptedKey, context);
    }

    @Override
    public boolean bindsContext(KeyId key) {
        return service.bindsContext(key);
    }

    @Override
    public boolean versionTakesRequest() {
        return service.versionTakesRequest();
    }

    @Override
    public <T> Optional<T> capability(Class<T> type) {
        return service.capability(type);
    }

    @Override
    public void close() {
        service.close();
    }
}
