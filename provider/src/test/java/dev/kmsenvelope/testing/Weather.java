package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What happens around a cache of data keys: outages, throttling, keys that are disabled and enabled, rights that are taken
 * and given, aliases that are re-pointed, flushes, and time that passes; one after the other, with calm in between.
 */
public final class Weather implements Runnable {

    private static final int LONGEST_MILLIS = 8;

    private final StormyKeyService service;
    private final List<String> keys;
    private final List<String> aliases;
    private final Runnable flush;
    private final Runnable time;
    private final SplittableRandom random = new SplittableRandom();
    private volatile boolean over;

    /**
     * Weather for a service.
     *
     * @param service whose it is
     * @param keys some of its keys
     * @param aliases some of its aliases, which will point to those keys
     * @param flush empties the cache
     * @param time lets time pass
     */
    public Weather(StormyKeyService service, List<String> keys, List<String> aliases, Runnable flush, Runnable time) {
        this.service = service;
        this.keys = keys;
        this.aliases = aliases;
        this.flush = flush;
        this.time = time;
    }

    @Override
    public void run() {
        while (!over) {
            String key = any(keys);
            switch (random.nextInt(7)) {
                case 0 -> service.failWith(() -> new KmsUnavailableException("out of order"));
                case 1 -> service.failWith(() -> new KmsThrottledException("too many"));
                case 2 -> service.refuse(key, () -> new KeyDisabledException("disabled"));
                case 3 -> service.refuse(key, () -> new KeyAccessDeniedException("denied"));
                case 4 -> service.withAlias(any(aliases), key);
                case 5 -> flush.run();
                default -> time.run();
            }
            pause();
            service.failWith(() -> null);
            service.allow(key);
            time.run();
            pause();
        }
    }

    private String any(List<String> names) {
        return names.get(random.nextInt(names.size()));
    }

    private void pause() {
        try {
            Thread.sleep(random.nextInt(LONGEST_MILLIS));
        } catch (InterruptedException e) {
            over = true;
        }
    }

    /** Ends it, with calm. */
    public void end() {
        over = true;
    }
}
