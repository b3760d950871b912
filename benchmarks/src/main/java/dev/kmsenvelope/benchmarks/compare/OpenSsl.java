package dev.kmsenvelope.benchmarks.compare;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code openssl speed} says of AES-256-GCM on one core: the limit that the CPU sets. It encrypts the same bytes over and
 * over in place, with one key and no allocation.
 *
 * @param version of the {@code openssl} on the path; says so when there is none
 * @param gigabytesPerSecond by message length in bytes; empty when it was not there
 */
record OpenSsl(String version, Map<Integer, Double> gigabytesPerSecond) {

    static final OpenSsl ABSENT = new OpenSsl("not there: no openssl on the path", Map.of());

    private static final Pattern FIGURE = Pattern.compile("(?m)^\\+F:.*:([0-9.]+)$");

    static OpenSsl measure(int... lengths) {
        Optional<String> version = Commands.output("openssl", "version");
        if (version.isEmpty()) {
            return ABSENT;
        }
        Map<Integer, Double> figures = new TreeMap<>();
        for (int length : lengths) {
            Commands.output(
                            "openssl",
                            "speed",
                            "-evp",
                            "aes-256-gcm",
                            "-bytes",
                            Integer.toString(length),
                            "-seconds",
                            "1",
                            "-mr")
                    .flatMap(OpenSsl::figure)
                    .ifPresent(figure -> figures.put(length, figure));
        }
        return new OpenSsl(version.get().strip().replaceFirst(" *\\(Library:.*", ""), figures);
    }

    /** Machine-readable output has the figure last, in bytes per second. */
    static Optional<Double> figure(String output) {
        Matcher matcher = FIGURE.matcher(output);
        return matcher.find() ? Optional.of(Double.parseDouble(matcher.group(1)) / 1e9) : Optional.empty();
    }
}
