package dev.kmsenvelope.metering;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import org.jspecify.annotations.Nullable;

/** A key service did something, or failed to. */
@Name("dev.kmsenvelope.KmsCall")
@Label("KMS Call")
@Category("KmsEnvelope")
@Description("A call of a key-management service")
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class KmsCallEvent extends Event {

    @Label("Service")
    @Description("The name of the key service")
    private final String service;

    @Label("Operation")
    private final String operation;

    @Label("Key")
    @Description("An alias, key id or ARN")
    private final @Nullable String key;

    @Label("Outcome")
    @Description("SUCCESS, or the kind of failure")
    @Nullable
    private String outcome;

    KmsCallEvent(String service, String operation, @Nullable String key) {
        this.service = service;
        this.operation = operation;
        this.key = key;
    }

    void ended(String how) {
        outcome = how;
        commit();
    }
}
