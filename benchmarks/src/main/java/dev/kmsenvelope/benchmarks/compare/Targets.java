package dev.kmsenvelope.benchmarks.compare;

import dev.kmsenvelope.benchmarks.compare.Target.Direction;
import dev.kmsenvelope.benchmarks.compare.Target.Jdks;
import dev.kmsenvelope.benchmarks.contenders.ContenderName;
import dev.kmsenvelope.benchmarks.contenders.RoundTrips;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** The targets that this comparison measures. */
final class Targets {

    static final int STREAM_LENGTH = 64 * 1024 * 1024;
    static final int MEBIBYTE = 1024 * 1024;

    private static final String ENCRYPT = "SmallMessageBenchmark.encrypt";
    private static final String DECRYPT = "SmallMessageBenchmark.decrypt";
    private static final String OURS = "envelope";
    private static final int GARBAGE = 4096;
    private static final double HIT_NANOSECONDS = 100;

    /** No slower, but for what two runs of the same differ by. */
    private static final double NOISE = 1.1;

    private final List<Target> all = new ArrayList<>();

    private Targets() {}

    static List<Target> all() {
        Targets targets = new Targets();
        targets.smallMessages();
        targets.twoThreads();
        targets.dataKeyHandle();
        targets.mebibyte();
        targets.stream();
        targets.cache();
        return List.copyOf(targets.all);
    }

    private void smallMessages() {
        String peer = "AWS Encryption SDK, caching, same suite";
        faster("64 B encrypt", peer, Jdks.NEW, 7, Point.of(ENCRYPT, OURS, 64), "esdk");
        faster("64 B decrypt", peer, Jdks.NEW, 5.5, Point.of(DECRYPT, OURS, 64), "esdk");
        faster("1 KiB encrypt", peer, Jdks.NEW, 6, Point.of(ENCRYPT, OURS, 1024), "esdk");
        faster("1 KiB decrypt", peer, Jdks.NEW, 5.5, Point.of(DECRYPT, OURS, 1024), "esdk");
        faster("1 KiB encrypt", peer, Jdks.OLD, 5.5, Point.of(ENCRYPT, OURS, 1024), "esdk");
        faster("1 KiB decrypt", peer, Jdks.OLD, 5, Point.of(DECRYPT, OURS, 1024), "esdk");
        for (int size : new int[] {64, 1024}) {
            String keyring = "its keyring, same suite";
            faster(size(size) + " encrypt", keyring, Jdks.ANY, 12, Point.of(ENCRYPT, OURS, size), "esdk-keyring");
            faster(size(size) + " decrypt", keyring, Jdks.ANY, 12, Point.of(DECRYPT, OURS, size), "esdk-keyring");
        }
        for (String benchmark : List.of(ENCRYPT, DECRYPT)) {
            Point point = Point.of(benchmark, OURS, 1024);
            all.add(new Target(
                    "1 KiB " + point.method() + ", garbage beyond the output",
                    "-",
                    Jdks.ANY,
                    Direction.AT_MOST,
                    GARBAGE,
                    " B",
                    run -> garbage(run, point),
                    point.command(OURS) + " -prof gc"));
        }
    }

    private static OptionalDouble garbage(Run run, Point point) {
        Optional<Measurement> found = run.at(point);
        return found.isPresent() && found.get().allocated().isPresent()
                ? OptionalDouble.of(found.get().allocated().getAsDouble() - outputLength(point))
                : OptionalDouble.empty();
    }

    private static int outputLength(Point point) {
        return point.benchmark().equals(ENCRYPT)
                ? RoundTrips.messageLength(ContenderName.of(point.contender()), point.size())
                : point.size();
    }

    private void twoThreads() {
        for (String benchmark : List.of(ENCRYPT, DECRYPT)) {
            Point one = Point.of(benchmark, OURS, 1024);
            Point two = one.on(2);
            faster(
                    "1 KiB " + one.method() + ", 2 threads",
                    "AWS Encryption SDK, caching, 2 threads",
                    Jdks.ANY,
                    10,
                    two,
                    "esdk");
            all.add(new Target(
                    "1 KiB " + one.method() + ", 2 threads",
                    "our own 1 thread",
                    Jdks.ANY,
                    Direction.AT_LEAST,
                    1.9,
                    "x",
                    run -> run.ratio(two, one),
                    two.command(OURS) + "; the same without -t 2"));
        }
    }

