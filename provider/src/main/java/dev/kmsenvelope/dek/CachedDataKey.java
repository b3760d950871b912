package dev.kmsenvelope.dek;

import dev.kmsenvelope.dek.CacheSettings.Limits;
import dev.kmsenvelope.kms.EncryptedDataKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A data key that may serve several messages, with what is left of its limits. It is wiped as soon as it is retired and the
 * last lease is closed. Thread-safe; taking and closing a lease takes no lock.
 */
final class CachedDataKey {

    private static final long LARGEST_BLOCK_OF_MESSAGES = 1 << 12;
    private static final long LARGEST_BLOCK_OF_BYTES = 1 << 26;

    private final DataKeyRequest request;
    private final byte[] plaintext;
    private final List<EncryptedDataKey> encrypted;
    private final Budget messages;
    private final Budget bytes;
    private final Consumer<byte[]> afterWiping;
    private final LeaseCounter leases = new LeaseCounter(this::wipe);
    private final AtomicReference<@Nullable EvictionCause> retired = new AtomicReference<>();
    private final RefreshState refresh;

    /** Computed when it is first asked for, which a message of the envelope format never does. */
    private volatile @Nullable KeyIdentity identity;

    /**
     * Copies a data key.
     *
     * @param request what it was asked for; has its id
     * @param from the data key; still the caller's
     * @param limits how much it serves
     * @param refresh when it is renewed and when it is too old
     * @param afterWiping run once when it was wiped, with the array
     */
    CachedDataKey(
            DataKeyRequest request,
            DataKeyLease from,
            Limits limits,
            RefreshState refresh,
            Consumer<byte[]> afterWiping) {
        this.request = request;
        this.encrypted = List.copyOf(from.encrypted());
        this.messages = new Budget(limits.maxMessages(), LARGEST_BLOCK_OF_MESSAGES);
        this.bytes = new Budget(limits.maxBytes(), LARGEST_BLOCK_OF_BYTES);
        this.refresh = refresh;
        this.afterWiping = afterWiping;
        this.plaintext = from.copyKey();
    }

    DataKeyRequest request() {
        return request;
    }

    RefreshState refresh() {
        return refresh;
    }

    /** The right to use it for one message; null if it is retired or used up. */
    @Nullable
    DataKeyLease lease() {
        if (isUsedUp() || !messages.take()) {
            return null;
        }
        Stripes.Cell counted = leases.acquire();
        return counted == null ? null : new Lease(this, counted);
    }

    /** Keeps it from being wiped, without using it; null if it is retired. Ends with {@link #release}. */
    Stripes.@Nullable Cell hold() {
        return leases.acquire();
    }

    /** As {@link #lease()}, also when it was retired, as long as the caller's hold lasts. */
    @Nullable
    DataKeyLease leaseWhileHeld(Stripes.Cell held) {
        if (isUsedUp() || !messages.take()) {
            return null;
        }
        leases.share(held);
        return new Lease(this, held);
    }

    void release(Stripes.Cell held) {
        leases.release(held);
    }

    /** Whether no further message may be begun with it, by the count of its bytes. */
    private boolean isUsedUp() {
        return !bytes.isLeft();
    }

    /** Whether messages or bytes are left for less than about a fifth of all. */
    boolean isNearlyUsedUp() {
        return messages.isNearEnd() || bytes.isNearEnd();
    }

    boolean isRetired() {
        return leases.isRetired();
    }

    /** Lets nobody begin to use it any more; true for the first who does that. */
    boolean retire(EvictionCause cause) {
        boolean first = retired.compareAndSet(null, cause);
        leases.retire();
        return first;
    }

    long messageCount() {
        return messages.spent();
    }

    long byteCount() {
        return bytes.spent();
    }

    /** How long it is, with its encrypted versions and what it was asked for, in bytes, about. */
    int size() {
        return plaintext.length
                + request.size()
                + encrypted.stream().mapToInt(EncryptedDataKey::length).sum();
    }

    /** Has this wiped, too, by somebody who outlives it. */
    void register(ForgottenKeys forgotten, Object cache) {
        forgotten.add(cache, plaintext);
    }

    /** Whether it is what was asked for. */
    boolean hasTheRightLength() {
        return request.use().admits(plaintext.length);
    }

    private void wipe() {
        // What Lease.copyKey read before it saw the lease closed was read before this.
        VarHandle.fullFence();
        Arrays.fill(plaintext, (byte) 0);
        afterWiping.accept(plaintext);
    }

    @Override
    public String toString() {
        return "CachedDataKey[" + request.operation() + "]";
    }

    private static final class Lease implements DataKeyLease {

        private static final VarHandle CLOSED;

        static {
            try {
                CLOSED = MethodHandles.lookup().findVarHandle(Lease.class, "closed", boolean.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final CachedDataKey key;
        private final Stripes.Cell counted;
        private volatile boolean closed;

        Lease(CachedDataKey key, Stripes.Cell counted) {
            this.key = key;
            this.counted = counted;
        }

        @Override
        public byte[] copyKey() {
            byte[] copy = key.plaintext.clone();
            // If another thread closes this lease meanwhile, the copy may be of a key that is being wiped: this lease
            // was
            // closed before that began, so it is seen closed here, and a wiped key is never given out.
            VarHandle.acquireFence();
            if (closed) {
                Arrays.fill(copy, (byte) 0);
                throw new IllegalStateException("this lease of a data key was closed");
            }
            return copy;
        }

        @Override
        public KeyIdentity identity() {
            KeyIdentity known = key.identity;
            if (known == null) {
                known = DataKeyLease.super.identity(); // the same for all threads that meet here
                key.identity = known;
            }
            return known;
        }

        @Override
        public int length() {
            return key.plaintext.length;
        }

        @Override
        public List<EncryptedDataKey> encrypted() {
            return key.encrypted;
        }

        @Override
        public void used(long count) {
            key.bytes.spend(count);
        }

        @Override
        public void close() {
            if (CLOSED.compareAndSet(this, false, true)) {
                key.leases.release(counted);
            }
        }
    }
}
