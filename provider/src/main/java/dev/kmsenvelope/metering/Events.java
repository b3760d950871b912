package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.KmsOperation;
import dev.kmsenvelope.telemetry.KmsOutcome;
import org.jspecify.annotations.Nullable;

/** Tells a recording what happens. Thread-safe. */
interface Events {

    /** A call that runs. */
    interface Call {

        /** A call that nobody records. */
        Call UNRECORDED = outcome -> {};

        void ended(KmsOutcome outcome);
    }

    Call call(String service, KmsOperation operation, @Nullable String key);

    /** The events of this JVM: the same object each time. */
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
