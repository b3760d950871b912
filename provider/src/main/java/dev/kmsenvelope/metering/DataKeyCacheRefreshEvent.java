package dev.kmsenvelope.metering;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A data key was renewed in the background, or was not. */
@Name("dev.kmsenvelope.DataKeyCacheRefresh")
@Label("Data Key Cache Refresh")
@Category("KmsEnvelope")
@Description("A data key was renewed in the background, or was not")
@StackTrace(false)
@SuppressWarnings("UnusedVariable") // Flight Recorder reads the fields
final class DataKeyCacheRefreshEvent extends Event {

    @Label("Key")
    @Description("An alias, key id or ARN")
    private final String key;

    @Label("Operation")
    @Description("ENCRYPT or DECRYPT")
    private final String operation;

    @Label("Time")
    @Description("How long it took")
    @Timespan(Timespan.NANOSECONDS)
    private final long time;

    @Label("Outcome")
    @Description("SUCCESS, or the kind of failure")
    private final String outcome;

    DataKeyCacheRefreshEvent(String key, String operation, long time, String outcome) {
        this.key = key;
        this.operation = operation;
        this.time = time;
        this.outcome = outcome;
    }
}
