package dev.kmsenvelope.benchmarks.fleet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Predicts a fleet from {@link DataKeyCycle} and {@link FreshReads}; docs/FLEET.md says what is assumed. */
final class FleetFormulas {

    private static final double SECONDS_PER_DAY = 86_400;
    private static final double SECONDS_PER_MONTH = 730 * 3600;

    private final Fleet fleet;
    private final Fleet.Traffic traffic;
    private final Popularity popularity;
    private final List<Context> contexts = new ArrayList<>();

    private FleetFormulas(Fleet fleet) {
        this.fleet = fleet;
        this.traffic = fleet.traffic();
        this.popularity = traffic.popularity();
    }

    /** What happens to the data keys of one context in one process. */
    private static final class Context {
        private final double writes;
        private final double reads;
        private final DataKeyCycle writing;
        private final Reading reading;
        private double writingCached;
        private double readingCached;

        private Context(double writes, double reads, DataKeyCycle writing, Reading reading) {
            this.writes = writes;
            this.reads = reads;
            this.writing = writing;
            this.reading = reading;
        }

        double generate() {
            return writingCached * writing.requests() + (1 - writingCached) * writes;
        }

        double writingWaits() {
            return writingCached * writing.requests() * writing.waiting() + (1 - writingCached) * writes;
        }

        double decrypt() {
            double cached = readingCached * writingCached;
            return cached * reading.requests + (1 - cached) * reads;
        }

        double readingWaits() {
            double cached = readingCached * writingCached;
            return cached * reading.waits + (1 - cached) * reads;
        }
    }

    /**
     * What one process does to read the messages of one context, while there is room in its cache.
     *
     * @param requests per second
     * @param waits requests per second that a message waits for
     * @param present how many data keys are in memory, those included that are not used any more and not too old yet
     * @param usesPerKey messages per second of one data key
     * @param copies how many processes have each data key, the writer not counted
     */
    private record Reading(double requests, double waits, double present, double usesPerKey, double copies) {}

    /** Room that is wanted: who uses each data key most gets it first. */
    private record Wish(double usesPerKey, double room, Context context, boolean forWriting) {}

    static Prediction predict(Fleet fleet) {
        FleetFormulas formulas = new FleetFormulas(fleet);
        for (int i = 0; i < formulas.popularity.contexts(); i++) {
            formulas.contexts.add(formulas.context(formulas.popularity.share(i)));
        }
        formulas.giveRoom();
        return formulas.predict();
    }

    private Context context(double share) {
        double writes = traffic.writes() * share;
        double reads = traffic.reads() * share;
        DataKeyCycle writing = DataKeyCycle.of(writes, fleet.writing(), traffic.messageBytes());
        return new Context(writes, reads, writing, reads == 0 ? new Reading(0, 0, 0, 0, 0) : reading(reads, writing));
    }

    private Reading reading(double reads, DataKeyCycle writing) {
        int processes = traffic.processes();
        if (traffic.archive() > 0) {
            double perKey = reads / traffic.archive();
            DataKeyCycle cycle = DataKeyCycle.of(perKey, fleet.reading(), traffic.messageBytes());
            return new Reading(
                    traffic.archive() * cycle.requests(),
                    traffic.archive() * cycle.requests() * cycle.waiting(),
                    traffic.archive() * cycle.present(),
                    perKey,
                    processes * cycle.present());
        }
        FreshReads fresh = FreshReads.of(fleet, writing);
        double dataKeys = processes * writing.requests(); // per second, that a reader could meet
        return new Reading(
                dataKeys * fresh.requests(),
                dataKeys * fresh.waits(),
                // Each stays until it is too old, used or not.
                dataKeys * fresh.first() * fleet.reading().age(),
                reads / processes,
                processes * fresh.first());
    }

    /**
     * As if the cache knew for what most data keys are used, and kept all of those; it does not know which of them are not used
     * any more.
     */
    private void giveRoom() {
        List<Wish> wishes = new ArrayList<>();
        for (Context context : contexts) {
            wishes.add(new Wish(context.writes, context.writing.present(), context, true));
            wishes.add(new Wish(context.reading.usesPerKey, context.reading.present, context, false));
        }
        wishes.sort(Comparator.comparingDouble(Wish::usesPerKey).reversed());
        double room = fleet.maxEntries();
        for (Wish wish : wishes) {
            double got = wish.room <= room ? 1 : room / wish.room;
            room -= got * wish.room;
            if (wish.forWriting) {
                wish.context.writingCached = got;
            } else {
                wish.context.readingCached = got;
            }
        }
    }

    private interface Measure {
        double of(Context context);
    }

    private double sum(Measure measure) {
        double sum = 0;
        for (Context context : contexts) {
            sum += measure.of(context);
        }
        return sum;
    }

