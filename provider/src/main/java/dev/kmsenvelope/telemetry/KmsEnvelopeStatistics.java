package dev.kmsenvelope.telemetry;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What this library did since it was loaded, by this class loader. The numbers are read one after the other while others go on
 * working, so they are of slightly different moments.
 *
 * @param cache the caches of data keys
 * @param kms all calls of key services
 * @param kmsByKind the same for each operation of each service
 */
public record KmsEnvelopeStatistics(
        DataKeyCacheStatistics cache, KmsCallStatistics kms, Map<KmsCallKind, KmsCallStatistics> kmsByKind) {

    /**
     * Copies the map.
     *
     * @param cache the caches of data keys
     * @param kms all calls of key services
     * @param kmsByKind the same for each operation of each service
     */
    public KmsEnvelopeStatistics {
        kmsByKind = Collections.unmodifiableMap(new TreeMap<>(kmsByKind));
    }
}
