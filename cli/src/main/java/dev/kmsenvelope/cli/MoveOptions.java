package dev.kmsenvelope.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which messages are moved, and what they may lose by it. */
final class MoveOptions {

    @Option(names = "--drop-signature", description = "move signed messages too: the new ones are not signed")
    private boolean dropSignatures;

    @Option(
            names = "--drop-recipients",
            description = "move messages too that more keys open than the new ones will be for")
    private boolean dropRecipients;

    @Option(
            names = "--split-hard-links",
            description = "replace files that have several names (hard links); the other names keep the old message")
    private boolean splitLinks;

    @Option(
            names = "--before",
            paramLabel = "DATE",
            description = "where the key service does not tell the version of a key: move files that were last modified"
                    + " before this day, or point in time, in UTC, such as 2026-01-31 or 2026-01-31T12:00:00Z")
    private @Nullable String before;

    @Option(names = "--all", description = "where the key service does not tell the version of a key: move all files")
    private boolean all;

    @Option(
            names = {"-n", "--dry-run"},
            description = "change nothing; list the files that would be moved")
    private boolean dryRun;

    @Option(names = "--fail-fast", description = "stop at the first failure")
    private boolean failFast;

    boolean dropSignatures() {
        return dropSignatures;
    }

    boolean dropRecipients() {
        return dropRecipients;
    }

    boolean splitLinks() {
        return splitLinks;
    }

    boolean dryRun() {
        return dryRun;
    }

    boolean failFast() {
        return failFast;
    }

    /** Files that were modified before this are moved, if nothing better is known; null for none. */
    @Nullable
    Instant unknownBefore() {
        if (all && before != null) {
            throw new UsageException("--all and --before exclude each other");
        }
        return all ? Instant.MAX : before == null ? null : parse(before);
    }

    private static Instant parse(String text) {
        try {
            return text.indexOf('T') < 0
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : Instant.parse(text);
        } catch (DateTimeException e) {
            throw new UsageException("--before takes a date such as 2026-01-31 or 2026-01-31T12:00:00Z, not '"
                    + Text.oneLine(text) + "'");
        }
    }
}
