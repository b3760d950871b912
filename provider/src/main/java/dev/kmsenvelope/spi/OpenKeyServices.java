package dev.kmsenvelope.spi;

import dev.kmsenvelope.metering.OpenCaches;
import dev.kmsenvelope.metering.OpenServices;
import dev.kmsenvelope.metering.Steps;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/** The key services that there are, which this does not keep alive, so that all can be shut down. Thread-safe. */
public final class OpenKeyServices {

    private static final Set<KeyServices> ALL = Collections.newSetFromMap(new WeakHashMap<>());

    private OpenKeyServices() {}

    static void add(KeyServices services) {
        synchronized (ALL) {
            ALL.add(services);
        }
    }

    /**
     * Closes what goes with all services, such as caches, and all services that this library opened, also when closing one
     * fails. Services that a program opened otherwise stay open; what they cache is dropped. Whoever uses handles of any of them afterwards gets a {@link
     * dev.kmsenvelope.kms.KeyServiceClosedException}; services may be opened anew.
     */
    public static void shutDown() {
        List<KeyServices> open;
        synchronized (ALL) {
            open = new ArrayList<>(ALL);
            ALL.clear();
        }
        List<Runnable> steps = new ArrayList<>();
        open.forEach(services -> steps.add(services::shutDown));
        steps.add(OpenServices.ALL::closeAll);
        steps.add(OpenCaches.ALL::flush);
        Steps.doAll(steps);
    }
}
