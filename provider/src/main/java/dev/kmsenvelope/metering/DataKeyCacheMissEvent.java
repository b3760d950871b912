package dev.kmsenvelope.metering;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;

/** A message waits for a data key. */
@Name("dev.kmsenvelope.DataKeyCacheMiss")
@Label("Data Key Cache Miss")
@Category("KmsEnvelope")
@Description("A message waits for a data key of the key service")
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class DataKeyCacheMissEvent extends Event {

    @Label("Key")
    @Description("An alias, key id or ARN")
    private final String key;

    @Label("Operation")
    @Description("ENCRYPT or DECRYPT")
    private final String operation;

    DataKeyCacheMissEvent(String key, String operation) {
        this.key = key;
        this.operation = operation;
    }
}