    private void dataKeyHandle() {
        for (String method : List.of("encrypt", "decrypt")) {
            for (int size : new int[] {64, 1024, 16384}) {
                Point ours = Point.of("DataKeyHandleBenchmark." + method, "engine", size);
                faster(
                        "engine below the cache, " + size(size) + " " + method,
                        "raw SunJCE, Cipher reused",
                        Jdks.ANY,
                        size < 1024 ? 0.85 : 0.95,
                        ours,
                        "sunjce");
            }
        }
    }

    private void mebibyte() {
        for (String method : List.of("encrypt", "decrypt")) {
            Point ours = Point.of("BulkBenchmark." + method, OURS, MEBIBYTE);
            faster("1 MiB " + method + " into the caller's array", "raw SunJCE", Jdks.NEW, 0.85, ours, "sunjce");
            all.add(new Target(
                    "1 MiB " + method + " into the caller's array",
                    "openssl speed, 1 MiB",
                    Jdks.NEW,
                    Direction.AT_LEAST,
                    0.65,
                    "x",
                    run -> againstOpenSsl(run, ours),
                    ours.command(OURS) + "; openssl speed -evp aes-256-gcm -bytes 1048576 -seconds 1"));
        }
    }

    private static OptionalDouble againstOpenSsl(Run run, Point point) {
        Double openSsl = run.machine().openSsl().gigabytesPerSecond().get(MEBIBYTE);
        Optional<Measurement> found = run.at(point);
        return openSsl != null && found.isPresent()
                ? OptionalDouble.of(found.get().gigabytesPerSecond() / openSsl)
                : OptionalDouble.empty();
    }

    private void stream() {
        for (String method : List.of("encrypt", "decrypt")) {
            Point ours = Point.of("StreamBenchmark." + method, OURS, STREAM_LENGTH);
            String work = "64 MiB stream, " + method + ", 1 thread";
            faster(work, "raw SunJCE in 64 KiB frames", Jdks.ANY, 0.95, ours, "sunjce-frames");
            faster(work, "AWS Encryption SDK, 4 KiB frames", Jdks.ANY, method.equals("encrypt") ? 3 : 7, ours, "esdk");
            faster(work, "Tink streaming, 1 MiB", Jdks.ANY, 1, ours, "tink-streaming");
            Point two = ours.by("envelope-2");
            String parallel = "64 MiB stream, " + method + ", 2 cores";
            parallel(parallel, Jdks.OLD, 1.65, two, ours);
            parallel(parallel, Jdks.NEW, 1.8, two, ours);
        }
    }

    private void parallel(String work, Jdks jdks, double bound, Point two, Point one) {
        all.add(new Target(
                work,
                "our own 1 thread",
                jdks,
                Direction.AT_LEAST,
                bound,
                "x",
                run -> run.ratio(two, one),
                one.command("envelope,envelope-2")));
    }

    private void cache() {
        Point one = Point.of("CacheBenchmark.hit");
        all.add(new Target(
                "cache hit: lease, copy, close",
                "-",
                Jdks.ANY,
                Direction.AT_MOST,
                HIT_NANOSECONDS,
                " ns",
                run -> run.nanoseconds(one),
                one.command("")));
        all.add(new Target(
                "cache hit, 2 threads, time per operation",
                "our own 1 thread",
                Jdks.ANY,
                Direction.AT_MOST,
                NOISE,
                "x",
                run -> timeRatio(run, one.on(2), one),
                one.on(2).command("") + "; the same without -t 2"));
    }

    private static OptionalDouble timeRatio(Run run, Point first, Point second) {
        OptionalDouble one = run.nanoseconds(first);
        OptionalDouble other = run.nanoseconds(second);
        return one.isPresent() && other.isPresent()
                ? OptionalDouble.of(one.getAsDouble() / other.getAsDouble())
                : OptionalDouble.empty();
    }

    private void faster(String work, String against, Jdks jdks, double bound, Point ours, String peer) {
        all.add(new Target(
                work,
                against,
                jdks,
                Direction.AT_LEAST,
                bound,
                "x",
                run -> run.ratio(ours, ours.by(peer)),
                ours.command(ours.contender() + "," + peer)));
    }

    static String size(int bytes) {
        if (bytes >= MEBIBYTE) {
            return bytes / MEBIBYTE + " MiB";
        }
        return bytes >= 1024 ? bytes / 1024 + " KiB" : bytes + " B";
    }
}
