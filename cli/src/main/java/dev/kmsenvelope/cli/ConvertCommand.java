package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.provider.ConversionException;
import dev.kmsenvelope.provider.EnvelopeChannels;
import dev.kmsenvelope.provider.MessageConversion;
import dev.kmsenvelope.spi.KeyServices;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code convert}. */
@Command(
        name = "convert",
        header = "Move a message from one format to another.",
        description = {
            "FILE is decrypted and encrypted again in one go: no plaintext is written anywhere. Formats: esdk, of the AWS"
                    + " Encryption SDK; tink, envelope messages and streams of Tink; dual, with two layers; s3ec, objects"
                    + " of the Amazon S3 Encryption Client. The content and the encryption context are kept, a signature,"
                    + " further recipients and the message id are not.",
            "The output appears only after all of FILE was verified. On standard output it comes as it is made, so check"
                    + " the exit code: if that is not 0, what came is not a whole message, and does not open as one. FILE"
                    + " stays; who has it and its key still has what it says."
        })
final class ConvertCommand implements Callable<Integer>, MessageReader {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private OldMessageOptions old = new OldMessageOptions();

    @Mixin
    private NewMessageOptions fresh = new NewMessageOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "FILE",
            description = "the message to convert; - or none for standard input")
    private @Nullable Path file;

    ConvertCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public @Nullable Path source() {
        return Input.isPipe(file) ? null : file;
    }

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
        Configuration configuration = backend.configuration();
        fresh.requireFit();
        byte[] oldAad = old.associatedData();
        byte[] newAad = fresh.associatedData(oldAad);
        Path source = source();
        requireOutput(source);
        requireDifferentFiles(backend.files(configuration), source);
        try (Input in = Input.open(stdio, source);
                NewFiles files = NewFiles.open(
                        output.open(stdio, List.of(), null, false),
                        stdio,
                        fresh.companion(),
                        fresh.replacesCompanion(output.force()));
                KeyServices services = KeyServices.openLazily(configuration);
                Progress progress = Progress.start("convert", in.size(), output.quiet())) {
            InputStream stream = new BufferedInputStream(in.stream());
            Handles handles = new Handles(services, configuration, null);
            EnvelopeChannels from = old.channels(stream, handles, oldAad);
            EnvelopeChannels to = fresh.channels(handles, newAad, files);
            convert(handles, MessageConversion.of(from, to), new CountedStream(stream, progress), files);
            files.commit();
        }
        return ExitCode.OK;
    }

    private void requireOutput(@Nullable Path source) {
        if (output.isNamed()) {
            return;
        }
        if (source != null) {
            throw new UsageException("name the output with -o FILE, or -o - for standard output");
        }
        if (Terminal.isTerminal(Terminal.OUT)) {
            throw new UsageException("not writing binary data to a terminal; use -o FILE, or -o - if you mean it");
        }
    }

    /** What is written must be none of what is read, and not the same file twice. */
    private void requireDifferentFiles(List<Path> ofSettings, @Nullable Path source) throws IOException {
        Path target = output.file();
        Path companion = fresh.companion();
        List<Path> read =
                OutputOptions.read(ofSettings, Stream.concat(old.files().stream(), fresh.files().stream()), source);
        for (Path written :
                Stream.of(target, companion).filter(Objects::nonNull).toList()) {
            OutputOptions.requireNotRead(written, read);
        }
        if (target != null && companion != null && OutputFile.isSame(target, companion)) {
            throw new UsageException("two outputs are one file: " + Text.oneLine(target.toString()));
        }
    }

    private void convert(Handles handles, MessageConversion conversion, InputStream in, NewFiles files)
            throws IOException, GeneralSecurityException {
        try {
            (fresh.dropsContext() ? conversion.droppingContext() : conversion).run(in, files.stream());
        } catch (ConversionException e) {
            if (e.getCause() instanceof KeyNotFoundException missing) {
                KeyNotFoundException better = handles.suggest(missing, fresh.names());
                throw better.equals(missing) ? e : better;
            }
            throw e;
        } catch (KeyNotFoundException e) {
            throw handles.suggest(e, old.names());
        } catch (IllegalArgumentException e) {
            if (e.getCause() instanceof InvalidAlgorithmParameterException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
