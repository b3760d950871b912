package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.KmsOperation;
import dev.kmsenvelope.telemetry.KmsOutcome;
import org.jspecify.annotations.Nullable;

/** Tells a recording what happens. Thread-safe. */
public interface Events {

    /** A call that runs. */
    interface Call {

        /** A call that nobody records. */
        Call UNRECORDED = outcome -> {};

        /**
         * Records it.
         *
         * @param outcome how it ended
         */
        void ended(KmsOutcome outcome);
    }

    /**
     * A call of a service begins.
     *
     * @param service the name of the service
     * @param operation what it is to do
     * @param key the key; null if the operation has none
     * @return is told the end
     */
    Call call(String service, KmsOperation operation, @Nullable String key);

    /**
     * Somebody waits for a data key.
     *
     * @param key the key of the service
     * @param operation {@code ENCRYPT} or {@code DECRYPT}
     */
    void cacheMissed(String key, String operation);

    /**
     * A data key was renewed in the background, or was not.
     *
     * @param key the key of the service
     * @param operation {@code ENCRYPT} or {@code DECRYPT}
     * @param nanos how long it took
     * @param outcome what came of it
     */
    void cacheRefreshed(String key, String operation, long nanos, KmsOutcome outcome);

    /**
     * A data key left a cache.
     *
     * @param key the key of the service
     * @param operation {@code ENCRYPT} or {@code DECRYPT}
     * @param cause why
     * @param messages for how many messages it was used
     * @param bytes for how many bytes of plaintext
     */
    void cacheEvicted(String key, String operation, String cause, long messages, long bytes);

    /**
     * The events of this JVM.
     *
     * @return the same object each time
     */
    static Events get() {
        return Choice.EVENTS;
    }

    /** Made when the first thing happens. */
    final class Choice {

        private static final Events EVENTS = choose();

        private Choice() {}

        /**
         * A module that is required statically is not resolved for that, and when it is there for another reason, it may have
         * come too late to be readable.
         */
        private static Events choose() {
            Class<?> event;
            try {
                event = Class.forName("jdk.jfr.Event");
            } catch (ClassNotFoundException e) {
                return new NoEvents();
            }
            Events.class.getModule().addReads(event.getModule());
            return new RecordedEvents();
        }
    }
}
