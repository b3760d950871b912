package dev.kmsenvelope.benchmarks.fleet;

/**
 * The life of the data keys of one context in one process, one after the other, while messages come independently of each
 * other with a constant rate (a Poisson process) and the key service answers at once.
 *
 * <p>Derivation. A data key of age 0 was just fetched. The message that ends its time is the {@code last}-th after that, or
 * the first one at more than the refresh age, whichever comes first: it fetches the next one, in the background if the data
 * key may still be used, else it waits. What happens afterwards does not depend on what was before, so lives follow each
 * other as a renewal process. The number of messages in a life is a stopping time of the arrivals, so by Wald's equation the
 * mean length of a life is the mean number of its messages over their rate. With N messages within the refresh age, that
 * number is min(last, N + 1).
 *
 * @param rate messages per second
 * @param served how many messages come per data key, on average
 * @param waiting the share of data keys that a message has to wait for, as none could be used when it came
 * @param held how long a data key is in memory before it is too old or replaced, in seconds, on average
 * @param deviation the standard deviation of the length of a life, in seconds, roughly
 */
record DataKeyCycle(double rate, double served, double waiting, double held, double deviation) {

    /**
     * @param rate messages per second, more than 0
     * @param limits of the cache
     * @param messageBytes bytes of each message
     */
    static DataKeyCycle of(double rate, Limits limits, long messageBytes) {
        if (!limits.isCaching()) {
            return new DataKeyCycle(rate, 1, 1, 0, 1 / rate);
        }
        long most = limits.messages(messageBytes);
        long last = lastMessage(most);
        double served = limits.mean(refresh -> PoissonCounts.expectedServed(last, rate * refresh));
        // Not used up before the refresh age, and no message from then on until the greatest age.
        double tooOld = limits.mean(
                refresh -> PoissonCounts.atMost(rate * refresh, last - 1) * Math.exp(-rate * (limits.age() - refresh)));
        double usedUp = last == most ? limits.mean(refresh -> PoissonCounts.atLeast(rate * refresh, last)) : 0;
        double spread = (limits.refreshAge(1) - limits.refreshAge(0)) / Math.sqrt(12);
        double deviation =
                last <= rate * limits.refreshAge() ? Math.sqrt((double) last) / rate : Math.hypot(1 / rate, spread);
        return new DataKeyCycle(rate, served, Math.min(1, tooOld + usedUp), (served - tooOld) / rate, deviation);
    }

    /** The number of the message that ends the life of a data key if age does not. */
    static long lastMessage(long most) {
        return Math.min(most, Limits.refreshingMessage(most));
    }

    /** Seconds from one fetched data key to the next, on average. */
    double length() {
        return served / rate;
    }

    /** Requests to the key service per second. */
    double requests() {
        return rate / served;
    }

    /** The probability that there is a data key in memory, at a moment chosen by chance. */
    double present() {
        return held / length();
    }
}
