package dev.kmsenvelope.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code cache}: the group of commands for the data keys that running programs have cached. */
@Command(
        name = "cache",
        header = "Have running programs drop their cached data keys, and see their figures.",
        description = "These commands are for other processes: one that encrypts a file caches nothing beyond its end.",
        synopsisSubcommandLabel = "COMMAND")
final class CacheCommand {

    private CacheCommand() {}

    static CommandLine withSubcommands(Stdio stdio) {
        return new CommandLine(new CacheCommand())
                .addSubcommand(new CacheFlushCommand(stdio))
                .addSubcommand(new CacheStatsCommand(stdio));
    }
}
