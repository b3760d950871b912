package dev.kmsenvelope.cli;

import dev.kmsenvelope.cli.keystore.SourceException;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.local.KeyFileException;
import dev.kmsenvelope.provider.ConversionException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.ProviderException;
import java.security.UnrecoverableKeyException;
import java.util.EnumSet;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParameterException;

/** Turns whatever went wrong into one line on standard error and an exit code. */
final class Failures {

    private static final Set<Reason> OF_WRITING = EnumSet.of(Reason.CHANGED_MEANWHILE, Reason.IN_USE);

    private Failures() {}

    /** The exit code for a failure. */
    static int code(Throwable failure) {
        if (failure instanceof ConversionException && failure.getCause() != null) {
            return code(failure.getCause());
        }
        if (failure instanceof UsageException
                || failure instanceof ParameterException
                || failure instanceof InvalidPathException
                || failure instanceof OutOfMemoryError
                || failure instanceof InvalidAlgorithmParameterException) {
            return ExitCode.USAGE;
        }
        if (failure instanceof InvalidMessageException
                || failure instanceof AEADBadTagException
                || failure instanceof InvalidCiphertextException
                || (failure instanceof InvalidKeyException
                        && failure.getCause() instanceof InvalidCiphertextException)) {
            return ExitCode.MESSAGE; // The last is a wrapped key that does not unwrap.
        }
        if (failure instanceof UnrecoverableKeyException
                || failure instanceof SourceException
                || (failure instanceof StoreFileException e && !OF_WRITING.contains(e.reason()))) {
            return ExitCode.MESSAGE; // A keystore file, an entry of one, or what one is to be filled from.
        }
        if (failure instanceof KmsConfigurationException && !(failure instanceof KeyFileException)) {
            return ExitCode.USAGE;
        }
        if (failure instanceof ProviderException || failure instanceof InvalidKeyException) {
            return ExitCode.KEY_SERVICE;
        }
        if (failure instanceof IOException || failure instanceof UncheckedIOException) {
            return ExitCode.IO;
        }
        return ExitCode.INTERNAL;
    }

    /**
     * Reports a failure.
     *
     * @return the exit code
     */
    static int report(Throwable failure, Stdio stdio, boolean verbose) {
        return report(failure, null, stdio, verbose);
    }

    /**
     * Reports a failure of a command.
     *
     * @param source the file with the message that it read; null for a pipe or none
     * @return the exit code
     */
    static int report(Throwable failure, @Nullable Path source, Stdio stdio, boolean verbose) {
        if (!(failure instanceof BrokenPipeException) && !TemporaryFiles.isShuttingDown()) {
            boolean isOfSource = code(failure) == ExitCode.MESSAGE && !(failure instanceof ConversionException);
            String file = source == null || !isOfSource ? "" : Text.oneLine(source.toString()) + ": ";
            stdio.note(file + text(failure));
            if (verbose) {
                printTrace(failure, stdio);
            }
        }
        return code(failure);
    }

    /** Its texts may quote names of files and what messages say, which a terminal must not act on. */
    private static void printTrace(Throwable failure, Stdio stdio) {
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace, true));
        trace.toString().lines().forEach(line -> {
            String text = line.startsWith("\t") ? line.substring(1) : line;
            stdio.err().println((line.equals(text) ? "" : "\t") + Text.escapeJson(text));
        });
        stdio.err().flush();
    }

    /** What to say of a failure: one line. */
    static String text(Throwable failure) {
        if (failure instanceof ConversionException && failure.getCause() != null) {
            return "the new message: " + text(failure.getCause());
        }
        String said = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        if (failure instanceof ParameterException e) {
            String name = e.getCommandLine().getCommandSpec().qualifiedName();
            return Text.oneLine(said) + "; see: " + name + " --help";
        }
        if (failure instanceof UncheckedIOException && failure.getCause() instanceof IOException cause) {
            return text(cause);
        }
        if (failure instanceof OutOfMemoryError) {
            return "out of memory: let the JVM have more (JAVA_TOOL_OPTIONS=-Xmx...), or hold less of a message in memory: the"
                    + " settings decrypt.hold and decrypt.spool";
        }
        if (failure instanceof FileSystemException e) {
            return Text.oneLine(text(e));
        }
        if (failure instanceof InvalidPathException e) {
            return Decoding.ofFileName(e.getInput(), e.getReason());
        }
        if (code(failure) == ExitCode.INTERNAL) {
            return "unexpected fault: " + failure.getClass().getSimpleName() + ": " + Text.oneLine(said)
                    + "; --verbose tells where";
        }
        if (failure instanceof ProviderException && failure.getCause() instanceof FileSystemException cause) {
            return Text.oneLine(said.contains(reason(cause)) ? said : said + ": " + reason(cause));
        }
        return Text.oneLine(said);
    }

    private static String text(FileSystemException e) {
        if (e instanceof FileAlreadyExistsException) {
            return e.getFile() + " exists already; --force replaces it";
        }
        return e.getFile() == null ? reason(e) : e.getFile() + ": " + reason(e);
    }

    private static String reason(FileSystemException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NotDirectoryException) {
            return "not a directory";
        }
        if (e instanceof DirectoryNotEmptyException) {
            return "a directory that is not empty";
        }
        return e.getReason() == null ? e.getClass().getSimpleName() : e.getReason();
    }
}
