package dev.kmsenvelope.cli.branchkey;

import dev.kmsenvelope.cli.Stdio;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code branch-key}: the group of commands for those who administer branch keys. */
@Command(
        name = "branch-key",
        header = "Create and rotate branch keys (backend = hierarchical).",
        description = "The settings hierarchical.* say where they are; administration.hierarchical.* and"
                + " administration.aws.* take the place of those without administration.",
        synopsisSubcommandLabel = "COMMAND")
public final class BranchKeyCommand {

    private BranchKeyCommand() {}

    /**
     * Makes the group.
     *
     * @param stdio standard input and output
     * @return the command with all that belong to it
     */
    public static CommandLine withSubcommands(Stdio stdio) {
        return new CommandLine(new BranchKeyCommand())
                .addSubcommand(new CreateCommand(stdio))
                .addSubcommand(new RotateCommand(stdio))
                .addSubcommand(new ListCommand(stdio))
                .addSubcommand(new DescribeCommand(stdio));
    }
}
