package dev.kmsenvelope.compatibility.report;

import java.util.Comparator;
import java.util.List;

/**
 * What came of one check.
 *
 * @param area the section of the page
 * @param program the program's name
 * @param version its version
 * @param what what it did
 * @param key the kind of key
 * @param result how it went
 * @param detail the setting, or why it cannot; else empty
 * @param readers other programs that opened the same
 */
record Outcome(
        Area area,
        String program,
        String version,
        String what,
        HeldKey key,
        Result result,
        String detail,
        List<String> readers) {

    /** The order of the page, which is not that of the run. */
    static final Comparator<Outcome> ORDER = Comparator.comparing(Outcome::area)
            .thenComparing(Outcome::program)
            .thenComparing(Outcome::what)
            .thenComparing(Outcome::key);

    Outcome {
        readers = List.copyOf(readers);
    }
}
