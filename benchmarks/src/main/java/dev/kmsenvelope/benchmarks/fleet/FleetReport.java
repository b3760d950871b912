package dev.kmsenvelope.benchmarks.fleet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A prediction in words, for people. */
final class FleetReport {

    private final List<String> lines = new ArrayList<>();

    private FleetReport() {}

    static List<String> lines(Fleet fleet, Prediction prediction) {
        FleetReport report = new FleetReport();
        report.fleet(fleet);
        report.requests(fleet, prediction);
        report.exposure(fleet, prediction.exposure());
        return report.lines;
    }

    @SuppressWarnings("AnnotateFormatMethod") // the formats are below, and the tests use each
    private void add(String what, String format, Object... values) {
        lines.add(String.format(Locale.ROOT, "%-34s %s", what, String.format(Locale.ROOT, format, values)));
    }

    private void fleet(Fleet fleet) {
        Fleet.Traffic traffic = fleet.traffic();
        add(
                "fleet",
                "%d processes, each writing %s and reading %s messages/s of %d bytes",
                traffic.processes(),
                number(traffic.writes()),
                number(traffic.reads()),
                traffic.messageBytes());
        add(
                "contexts",
                "%d, popularity %s",
                traffic.contexts(),
                traffic.zipf() == 0 ? "even" : "Zipf " + number(traffic.zipf()));
        add(
                "read",
                traffic.archive() == 0 ? "as soon as written" : "from a stock under %d data keys per context",
                traffic.archive());
        add("a data key writes for at most", "%s", limits(fleet.writing()));
        add("a data key reads for at most", "%s", limits(fleet.reading()));
        add("data keys cached per process", "%d at most", fleet.maxEntries());
    }

    private static String limits(Limits limits) {
        return time(limits.maxAge().toNanos() / 1e9) + ", " + limits.maxMessages() + " messages, " + limits.maxBytes()
                + " bytes";
    }

    private void requests(Fleet fleet, Prediction prediction) {
        Prediction.Requests requests = prediction.requests();
        lines.add("");
        add("requests/s to generate", "%s", number(requests.generate()));
        add("requests/s to decrypt", "%s", number(requests.decrypt()));
        add("requests/s by single restarts", "%s", number(requests.restarts()));
        add(
                "requests/s in all",
                "%s: %s of the quota of %s; %s without a cache, %s times as many",
                number(requests.total()),
                percent(requests.shareOfQuota()),
                number(fleet.service().quota()),
                number(requests.withoutCache()),
                number(requests.factor()));
        add(
                "messages that need not wait",
                "%s of those written, %s of those read",
                percent(prediction.latency().writingHits()),
                percent(prediction.latency().readingHits()));
        Prediction.Start start = prediction.start();
        add(
                "the fleet starts within " + time(fleet.restarts().window().toNanos() / 1e9),
                "%s requests in the worst second, %s of the quota; %s in all, which the quota allows in %s",
                number(start.peak()),
                percent(start.shareOfQuota()),
                number(start.requests()),
                time(start.secondsAtQuota()));
        Prediction.Cost cost = prediction.cost();
        add(
                "cost per month",
                "%.2f for requests and %.2f for keys; %.2f for requests without a cache",
                cost.requests(),
                cost.keys(),
                cost.requestsWithoutCache());
    }

    private void exposure(Fleet fleet, Prediction.Exposure exposure) {
        lines.add("");
        add(
                "a data key is in memory",
                "%s at most to write (%s on average), %s to read",
                time(exposure.heldMost()),
                time(exposure.heldMean()),
                time(exposure.readingHeldMost()));
        add(
                "messages under one data key",
                "%s on average, %s for the most popular context, %d at most",
                number(exposure.messagesMean()),
                number(exposure.messagesPopular()),
                exposure.messagesMost());
        add("bytes under one data key", "%s on average", number(exposure.bytesMean()));
        add(
                "data keys in memory",
                "%s per process; each in %s of %d processes",
                number(exposure.perProcess()),
                number(Math.min(exposure.copies(), fleet.traffic().processes())),
                fleet.traffic().processes());
        add(
                "a key is disabled: written on for",
                "%s at most, %s on average in steady use; read on for %s at most",
                time(exposure.lagMost()),
                time(exposure.lagMean()),
                time(exposure.readingLagMost()));
    }

    /** A number with three digits that count, without an exponent. */
    static String number(double value) {
        if (value == 0) {
            return "0";
        }
        double size = Math.abs(value);
        int digits = size >= 100 ? 0 : Math.min(6, Math.max(0, 2 - (int) Math.floor(Math.log10(size))));
        return String.format(Locale.ROOT, "%,." + digits + "f", value);
    }

    /** A share; what rounding made of none is none, without a sign. */
    static String percent(double share) {
        double percent = Math.abs(100 * share) < 0.005 ? 0 : 100 * share;
        return percent > 99 && percent < 100
                ? String.format(Locale.ROOT, "%.4f %%", percent)
                : String.format(Locale.ROOT, "%.2f %%", percent);
    }

    static String time(double seconds) {
        if (seconds >= 120) {
            return Duration.ofSeconds(Math.round(seconds))
                    .toString()
                    .substring(2)
                    .toLowerCase(Locale.ROOT);
        }
        return seconds >= 1 || seconds == 0 ? number(seconds) + " s" : number(1000 * seconds) + " ms";
    }
}
