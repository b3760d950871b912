package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.KmsOperation;
import dev.kmsenvelope.telemetry.KmsOutcome;
import org.jspecify.annotations.Nullable;

/** Events for Java Flight Recorder; the only class besides the events themselves that knows it. */
final class RecordedEvents implements Events {

    @Override
    public Call call(String service, KmsOperation operation, @Nullable String key) {
        KmsCallEvent event = new KmsCallEvent(service, operation.name(), key);
        if (!event.isEnabled()) {
            return Call.UNRECORDED;
        }
        event.begin();
        return outcome -> end(event, operation, outcome);
    }

    private static void end(KmsCallEvent event, KmsOperation operation, KmsOutcome outcome) {
        if (KmsCalls.counts(operation, outcome)) {
            event.ended(outcome.name());
        }
    }

    @Override
    public void cacheMissed(String key, String operation) {
        DataKeyCacheMissEvent event = new DataKeyCacheMissEvent(key, operation);
        if (event.isEnabled()) {
            event.commit();
        }
    }

    @Override
    public void cacheRefreshed(String key, String operation, long nanos, KmsOutcome outcome) {
        DataKeyCacheRefreshEvent event = new DataKeyCacheRefreshEvent(key, operation, nanos, outcome.name());
        if (event.isEnabled()) {
            event.commit();
        }
    }

    @Override
    public void cacheEvicted(String key, String operation, String cause, long messages, long bytes) {
        DataKeyCacheEvictionEvent event = new DataKeyCacheEvictionEvent(key, operation, cause, messages, bytes);
        if (event.isEnabled()) {
            event.commit();
        }
    }
}
