package dev.kmsenvelope.benchmarks.fleet;

/**
 * What the formulas say about a fleet.
 *
 * @param requests to the key service
 * @param latency whom the key service makes wait
 * @param start of the whole fleet with empty caches
 * @param cost of it
 * @param exposure of data keys
 */
public record Prediction(Requests requests, Latency latency, Start start, Cost cost, Exposure exposure) {

    /**
     * Requests per second of the whole fleet, on average.
     *
     * @param generate for data keys to write with
     * @param decrypt for data keys to read with
     * @param restarts more of both because single processes start with an empty cache, roughly
     * @param withoutCache what it would be with a request for each message written and each message read
     * @param shareOfQuota all requests as a share of what the service answers at most
     */
    public record Requests(double generate, double decrypt, double restarts, double withoutCache, double shareOfQuota) {

        /**
         * All of them.
         *
         * @return requests per second
         */
        public double total() {
            return generate + decrypt + restarts;
        }

        /**
         * How many times fewer than without a cache.
         *
         * @return a factor
         */
        public double factor() {
            return withoutCache / total();
        }
    }

    /**
     * How much goes on without waiting for the key service, restarts left aside.
     *
     * @param writingHits the share of messages that are written with a data key that is there
     * @param readingHits the share of messages that are read with a data key that is there; 1 if none are read
     */
    public record Latency(double writingHits, double readingHits) {}

    /**
     * The whole fleet starts with empty caches.
     *
     * @param peak requests in the worst second of the window in which the processes start
     * @param shareOfQuota the peak as a share of what the service answers at most
     * @param requests all requests until the last process has run for one refresh age
     * @param secondsAtQuota how long the service needs for all those if it is asked for nothing else
     */
    public record Start(double peak, double shareOfQuota, double requests, double secondsAtQuota) {}

    /**
     * What the service charges per month of 730 hours.
     *
     * @param requests for requests
     * @param keys for keys
     * @param requestsWithoutCache what requests would cost with one for each message written and read
     */
    public record Cost(double requests, double keys, double requestsWithoutCache) {}

    /**
     * What is lost with a data key, and for how long.
     *
     * @param heldMost seconds that a data key to write with is in memory at most, beyond the message that uses it
     * @param heldMean the same on average
     * @param readingHeldMost seconds that a data key to read with is in memory at most
     * @param messagesMost how many messages are under one data key at most
     * @param messagesMean the same on average over data keys
     * @param messagesPopular the same for the most popular context
     * @param bytesMean bytes of plaintext under one data key, on average
     * @param perProcess how many data keys are in the memory of a process, on average
     * @param copies how many processes have one data key in memory during its life, on average
     * @param lagMost seconds after a key is disabled, or the right to use it taken back, for which messages are still written
     *     at most
     * @param lagMean the same for a context in steady use, on average
     * @param readingLagMost the same for reading, at most
     */
    public record Exposure(
            double heldMost,
            double heldMean,
            double readingHeldMost,
            long messagesMost,
            double messagesMean,
            double messagesPopular,
            double bytesMean,
            double perProcess,
            double copies,
            double lagMost,
            double lagMean,
            double readingLagMost) {}
}
