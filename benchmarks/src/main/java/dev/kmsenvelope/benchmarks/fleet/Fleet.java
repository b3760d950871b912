package dev.kmsenvelope.benchmarks.fleet;

import java.time.Duration;

/**
 * What the model is told.
 *
 * @param traffic who writes and reads how much
 * @param writing the limits of a data key that messages are written with
 * @param reading the limits of a data key that messages are read with
 * @param maxEntries how many data keys a process caches at most, those for writing and those for reading together
 * @param restarts how often processes start with an empty cache
 * @param service what the key service charges and allows
 */
public record Fleet(
        Traffic traffic, Limits writing, Limits reading, long maxEntries, Restarts restarts, Service service) {

    /** Checks the ranges. */
    public Fleet {
        Limits.require(maxEntries >= 1, "a cache has room for at least one data key");
    }

    /** How long any data key is cached at most. */
    Duration longestAge() {
        return writing.maxAge().compareTo(reading.maxAge()) >= 0 ? writing.maxAge() : reading.maxAge();
    }

    /** The same fleet, without processes that are started anew one by one. */
    Fleet withoutRestarts() {
        return new Fleet(traffic, writing, reading, maxEntries, new Restarts(0, restarts.window()), service);
    }

    /**
     * Messages. Each process writes on its own, at times that are independent of each other (a Poisson process).
     *
     * @param processes how many processes there are, each with a cache of its own
     * @param writes messages per second that each process writes
     * @param readsPerWrite how often each message is read, every time by a process chosen by chance
     * @param messageBytes bytes of plaintext of each message
     * @param contexts how many different encryption contexts (or keys) there are, each with data keys of its own
     * @param zipf how unequally messages spread over contexts: the exponent of Zipf's law, 0 for evenly
     * @param archive 0 if messages are read as soon as they are written; else how many data keys per context there are in
     *     the stock that messages are read from, each as likely as any other
     */
    public record Traffic(
            int processes,
            double writes,
            double readsPerWrite,
            long messageBytes,
            int contexts,
            double zipf,
            long archive) {

        /** Checks the ranges. */
        public Traffic {
            Limits.require(processes >= 1, "there is at least one process");
            Limits.require(writes > 0 && writes < 1e12, "a process writes more than 0 messages per second");
            Limits.require(readsPerWrite >= 0 && readsPerWrite <= 1e6, "a message is read 0 to a million times");
            Limits.require(messageBytes >= 0, "a message has 0 or more bytes");
            Limits.require(archive >= 0, "a stock has 0 or more data keys per context");
        }

        /** Messages per second that each process reads, on average. */
        double reads() {
            return writes * readsPerWrite;
        }

        Popularity popularity() {
            return new Popularity(contexts, zipf);
        }
    }

    /**
     * Starts of processes.
     *
     * @param perDay how often each process is started anew per day
     * @param window within which time all processes of the fleet are started when it is started as a whole, such as for a
     *     new release; evenly over this time
     */
    public record Restarts(double perDay, Duration window) {

        /** Checks the ranges. */
        public Restarts {
            Limits.require(perDay >= 0 && perDay <= 86400, "a process is started 0 to 86400 times a day");
            Limits.require(!window.isNegative() && !window.isZero(), "starting the fleet takes more than no time");
        }
    }

    /**
     * The key service.
     *
     * @param pricePer10000 what 10,000 requests cost
     * @param pricePerKey what a key costs per month
     * @param keys how many keys there are
     * @param quota how many requests per second it answers at most
     */
    public record Service(double pricePer10000, double pricePerKey, int keys, double quota) {

        /** Checks the ranges. */
        public Service {
            Limits.require(pricePer10000 >= 0 && pricePerKey >= 0 && keys >= 0, "prices and keys are not negative");
            Limits.require(quota > 0, "the quota is more than 0 requests per second");
        }
    }
}
