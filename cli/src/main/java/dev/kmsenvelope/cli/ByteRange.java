package dev.kmsenvelope.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A part of some bytes, written as in RFC 9110 (14.1.2): {@code FIRST-LAST}, both included; {@code FIRST-} up to the end;
 * {@code -COUNT} for the last ones.
 *
 * @param first the position of the first byte, from 0; null for the last ones
 * @param last the position of the last byte, or how many from the end when there is no first; null for the end
 */
record ByteRange(@Nullable Long first, @Nullable Long last) {

    /** All of them. */
    static final ByteRange ALL = new ByteRange(0L, null);

    private static final Pattern FORM = Pattern.compile("([0-9]*)-([0-9]*)");

    /**
     * Reads a range.
     *
     * @throws UsageException if it is none
     */
    static ByteRange parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches() || text.length() == 1) {
            throw new UsageException("--range: FIRST-LAST, FIRST- or -COUNT, in bytes, not " + Text.oneLine(text));
        }
        Long first = number(form.group(1));
        Long last = number(form.group(2));
        if (first != null && last != null && last < first) {
            throw new UsageException("--range: the last byte, " + last + ", precedes the first one, " + first);
        }
        return new ByteRange(first, last);
    }

    private static @Nullable Long number(String digits) {
        if (digits.isEmpty()) {
            return null;
        }
        try {
            return Long.valueOf(digits);
        } catch (NumberFormatException e) {
            throw new UsageException("--range: " + digits + " is too large");
        }
    }

    /** Where the range starts among so many bytes: at most behind the last one. */
    long from(long size) {
        if (first != null) {
            return Math.min(first, size);
        }
        return last == null ? 0 : Math.max(0, size - last);
    }

    /** How many of so many bytes are in the range. */
    long count(long size) {
        long end = first == null || last == null || last >= size ? size : last + 1;
        return end - from(size);
    }

    /** Whether it starts behind the end of so many bytes. */
    boolean isBeyond(long size) {
        return first != null && first > 0 && first >= size;
    }
}
