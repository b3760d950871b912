package dev.kmsenvelope.metering;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A data key left the cache. */
@Name("dev.kmsenvelope.DataKeyCacheEviction")
@Label("Data Key Cache Eviction")
@Category("KmsEnvelope")
@Description("A data key left the cache")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class DataKeyCacheEvictionEvent extends Event {

    @Label("Key")
    @Description("An alias, key id or ARN")
    private final String key;

    @Label("Operation")
    @Description("ENCRYPT or DECRYPT")
    private final String operation;

    @Label("Cause")
    private final String cause;

    @Label("Messages")
    @Description("How many messages it was used for")
    private final long messages;

    @Label("Bytes")
    @Description("How many bytes of plaintext it was used for")
    @DataAmount(DataAmount.BYTES)
    private final long bytes;

    DataKeyCacheEvictionEvent(String key, String operation, String cause, long messages, long bytes) {
        this.key = key;
        this.operation = operation;
        this.cause = cause;
        this.messages = messages;
        this.bytes = bytes;
    }
}
