package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A source for tests of the cache: each data key begins with the number of the call that made it, calls can be made to wait
 * and to fail, and are counted.
 */
final class ScriptedSource implements DataKeySource {

    static final KeyId KEY = KeyId.of("alias/master");
    static final DataKeyUse USE = new DataKeyUse(0x0478, 32, true);
    static final EncryptionContext CONTEXT = EncryptionContext.empty();

    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger open = new AtomicInteger();
    volatile Supplier<? extends Throwable> fault = () -> null;
    volatile CountDownLatch gate = new CountDownLatch(0);
    volatile CountDownLatch reached = new CountDownLatch(0);
    volatile int length = 32;

    /** Makes all further calls wait, and tells by {@link #reached} when the first one is there. */
    void shut() {
        gate = new CountDownLatch(1);
        reached = new CountDownLatch(1);
    }

    static EncryptedDataKey encrypted(int number) {
        return new EncryptedDataKey(
                "test", new byte[] {1, 2}, ByteBuffer.allocate(4).putInt(number).array());
    }

    static int number(DataKeyLease lease) {
        return ByteBuffer.wrap(lease.copyKey()).getInt();
    }

    private DataKeyLease lease(EncryptedDataKey encrypted, int number) {
        reached.countDown();
        boolean interrupted = false;
        try {
            gate.await();
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
            throw new dev.kmsenvelope.kms.KmsUnavailableException("the call was interrupted");
        }
        Throwable failure = fault.get();
        if (failure instanceof RuntimeException unchecked) {
            throw unchecked;
        }
        if (failure instanceof Error error) {
            throw error;
        }
        open.incrementAndGet();
        byte[] key = ByteBuffer.allocate(length).putInt(number).array();
        key[length - 1] = 1;
        return new DataKeyLease() {
            @Override
            public byte[] copyKey() {
                return key.clone();
            }

            @Override
            public int length() {
                return key.length;
            }

            @Override
            public List<EncryptedDataKey> encrypted() {
                return List.of(encrypted);
            }

            @Override
            public void used(long bytes) {}

            @Override
            public void close() {
                open.decrementAndGet();
            }
        };
    }

    @Override
    public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
        int number = calls.incrementAndGet();
        return lease(encrypted(number), number);
    }

    @Override
    public DataKeyLease forDecryption(
            KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
        return lease(encrypted, calls.incrementAndGet());
    }
}
