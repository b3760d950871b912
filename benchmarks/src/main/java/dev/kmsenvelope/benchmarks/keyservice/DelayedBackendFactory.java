package dev.kmsenvelope.benchmarks.keyservice;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.BackendFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The backend {@code delayed}: fresh keys in memory, behind a latency. Only the benchmarks have it. Settings:
 *
 * <ul>
 *   <li>{@code delayed.keys}: names of the keys, with commas between; {@code alias/benchmark} if not set.
 *   <li>{@code delayed.latency}: as {@link Latency#parse} reads it; {@code 0ms} if not set.
 *   <li>{@code delayed.failure-percent}: how many of a hundred requests fail as unavailable; 0 if not set.
 *   <li>{@code delayed.seed}: for the draws; 1 if not set.
 * </ul>
 *
 * Thread-safe.
 */
public final class DelayedBackendFactory implements BackendFactory {

    /** The key that there is when no others are asked for. */
    public static final KeyId DEFAULT_KEY = KeyId.of("alias/benchmark");

    private static final String KEYS = "delayed.keys";
    private static final String LATENCY = "delayed.latency";
    private static final String FAILURES = "delayed.failure-percent";
    private static final String SEED = "delayed.seed";

    /** Makes one; does nothing. */
    public DelayedBackendFactory() {}

    @Override
    public String name() {
        return "delayed";
    }

    @Override
    public Set<String> configurationKeys() {
        return Set.of(KEYS, LATENCY, FAILURES, SEED);
    }

    @Override
    public KeyService openService(Configuration configuration) {
        Latency latency = latency(configuration.get(LATENCY).orElse("0ms"));
        int failures = configuration.getInt(FAILURES, 0, 0, 100);
        int seed = configuration.getInt(SEED, 1, 0, Integer.MAX_VALUE);
        List<KeyId> keys = keys(configuration.get(KEYS).orElse(DEFAULT_KEY.value()));
        DelayedKeyService service = new DelayedKeyService(new FreshKeyService(keys), latency, seed);
        service.setFailures(failures / 100.0, DelayedKeyService.Failure.UNAVAILABLE);
        return service;
    }

    private static Latency latency(String text) {
        try {
            return Latency.parse(text);
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(LATENCY, text, "a latency: " + e.getMessage());
        }
    }

    private static List<KeyId> keys(String text) {
        try {
            List<KeyId> keys = new ArrayList<>();
            for (String name : text.split(",", -1)) {
                keys.add(KeyId.of(name.trim()));
            }
            return keys;
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(KEYS, text, "names of keys with commas between: " + e.getMessage());
        }
    }

    /**
     * There is none.
     *
     * @throws UnsupportedOperationException always: the keys are made with the service
     */
    @Override
    public KeyAdministration openAdministration(Configuration configuration) {
        throw new UnsupportedOperationException("the keys of the backend 'delayed' are made with the service");
    }
}
