package dev.kmsenvelope.benchmarks.fleet;

import dev.kmsenvelope.dek.CacheSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The fleets of the table in docs/FLEET.md, with what the cache does when nothing is set. */
final class TypicalFleets {

    private static final Limits LIMITS = new Limits(
            CacheSettings.DEFAULT_MAX_AGE, CacheSettings.DEFAULT_MAX_MESSAGES, CacheSettings.DEFAULT_MAX_BYTES);

    private TypicalFleets() {}

    static Map<String, Fleet> all() {
        Map<String, Fleet> fleets = new LinkedHashMap<>();
        fleets.put("one process", fleet(1, 100, 1, 10, 0));
        fleets.put("a small service", fleet(10, 50, 1, 20, 0));
        fleets.put("a service with tenants", fleet(100, 100, 1, 100, 0));
        fleets.put("many tenants", fleet(100, 100, 1, 10_000, 0));
        fleets.put("a large fleet, one context", fleet(1000, 100, 1, 1, 0));
        fleets.put("a large fleet with tenants", fleet(1000, 100, 1, 100, 0));
        fleets.put("a large fleet, written only", fleet(1000, 1000, 0, 100, 0));
        fleets.put("an archive is read", fleet(100, 1, 100, 10, 1000));
        return fleets;
    }

    private static Fleet fleet(int processes, double writes, double readsPerWrite, int contexts, long archive) {
        return new Fleet(
                new Fleet.Traffic(processes, writes, readsPerWrite, 1024, contexts, 1, archive),
                LIMITS,
                LIMITS,
                CacheSettings.DEFAULT_MAX_ENTRIES,
                new Fleet.Restarts(1, Duration.ofMinutes(1)),
                new Fleet.Service(0.03, 1, 1, 10_000));
    }

    /** As a table in Markdown. */
    static List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(
                "| fleet | processes | writes/s, reads/s each | contexts | requests/s (without cache) | USD a month (without)"
                        + " | worst second at start | data keys in memory each | messages per data key |");
        lines.add("|---|---|---|---|---|---|---|---|---|");
        all().forEach((name, fleet) -> lines.add(row(name, fleet, FleetFormulas.predict(fleet))));
        return lines;
    }

    private static String row(String name, Fleet fleet, Prediction prediction) {
        Fleet.Traffic traffic = fleet.traffic();
        return String.format(
                Locale.ROOT,
                "| %s | %d | %s, %s | %d | %s (%s) | %,.2f (%,.0f) | %s | %s | %s |",
                name,
                traffic.processes(),
                FleetReport.number(traffic.writes()),
                FleetReport.number(traffic.reads()),
                traffic.contexts(),
                FleetReport.number(prediction.requests().total()),
                FleetReport.number(prediction.requests().withoutCache()),
                prediction.cost().requests(),
                prediction.cost().requestsWithoutCache(),
                FleetReport.number(prediction.start().peak()),
                FleetReport.number(prediction.exposure().perProcess()),
                FleetReport.number(prediction.exposure().messagesMean()));
    }
}
