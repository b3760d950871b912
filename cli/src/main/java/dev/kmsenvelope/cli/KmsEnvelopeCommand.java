package dev.kmsenvelope.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The command that the others belong to. */
@Command(
        name = "kms-envelope",
        header = "Envelope encryption under keys that stay in a key-management service.",
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND")
final class KmsEnvelopeCommand {

    @SuppressWarnings("UnusedVariable") // picocli acts on it
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "this help")
    private boolean help;

    @SuppressWarnings("UnusedVariable") // picocli acts on it
    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "version, Java, system")
    private boolean version;

    private boolean verbose;

    /** Called for every level of the command line, also with the default: given once, it counts. */
    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "with an error, tell where in the program it came up; also by KMS_ENVELOPE_DEBUG=1")
    void setVerbose(boolean given) {
        verbose |= given;
    }

    boolean verbose() {
        return verbose
                || !System.getenv().getOrDefault("KMS_ENVELOPE_DEBUG", "").isEmpty();
    }
}
