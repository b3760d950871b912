package dev.kmsenvelope.testing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which calls to a service are under way, to find two at once that one would have been enough for. Who throws a cache's
 * contents away on purpose says so by {@link #forgetting}: calls from before and after that may overlap. Thread-safe.
 */
public final class Flights {

    private final Map<Object, List<Integer>> underWay = new HashMap<>();
    private final Map<Object, Integer> counts = new HashMap<>();
    private final List<String> overlaps = new ArrayList<>();
    private int forgotten;

    /** Makes a call, of which two equal ones should not be under way. */
    public <T> T during(Object call, Supplier<T> making) {
        int start = take(call);
        try {
            return making.get();
        } finally {
            land(call, start);
        }
    }

    private synchronized int take(Object call) {
        List<Integer> same = underWay.computeIfAbsent(call, absent -> new ArrayList<>());
        boolean forgetting = forgotten % 2 != 0;
        if (!forgetting && same.contains(forgotten)) {
            overlaps.add(call.toString());
        }
        same.add(forgotten);
        counts.merge(call, 1, Integer::sum);
        return forgotten;
    }

    private synchronized void land(Object call, int start) {
        underWay.get(call).remove((Integer) start);
    }

    /** Does what makes a cache ask again. */
    public void forgetting(Runnable step) {
        count();
        try {
            step.run();
        } finally {
            count();
        }
    }

    private synchronized void count() {
        forgotten++;
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
