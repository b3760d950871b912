package dev.kmsenvelope.cli;

import dev.kmsenvelope.cli.branchkey.BranchKeyCommand;
import dev.kmsenvelope.cli.key.KeyCommand;
import dev.kmsenvelope.cli.keystore.KeyStoreCommand;
import dev.kmsenvelope.kms.KeyId;
import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/** The program. */
public final class Main {

    private static final int HELP_WIDTH = 100;

    private Main() {}

    /**
     * Runs one command and ends the process.
     *
     * @param arguments the command line
     */
    public static void main(String[] arguments) {
        setIfAbsent("slf4j.internal.verbosity", "ERROR");
        setIfAbsent("kmsenvelope.jmx", "false"); // starting the JVM's management takes longer than most commands
        if (System.getProperty("java.util.logging.config.file") == null) {
            setIfAbsent("java.util.logging.config.class", PlainLogging.class.getName());
        }
        System.exit(run(Stdio.ofProcess(), arguments));
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * Runs one command.
     *
     * @param stdio standard input and output
     * @param arguments the command line
     * @return the exit code
     */
    static int run(Stdio stdio, String... arguments) {
        KmsEnvelopeCommand root = new KmsEnvelopeCommand();
        CommandLine program = program(root, stdio);
        try {
            int code = program.execute(arguments);
            stdio.out().flush();
            return code;
        } catch (Exception | LinkageError | OutOfMemoryError | StackOverflowError e) {
            return Failures.report(e, stdio, root.verbose());
        }
    }

    private static CommandLine program(KmsEnvelopeCommand root, Stdio stdio) {
        CommandLine program = new CommandLine(root)
                .addSubcommand(new DemoCommand(stdio))
                .addSubcommand(new EncryptCommand(stdio))
                .addSubcommand(new DecryptCommand(stdio))
                .addSubcommand(new CatCommand(stdio))
                .addSubcommand(new InspectCommand(stdio))
                .addSubcommand(new ReencryptCommand(stdio))
                .addSubcommand(new ConvertCommand(stdio))
                .addSubcommand(new RewrapCommand())
                .addSubcommand(new DependenciesCommand(stdio))
                .addSubcommand(KeyCommand.withSubcommands(stdio))
                .addSubcommand(BranchKeyCommand.withSubcommands(stdio))
                .addSubcommand(KeyStoreCommand.withSubcommands(stdio))
                .addSubcommand(CacheCommand.withSubcommands(stdio))
                .addSubcommand(new DoctorCommand(stdio));
        program.registerConverter(KeyId.class, Main::keyId)
                .registerConverter(Path.class, Main::path)
                .setUsageHelpWidth(HELP_WIDTH)
                .setAbbreviatedOptionsAllowed(false)
                .setOverwrittenOptionsAllowed(false)
                .setOut(new PrintWriter(stdio.out(), true, Stdio.textCharset()))
                .setErr(stdio.err())
                .setParameterExceptionHandler((e, arguments) -> Failures.report(e, stdio, root.verbose()))
                .setExecutionExceptionHandler(
                        (e, command, result) -> Failures.report(e, source(command), stdio, root.verbose()));
        addExitCodes(program);
        return program;
    }

    private static @Nullable Path source(CommandLine command) {
        return command.getCommand() instanceof MessageReader reader ? reader.source() : null;
    }

    private static void addExitCodes(CommandLine command) {
        command.getCommandSpec().usageMessage().exitCodeListHeading("%nExit codes:%n");
        command.getCommandSpec().usageMessage().exitCodeList(ExitCode.help());
        command.getSubcommands().values().forEach(Main::addExitCodes);
    }

    private static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new TypeConversionException(Decoding.ofFileName(text, e.getReason()));
        }
    }

    private static KeyId keyId(String text) {
        try {
            return KeyId.of(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
