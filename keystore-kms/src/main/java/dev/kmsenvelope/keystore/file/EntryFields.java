package dev.kmsenvelope.keystore.file;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/** Checks of the fields that all entries have. */
final class EntryFields {

    private static final Pattern VERSION = Pattern.compile(".*@[0-9]+", Pattern.DOTALL);
    private static final Instant END = Instant.parse("9999-12-31T23:59:59Z");

    private EntryFields() {}

    static String alias(String alias) {
        StoreLimits.require(
                !alias.isEmpty() && alias.length() <= StoreLimits.ALIAS,
                alias,
                "an alias has 1 to " + StoreLimits.ALIAS + " characters, not " + alias.length());
        StoreLimits.require(
                alias.codePoints().noneMatch(EntryFields::isForbidden)
                        && alias.charAt(0) != ' '
                        && alias.charAt(alias.length() - 1) != ' ',
                alias,
                "an alias is valid Unicode without control characters and without spaces at its ends");
        return StoreLimits.require(
                !VERSION.matcher(alias).matches(),
                alias,
                "an alias does not end with '@' and digits, which name a version of a data key");
    }

    /** A code point that is a surrogate is half of a pair without the other half. */
    private static boolean isForbidden(int codePoint) {
        return Character.isISOControl(codePoint)
                || (codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE);
    }

    static Instant created(Instant created) {
        Instant seconds = created.truncatedTo(ChronoUnit.SECONDS);
        return StoreLimits.require(
                !seconds.isBefore(Instant.EPOCH) && !seconds.isAfter(END),
                seconds,
                "a creation date lies in the years 1970 to 9999");
    }
}
