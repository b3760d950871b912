package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.KmsOperation;
import org.jspecify.annotations.Nullable;

/** Where the module {@code jdk.jfr} is missing. */
final class NoEvents implements Events {

    @Override
    public Call call(String service, KmsOperation operation, @Nullable String key) {
        return Call.UNRECORDED;
    }
}
