package dev.kmsenvelope.metering;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.telemetry.KmsOperation;
import dev.kmsenvelope.telemetry.KmsOutcome;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Measures the calls of one service until it is closed, and lets none through afterwards. Thread-safe. */
final class Meter {

    private final String name;
    private final KmsCalls calls;
    private final AtomicBoolean closed = new AtomicBoolean();

    Meter(String name, KmsCalls calls) {
        this.name = name;
        this.calls = calls;
    }

    /** Tells whether this call closed it. */
    boolean close() {
        return closed.compareAndSet(false, true);
    }

    boolean isClosed() {
        return closed.get();
    }

    /** What the call throws is passed on; only when it fails because the service was closed meanwhile, that is said. */
    <T> T measure(KmsOperation operation, @Nullable KeyId key, Supplier<T> call) {
        requireOpen(null);
        Events.Call event = Events.get().call(name, operation, key == null ? null : key.value());
        KmsOutcome outcome = KmsOutcome.OTHER;
        long start = System.nanoTime();
        try {
            T result = call.get();
            outcome = KmsOutcome.SUCCESS;
            return result;
        } catch (IllegalStateException e) {
            requireOpen(e);
            throw e;
        } catch (RuntimeException e) {
            outcome = KmsOutcome.of(e);
            throw e;
        } finally {
            calls.add(name, operation, outcome, System.nanoTime() - start);
            event.ended(outcome);
        }
    }

    private void requireOpen(@Nullable RuntimeException cause) {
        if (closed.get()) {
            KeyServiceClosedException failure =
                    new KeyServiceClosedException("the key service '" + name + "' was closed");
            if (cause != null) {
                failure.initCause(cause);
            }
            throw failure;
        }
    }
}
