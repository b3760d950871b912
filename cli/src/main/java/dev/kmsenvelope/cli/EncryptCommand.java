package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.Callable;
import javax.crypto.Cipher;
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
                    + " output. The result is an AWS Encryption SDK message."
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

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Option(
            names = {"-k", "--key"},
            required = true,
            paramLabel = "KEY",
            description = "the key: alias/NAME, key id or ARN")
    private KeyId key;

    @Option(
            names = "--frame-length",
            paramLabel = "BYTES",
            description = "plaintext bytes per frame, 1 to 16777216 (default: the setting, else 16384)")
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
        Path source = Input.isPipe(file) ? null : file;
        Path target = source == null ? null : Path.of(source + SUFFIX);
        if (source == null && !output.isNamed() && Terminal.isTerminal(Terminal.OUT)) {
            throw new UsageException("not writing binary data to a terminal; use -o FILE, or -o - if you mean it");
        }
        try (Input in = Input.open(stdio, source);
                Output out = output.open(stdio, source, target, false);
                KeyService service = Backends.openService(configuration);
                Progress progress = Progress.start("encrypt", in.size(), output.quiet())) {
            KmsSecretKey handle = KmsSecretKey.of(service, key, KeyPolicy.of(configuration, key));
            try {
                Cipher cipher = CipherCopy.cipher(Cipher.ENCRYPT_MODE, handle, parameters, aad);
                CipherCopy.run(cipher, in.stream(), out.stream(), progress);
            } catch (KeyNotFoundException e) {
                throw KeySuggestion.of(e, service, key);
            }
            out.commit();
        }
        return ExitCode.OK;
    }

    private EnvelopeParameterSpec parameters() {
        EnvelopeParameterSpec.Builder builder = message.parameters();
        if (frameLength != null) {
            if (frameLength < 1 || frameLength > EngineSettings.MAX_FRAME_LENGTH) {
                throw new UsageException("--frame-length is 1 to " + EngineSettings.MAX_FRAME_LENGTH);
            }
            builder.frameLength(frameLength);
        }
        return builder.build();
    }
}