    private Prediction predict() {
        int processes = traffic.processes();
        double generate = sum(Context::generate);
        double decrypt = sum(Context::decrypt);
        double restarts = fleet.restarts().perDay() / SECONDS_PER_DAY * requestsOfRestart();
        double withoutCache = traffic.writes() + traffic.reads();
        Prediction.Requests requests = new Prediction.Requests(
                processes * generate,
                processes * decrypt,
                processes * restarts,
                processes * withoutCache,
                processes * (generate + decrypt + restarts) / fleet.service().quota());
        Prediction.Latency latency = new Prediction.Latency(
                1 - sum(Context::writingWaits) / traffic.writes(),
                traffic.reads() == 0 ? 1 : 1 - sum(Context::readingWaits) / traffic.reads());
        return new Prediction(requests, latency, start(), cost(requests), exposure(generate));
    }

    /** A data key that is lost has lived for half of its life; its successor is read by as many as it was. */
    private double requestsOfRestart() {
        double written = sum(context -> context.writingCached * context.writing.present() / 2);
        double readByOthers =
                sum(context -> context.writingCached * context.writing.present() / 2 * readers(context.reading));
        double readAgain = sum(context -> context.readingCached * stillRead(context) / 2);
        return written + readByOthers + readAgain;
    }

    private double readers(Reading reading) {
        return traffic.archive() > 0 ? 0 : reading.copies;
    }

    private double stillRead(Context context) {
        return traffic.archive() > 0 ? context.reading.present : context.writing.present() * context.reading.copies;
    }

    private Prediction.Start start() {
        double window = fleet.restarts().window().toNanos() / 1e9;
        // A process that started v seconds ago makes its first request for a context with the density of its first
        // message.
        // The worst second is the last one of the window, or the first second if the window is shorter.
        double from = window >= 1 ? window - 1 : 1 - window;
        double to = Math.max(window, 1);
        double peak = traffic.processes() / window * sum(context -> metBetween(context, from, to));
        double until = Math.max(1, fleet.writing().refreshAge());
        double all = traffic.processes() * sum(context -> met(context, until));
        return new Prediction.Start(
                peak, peak / fleet.service().quota(), all, all / fleet.service().quota());
    }

    /** How many data keys of a context a process met by so many seconds after its start. */
    private double met(Context context, double seconds) {
        return context.writingCached * (1 - Math.exp(-context.writes * seconds))
                + (1 - context.writingCached) * context.writes * seconds
                + dataKeysToRead() * (1 - Math.exp(-context.reads / dataKeysToRead() * seconds));
    }

    private double metBetween(Context context, double from, double to) {
        double keys = dataKeysToRead();
        return context.writingCached * integral(context.writes, from, to)
                + (1 - context.writingCached) * context.writes * (to * to - from * from) / 2
                + keys * integral(context.reads / keys, from, to);
    }

    /** Of 1 - exp(-rate t). */
    private static double integral(double rate, double from, double to) {
        return rate == 0 ? 0 : to - from - (Math.exp(-rate * from) - Math.exp(-rate * to)) / rate;
    }

    /** Per context. */
    private double dataKeysToRead() {
        return traffic.archive() > 0 ? traffic.archive() : traffic.processes();
    }

    private Prediction.Cost cost(Prediction.Requests requests) {
        double price = fleet.service().pricePer10000() / 10_000 * SECONDS_PER_MONTH;
        return new Prediction.Cost(
                requests.total() * price,
                fleet.service().keys() * fleet.service().pricePerKey(),
                requests.withoutCache() * price);
    }

    private Prediction.Exposure exposure(double generate) {
        Limits writing = fleet.writing();
        DataKeyCycle popular = contexts.get(0).writing;
        double served = traffic.writes() / generate;
        boolean cached = contexts.get(0).writingCached > 0;
        double copies = sum(context -> context.generate() * (1 + readers(context.reading))) / generate;
        return new Prediction.Exposure(
                writing.isCaching() ? writing.age() : 0,
                sum(context -> context.writingCached * context.writing.requests() * context.writing.held()) / generate,
                fleet.reading().isCaching() ? fleet.reading().age() : 0,
                writing.messages(traffic.messageBytes()),
                served,
                cached ? popular.served() : 1,
                served * traffic.messageBytes(),
                Math.min(
                        (double) fleet.maxEntries(),
                        sum(context -> context.writingCached * context.writing.present()
                                + context.readingCached * context.reading.present)),
                copies,
                writing.isCaching() ? writing.age() : 0,
                cached ? popular.held() / 2 : 0,
                fleet.reading().isCaching() ? fleet.reading().age() : 0);
    }
}
