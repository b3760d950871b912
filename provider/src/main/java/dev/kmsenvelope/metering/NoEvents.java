package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.KmsOperation;
import dev.kmsenvelope.telemetry.KmsOutcome;
import org.jspecify.annotations.Nullable;

/** Where the module {@code jdk.jfr} is missing. */
final class NoEvents implements Events {

    @Override
    public Call call(String service, KmsOperation operation, @Nullable String key) {
        return Call.UNRECORDED;
    }

    @Override
    public void cacheMissed(String key, String operation) {
        // nobody to tell
    }

    @Override
    public void cacheRefreshed(String key, String operation, long nanos, KmsOutcome outcome) {
        // nobody to tell
    }

    @Override
    public void cacheEvicted(String key, String operation, String cause, long messages, long bytes) {
        // nobody to tell
    }
}
