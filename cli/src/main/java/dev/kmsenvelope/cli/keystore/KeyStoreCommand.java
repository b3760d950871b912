package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Stdio;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code keystore}: the group of commands for keystore files. */
@Command(
        name = "keystore",
        header = "Make and change keystore files, which the KeyStore KMS opens.",
        description =
                "FILE is sealed under the key that the setting keystore.key names; with the local backend, that is"
                        + " alias/kms-envelope-keystore if nothing is set.",
        synopsisSubcommandLabel = "COMMAND")
public final class KeyStoreCommand {

    private KeyStoreCommand() {}

    /**
     * Makes the group.
     *
     * @param stdio standard input and output
     * @return the command with all that belong to it
     */
    public static CommandLine withSubcommands(Stdio stdio) {
        return new CommandLine(new KeyStoreCommand())
                .addSubcommand(new CreateCommand(stdio))
                .addSubcommand(new ListCommand(stdio))
                .addSubcommand(new AddKeyCommand(stdio))
                .addSubcommand(new ImportCommand(stdio))
                .addSubcommand(new ExportCertCommand(stdio))
                .addSubcommand(new RewrapCommand(stdio))
                .addSubcommand(new VerifyCommand(stdio));
    }
}
