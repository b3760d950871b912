package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code encrypt}. */
@Command(
        name = "encrypt",
        header = "Encrypt a file, or a pipe, under a key of the key service.",
        description = {
            "FILE becomes FILE.enc unless -o says otherwise; without FILE, or with -, standard input goes to standard"
                    + " output. The result is an AWS Encryption SDK message; with --dual, one inside another."
        })
final class EncryptCommand implements Callable<Integer> {

    static final String SUFFIX = ".enc";

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private MessageOptions message = new MessageOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private DualOptions dual = new DualOptions();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Option(
            names = {"-k", "--key"},
            required = true,
            paramLabel = "KEY",
            description = "the key: alias/NAME, key id or ARN; SERVICE:KEY for a further key service of the settings")
    private KeyId key;

    @Option(
            names = {"-r", "--recipient"},
            paramLabel = "KEY",
            description = "a further key, named like --key, which alone opens the message too; repeat for several")
    private List<KeyId> recipients = new ArrayList<>();

    @Option(
            names = "--frame-length",
            paramLabel = "BYTES",
            description = "plaintext bytes per frame, 1 to 16777216 (default: the setting, else 65536)")
    private @Nullable Integer frameLength;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "the file to encrypt")
    private @Nullable Path file;

    EncryptCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
        Configuration configuration = backend.configuration();
        EnvelopeParameterSpec parameters = parameters();
        byte[] aad = message.associatedData();
        EnvelopeFormat format = dual.format();
        Path source = Input.isPipe(file) ? null : file;
        Path target = source == null ? null : Path.of(source + SUFFIX);
        if (source == null && !output.isNamed() && Terminal.isTerminal(Terminal.OUT)) {
            throw new UsageException("not writing binary data to a terminal; use -o FILE, or -o - if you mean it");
        }
        List<Path> read = OutputOptions.read(backend.files(configuration), message.files(), source);
        try (Input in = Input.open(stdio, source);
                Output out = output.open(stdio, read, target, false);
                KeyServices services = KeyServices.open(configuration);
                Progress progress = Progress.start("encrypt", in.size(), output.quiet())) {
            Handles handles = new Handles(services, configuration, null);
            KmsSecretKey handle = dual.with(withRecipients(handles, key, recipients), handles);
            try {
                CipherCopy.encrypt(handle, format, parameters, aad, in.stream(), out.stream(), progress);
            } catch (KeyNotFoundException e) {
                throw handles.suggest(
                        e,
                        dual.names(Stream.concat(Stream.of(key), recipients.stream())
                                .toList()));
            }
            out.commit();
        }
        return ExitCode.OK;
    }

    /** A handle that encrypts for further keys too. */
    static KmsSecretKey withRecipients(Handles handles, KeyId key, List<KeyId> recipients) {
        List<KmsSecretKey> further = recipients.stream().map(handles::of).toList();
        try {
            return handles.of(key).withRecipients(further);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--recipient: " + e.getMessage());
        }
    }

    private EnvelopeParameterSpec parameters() {
        EnvelopeParameterSpec.Builder builder = message.parameters();
        setFrameLength(builder, frameLength);
        return builder.build();
    }

    /** Takes over what {@code --frame-length} says, if it was given. */
    static void setFrameLength(EnvelopeParameterSpec.Builder builder, @Nullable Integer frameLength) {
        if (frameLength == null) {
            return;
        }
        if (frameLength < 1 || frameLength > EngineSettings.MAX_FRAME_LENGTH) {
            throw new UsageException("--frame-length is 1 to " + EngineSettings.MAX_FRAME_LENGTH);
        }
        builder.frameLength(frameLength);
    }
}
