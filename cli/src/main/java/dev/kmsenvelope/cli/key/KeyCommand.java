package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Stdio;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code key}: the group of commands for those who administer keys. */
@Command(
        name = "key",
        header = "Create and administer keys.",
        description = "KEY is alias/NAME, a key id or an ARN.",
        synopsisSubcommandLabel = "COMMAND")
public final class KeyCommand {

    private KeyCommand() {}

    /**
     * Makes the group.
     *
     * @param stdio standard input and output
     * @return the command with all that belong to it
     */
    public static CommandLine withSubcommands(Stdio stdio) {
        return new CommandLine(new KeyCommand())
                .addSubcommand(new CreateCommand(stdio))
                .addSubcommand(new ListCommand(stdio))
                .addSubcommand(new DescribeCommand(stdio))
                .addSubcommand(new AliasCommand(stdio))
                .addSubcommand(new PublicKeyCommand(stdio))
                .addSubcommand(new RotateCommand(stdio))
                .addSubcommand(new RotationCommand(stdio))
                .addSubcommand(new DisableCommand(stdio))
                .addSubcommand(new EnableCommand(stdio))
                .addSubcommand(new DeleteCommand(stdio))
                .addSubcommand(new BackupCommand(stdio))
                .addSubcommand(new RestoreCommand(stdio))
                .addSubcommand(new PassphraseCommand(stdio));
    }
}
