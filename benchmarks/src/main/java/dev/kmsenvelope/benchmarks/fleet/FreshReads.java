package dev.kmsenvelope.benchmarks.fleet;

/**
 * How one reader of a fleet meets one data key of a writer, when messages are read as soon as they are written and each
 * reading process is chosen by chance.
 *
 * <p>Derivation. A message is met by a given reader with probability q = 1 - (1 - 1/N)^r for N readers and r readings. So the
 * reader meets none of the messages of a data key with probability E[(1 - q)^min(last, n + 1)].
 *
 * <p>It has the data key decrypted again when it meets a message later than its own refresh age after the first one. Let D be
 * the writer's refresh age less the reader's, and w what is left of the writer's greatest age after its refresh age. The
 * messages that this reader meets are a Poisson process with rate v = q rate, until the writer's refresh age; one more comes
 * under this data key if the next one, an exponentially distributed time X later, is not more than w later. That must be
 * integrated over the time F of the first message that the reader meets: 0 if a message waited for the data key and this
 * reader meets it, else exponentially distributed.
 *
 * @param first the probability that any message under the data key comes to this reader, which then waits for the service
 * @param again how often this reader has the data key decrypted again, on average
 * @param againWaiting how often of those it waits for the service
 */
record FreshReads(double first, double again, double againWaiting) {

    static FreshReads of(Fleet fleet, DataKeyCycle writer) {
        Fleet.Traffic traffic = fleet.traffic();
        double met = 1 - Math.pow(1 - 1.0 / traffic.processes(), traffic.readsPerWrite());
        double readings = traffic.readsPerWrite() * writer.served() / traffic.processes();
        long last = DataKeyCycle.lastMessage(fleet.writing().messages(traffic.messageBytes()));
        double first = fleet.writing().isCaching()
                ? 1
                        - fleet.writing()
                                .mean(refresh -> PoissonCounts.expectedPower(1 - met, last, writer.rate() * refresh))
                : met;
        if (!fleet.reading().isCaching()) {
            double again = Math.max(0, readings - first);
            return new FreshReads(first, again, again);
        }
        if (!fleet.writing().isCaching()) {
            return new FreshReads(first, 0, 0);
        }
        Limits reading = fleet.reading();
        long lastRead = DataKeyCycle.lastMessage(reading.messages(traffic.messageBytes()));
        double usedUp = Math.max(0, readings / lastRead - 1);
        double aged = new FreshReads.Aging(fleet, writer, met, last).again();
        double waiting = reading.age() < fleet.writing().age()
                ? reading.mean(refresh -> Math.exp(-writer.rate() * met * (reading.age() - refresh)))
                : 0;
        return new FreshReads(first, Math.max(usedUp, aged), aged * waiting);
    }

    /** Requests for one data key of one writer by one reader, on average. */
    double requests() {
        return first + again;
    }

    /** How many of them a message waits for. */
    double waits() {
        return first + againWaiting;
    }

    /**
     * What a reader decrypts again because its own greatest age comes before the end of the data key.
     *
     * @param fleet has the limits
     * @param writer of the data key
     * @param met the probability that the reader meets a message
     * @param last the number of the last message of the data key, if age does not end it before
     */
    private record Aging(Fleet fleet, DataKeyCycle writer, double met, long last) {

        private double again() {
            Limits reading = fleet.reading();
            return fleet.writing().mean(writersRefresh -> {
                // A data key that is used up is written with for so long only, and no message comes after that.
                double usedUpAt = last / writer.rate();
                double written = Math.min(writersRefresh, usedUpAt);
                double more = usedUpAt < writersRefresh ? 0 : fleet.writing().age() - writersRefresh;
                return reading.mean(refresh -> again(written, more, refresh));
            });
        }

        private double again(double written, double more, double refresh) {
            double atOnce = writer.waiting() * met;
            double over = written - refresh;
            double again = 1 - atOnce * noneAfterFirst(over, more) - (1 - atOnce) * noneLate(over, more);
            for (int j = 2; j * refresh < written; j++) {
                again += PoissonCounts.atLeast(writer.rate() * met * (written - j * refresh), j + 1L);
            }
            return again;
        }

        /** The probability that no message is late if the reader meets the very first one. */
        private double noneAfterFirst(double over, double more) {
            double rate = writer.rate();
            return over >= 0
                    ? Math.exp(-rate * met * over) * (1 - met * (1 - Math.exp(-rate * more)))
                    : 1 - met * Math.max(0, Math.exp(rate * over) - Math.exp(-rate * more));
        }

        /** The same if the first one that the reader meets comes later. */
        private double noneLate(double over, double more) {
            double rate = writer.rate();
            double read = rate * met;
            if (over < 0) {
                double rest = Math.max(0, more + over);
                return 1 - met * late(Math.exp(rate * over), rest, Math.exp(-rate * more));
            }
            double none = Math.exp(-read * over);
            double lastIsMet = met * (1 - Math.exp(-rate * more));
            return none * ((1 - lastIsMet) * read * over + 1 - met * late(1, more, Math.exp(-rate * more)));
        }

        /** The integral over F from 0 to rest of read exp(-read F) (start exp(-rate F) - end). */
        private double late(double start, double rest, double end) {
            double read = writer.rate() * met;
            return start * met / (1 + met) * (1 - Math.exp(-(read + writer.rate()) * rest))
                    - end * (1 - Math.exp(-read * rest));
        }
    }
}
