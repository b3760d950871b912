package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.KmsEnvelopeStatistics;

/** All that is counted. */
public final class Figures {

    private Figures() {}

    /**
     * Reads the counts.
     *
     * @return what they are now
     */
    public static KmsEnvelopeStatistics now() {
        return new KmsEnvelopeStatistics(OpenCaches.ALL.statistics(), KmsCalls.ALL.total(), KmsCalls.ALL.byKind());
    }
}
