package dev.kmsenvelope.benchmarks.keyservice;

import java.time.Duration;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a request takes: a distribution to draw from. Immutable and thread-safe. */
public sealed interface Latency {

    /** Requests that take no time of their own. */
    Latency NONE = new Constant(Duration.ZERO);

    /**
     * Draws the latency of one request.
     *
     * @param random where to draw from
     * @return nanoseconds, not negative
     */
    long nanos(Random random);

    /**
     * Reads a distribution: {@code 5ms} is always 5 ms, {@code 2ms..20ms} any time between, {@code 5ms~40ms} a log-normal
     * distribution with its median at 5 ms and its 99th percentile at 40 ms. Units are {@code us}, {@code ms} and {@code s}.
     *
     * @param text the distribution
     * @return the latency
     * @throws IllegalArgumentException if the text is none of these, or the second time is less than the first
     */
    static Latency parse(String text) {
        Matcher matcher = Grammar.LATENCY.matcher(text.trim().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "a latency is '5ms', '2ms..20ms' (uniform) or '5ms~40ms' (median~99th percentile), not '" + text
                            + "'");
        }
        Duration first = Grammar.duration(matcher.group(1), matcher.group(2));
        String kind = matcher.group(3);
        if (kind == null) {
            return new Constant(first);
        }
        Duration second = Grammar.duration(matcher.group(4), matcher.group(5));
        return kind.equals("~") ? new LogNormal(first, second) : new Uniform(first, second);
    }

    /**
     * The same for every request.
     *
     * @param time how long
     */
    record Constant(Duration time) implements Latency {

        /** Checks the time. */
        public Constant {
            Grammar.require(!time.isNegative(), "a latency is not negative");
        }

        @Override
        public long nanos(Random random) {
            return time.toNanos();
        }

        @Override
        public String toString() {
            return Grammar.text(time);
        }
    }

    /**
     * Every time between two is as likely as any other.
     *
     * @param least the shortest
     * @param most the longest
     */
    record Uniform(Duration least, Duration most) implements Latency {

        /** Checks the times. */
        public Uniform {
            Grammar.require(!least.isNegative() && most.compareTo(least) >= 0, "the longest latency is the second");
        }

        @Override
        public long nanos(Random random) {
            return least.toNanos()
                    + (long) (random.nextDouble() * most.minus(least).toNanos());
        }

        @Override
        public String toString() {
            return Grammar.text(least) + ".." + Grammar.text(most);
        }
    }

    /**
     * Most requests near the median and a few far slower: how services on a network answer.
     *
     * @param median half of the requests are faster
     * @param percentile99 one of a hundred is slower
     */
    record LogNormal(Duration median, Duration percentile99) implements Latency {

        /** The 99th percentile of the standard normal distribution. */
        private static final double Z99 = 2.3263478740408408;

        /** Checks the times. */
        public LogNormal {
            Grammar.require(
                    !median.isZero() && !median.isNegative() && percentile99.compareTo(median) >= 0,
                    "the median is more than zero and the 99th percentile not below it");
        }

        @Override
        public long nanos(Random random) {
            double sigma = Math.log((double) percentile99.toNanos() / median.toNanos()) / Z99;
            return (long) (median.toNanos() * Math.exp(sigma * random.nextGaussian()));
        }

        @Override
        public String toString() {
            return Grammar.text(median) + "~" + Grammar.text(percentile99);
        }
    }

    /** The written form. */
    final class Grammar {

        private static final String TIME = "(\\d{1,9})(us|ms|s)";
        private static final Pattern LATENCY = Pattern.compile(TIME + "(?:(\\.\\.|~)" + TIME + ")?");

        private Grammar() {}

        private static Duration duration(String number, String unit) {
            long amount = Long.parseLong(number);
            return switch (unit) {
                case "us" -> Duration.ofNanos(1000 * amount);
                case "ms" -> Duration.ofMillis(amount);
                default -> Duration.ofSeconds(amount);
            };
        }

        private static String text(Duration time) {
            return time.toNanos() % 1_000_000 == 0 ? time.toMillis() + "ms" : time.toNanos() / 1000 + "us";
        }

        private static void require(boolean right, String rule) {
            if (!right) {
                throw new IllegalArgumentException(rule);
            }
        }
    }
}
