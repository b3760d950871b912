package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.KeyId;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request as error texts name it.
 *
 * @param operation what is asked
 * @param key which key or alias it is about, or null
 * @param timeout how long it may take
 */
record AwsCall(AwsOperation operation, @Nullable KeyId key, Duration timeout) {

    @Override
    public String toString() {
        return operation.service() + " " + operation + (key == null ? "" : ", key " + key);
    }
}
