package dev.kmsenvelope.benchmarks.contenders;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.keyring.RawAesKeyring;
import dev.kmsenvelope.keyring.RawKeyService;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A key service without latency, unless one is set: the {@link MasterKey} in memory, in the layout of the AWS Encryption SDK's raw AES keys.
 * Counts its calls. Thread-safe.
 */
public final class MemoryKeyService extends RawKeyService {

    /** Its only key. */
    public static final KeyId KEY = KeyId.of(MasterKey.NAME);

    private final SecureRandom random = new SecureRandom();
    private final byte[] bytes = MasterKey.bytes();
    private final RawAesKeyring keyring = new RawAesKeyring(
            MasterKey.NAMESPACE, MasterKey.NAME, () -> AesGcm.of(GcmProvider.find(GcmProvider.AUTO), bytes), random);
    private final LongAdder calls = new LongAdder();
    private final long latency;

    /** A service without latency. */
    public MemoryKeyService() {
        this(Duration.ZERO);
    }

    /**
     * A service with latency.
     *
     * @param latency what each call takes at least
     */
    public MemoryKeyService(Duration latency) {
        this.latency = latency.toNanos();
    }

    private void call() {
        calls.increment();
        long start = System.nanoTime();
        for (long rest = latency; rest > 0; rest = latency - (System.nanoTime() - start)) {
            LockSupport.parkNanos(rest);
        }
    }

    /**
     * How often it encrypted or decrypted a data key.
     *
     * @return the number of calls
     */
    public long calls() {
        return calls.sum();
    }

    @Override
    protected void drawDataKey(KeyId key, byte[] data) {
        random.nextBytes(data);
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        requireLength("what is encrypted", plaintext.length, MAX_PLAINTEXT);
        call();
        return known(key).wrap(plaintext, context);
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        call();
        return known(key).unwrap(encrypted, context);
    }

    private RawAesKeyring known(KeyId key) {
        if (!key.equals(KEY)) {
            throw new KeyNotFoundException("there is no key " + key);
        }
        return keyring;
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        known(key);
        return Set.of(KEY);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return RawAesKeyring.keyName(MasterKey.NAMESPACE, encrypted)
                .map(KeyId::of)
                .filter(KEY::equals);
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public KeyDescription describe(KeyId key) {
        known(key);
        return list().get(0);
    }

    @Override
    public List<KeyDescription> list() {
        return List.of(new KeyDescription(
                KEY,
                List.of(),
                KeySpec.SYMMETRIC_DEFAULT,
                KeyUsage.ENCRYPT_DECRYPT,
                KeyState.ENABLED,
                Instant.EPOCH,
                List.of(),
                null));
    }

    @Override
    public void close() {
        // the key is that of the whole JVM
    }
}
