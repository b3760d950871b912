package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.InvalidMessageException;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong with a message that is being read. The first fault or failure stays: nothing more is read, and the end
 * throws it (RULES 6). Not thread-safe.
 */
public final class ReadingLatch {

    private final Runnable cleaning;
    private @Nullable InvalidMessageException fault;
    private @Nullable RuntimeException failure;

    /** Some work on the message. */
    @FunctionalInterface
    public interface Reading {

        /**
         * Does it.
         *
         * @throws InvalidMessageException if something is wrong with the message
         */
        void read() throws InvalidMessageException;
    }

    /**
     * Nothing is wrong yet.
     *
     * @param cleaning lets go of what must not remain when something is
     */
    public ReadingLatch(Runnable cleaning) {
        this.cleaning = cleaning;
    }

    /**
     * Whether something went wrong.
     *
     * @return whether {@link #rethrow} throws
     */
    public boolean isSet() {
        return fault != null || failure != null;
    }

    /**
     * Notes a fault of the message.
     *
     * @param found what is wrong
     */
    public void set(InvalidMessageException found) {
        fault = found;
        cleaning.run();
    }

    /**
     * Does some work, unless something went wrong before. A fault of the message is kept for the end; a failure leaves this at
     * once, and is kept too.
     *
     * @param reading the work
     */
    public void run(Reading reading) {
        if (isSet()) {
            return;
        }
        boolean done = false;
        try {
            reading.read();
            done = true;
        } catch (InvalidMessageException e) {
            fault = e;
        } catch (RuntimeException e) {
            failure = e;
            throw e;
        } finally {
            if (!done) {
                if (!isSet()) {
                    failure = new IllegalStateException("reading the message ended with an error of the Java machine");
                }
                cleaning.run();
            }
        }
    }

    /**
     * Throws what went wrong, if anything did.
     *
     * @throws InvalidMessageException if something is wrong with the message
     */
    public void rethrow() throws InvalidMessageException {
        if (failure != null) {
            throw failure;
        }
        if (fault != null) {
            throw fault;
        }
    }
}
