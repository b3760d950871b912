package dev.kmsenvelope.metering;

import dev.kmsenvelope.telemetry.KmsCallKind;
import dev.kmsenvelope.telemetry.KmsCallStatistics;
import dev.kmsenvelope.telemetry.KmsOperation;
import dev.kmsenvelope.telemetry.KmsOutcome;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The calls of all key services that are measured, since this class was loaded. Thread-safe. */
public final class KmsCalls {

    /** All of this library. */
    public static final KmsCalls ALL = new KmsCalls();

    /** Where the calls of services beyond {@link #MAX_SERVICES} count: a program may make any number of them. */
    static final String FURTHER_SERVICES = "(others)";

    private static final int MAX_SERVICES = 64;

    private final Map<String, Map<KmsOperation, CallFigures>> services = new ConcurrentHashMap<>();

    KmsCalls() {}

    /** Counts one call, unless it is a look-up that the service may have answered by itself. */
    void add(String service, KmsOperation operation, KmsOutcome outcome, long nanos) {
        if (counts(operation, outcome)) {
            figures(service, operation).add(outcome, nanos);
        }
    }

    static boolean counts(KmsOperation operation, KmsOutcome outcome) {
        return operation != KmsOperation.RESOLVE_KEY || outcome != KmsOutcome.SUCCESS;
    }

    private CallFigures figures(String service, KmsOperation operation) {
        Map<KmsOperation, CallFigures> operations = services.get(service);
        if (operations == null) {
            operations = services.computeIfAbsent(
                    services.size() < MAX_SERVICES ? service : FURTHER_SERVICES, name -> new ConcurrentHashMap<>());
        }
        return operations.computeIfAbsent(operation, absent -> new CallFigures());
    }

    /**
     * The calls of each operation of each service.
     *
     * @return a new map
     */
    public SortedMap<KmsCallKind, KmsCallStatistics> byKind() {
        SortedMap<KmsCallKind, KmsCallStatistics> byKind = new TreeMap<>();
        services.forEach((service, operations) -> operations.forEach((operation, figures) -> byKind.put(
                new KmsCallKind(service, operation), figures.snapshot().statistics())));
        return byKind;
    }

    /**
     * All calls together.
     *
     * @return their figures
     */
    public KmsCallStatistics total() {
        return services.values().stream()
                .flatMap(operations -> operations.values().stream())
                .map(CallFigures::snapshot)
                .reduce(CallFigures.Snapshot.empty(), CallFigures.Snapshot::plus)
                .statistics();
    }
}
