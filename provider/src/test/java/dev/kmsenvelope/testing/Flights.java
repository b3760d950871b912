package dev.kmsenvelope.testing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Which calls to a service are under way, to find two at once of which one would have been enough. Thread-safe. */
public final class Flights {

    private final Set<Object> underWay = new HashSet<>();
    private final Map<Object, Integer> counts = new HashMap<>();
    private final List<String> overlaps = new ArrayList<>();

    /** Makes a call, of which two equal ones should not be under way. */
    public <T> T during(Object call, Supplier<T> making) {
        boolean alone = start(call);
        try {
            return making.get();
        } finally {
            if (alone) {
                end(call);
            }
        }
    }

    private synchronized boolean start(Object call) {
        counts.merge(call, 1, Integer::sum);
        boolean alone = underWay.add(call);
        if (!alone) {
            overlaps.add(call.toString());
        }
        return alone;
    }

    private synchronized void end(Object call) {
        underWay.remove(call);
    }

    /** The calls that were made while an equal one was under way. */
    public synchronized List<String> overlaps() {
        return List.copyOf(overlaps);
    }

    /** How many calls were made, by what they asked. */
    public synchronized Map<Object, Integer> counts() {
        return Map.copyOf(counts);
    }
}
