package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.provider.DiscoveryFilter;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyServices;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code decrypt}. */
@Command(
        name = "decrypt",
        header = "Decrypt a message that was encrypted under a key of the key service.",
        description = {
            "FILE.enc becomes FILE unless -o says otherwise, readable by its owner only, and appears only after all of"
                    + " the message was verified. Without FILE, or with -, standard input goes to standard output:"
                    + " each frame as soon as it is verified, so check the exit code before you trust the end.",
            "Messages of the AWS Encryption SDK are opened, and those of other formats that the setting decrypt.formats"
                    + " has; of those, name the key."
        })
final class DecryptCommand implements Callable<Integer>, MessageReader {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private MessageOptions message = new MessageOptions();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private KeyToRead key = new KeyToRead();

    @Mixin
    private DualOptions dual = new DualOptions();

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "the message to decrypt")
    private @Nullable Path file;

    DecryptCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public @Nullable Path source() {
        return Input.isPipe(file) ? null : file;
    }

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
        Configuration configuration = backend.configuration();
        EnvelopeParameterSpec parameters = message.parameters().build();
        byte[] aad = message.associatedData();
        Optional<KeyId> named = key.named();
        DiscoveryFilter discovery = key.discovery();
        EnvelopeFormat format = dual.isDual() ? EnvelopeFormat.DUAL : null;
        if (dual.isDual() && named.isEmpty()) {
            throw new UsageException(
                    "--dual needs --key: a message with two layers names the key of the outer one only");
        }
        Path source = source();
        Path target = source == null || output.isNamed() ? null : withoutSuffix(source);
        List<Path> read = OutputOptions.read(backend.files(configuration), message.files(), source);
        try (Input in = Input.open(stdio, source);
                Output out = output.open(stdio, read, target, true);
                KeyServices services = KeyServices.openLazily(configuration);
                Progress progress = Progress.start("decrypt", in.size(), output.quiet())) {
            InputStream stream = new BufferedInputStream(in.stream());
            Handles handles = new Handles(services, configuration, discovery);
            KmsSecretKey handle =
                    named.isEmpty() ? new MessageKey(handles).of(stream) : dual.with(handles.of(named.get()), handles);
            try {
                CipherCopy.decrypt(handle, format, parameters, aad, stream, out.stream(), progress);
            } catch (KeyNotFoundException e) {
                throw named.isEmpty() ? e : handles.suggest(e, dual.names(List.of(named.get())));
            }
            out.commit();
        }
        return ExitCode.OK;
    }

    private static Path withoutSuffix(Path source) {
        String name = String.valueOf(source.getFileName());
        int length = name.length() - EncryptCommand.SUFFIX.length();
        if (length < 1 || !name.endsWith(EncryptCommand.SUFFIX)) {
            throw new UsageException("the name " + Text.oneLine(name) + " does not end with " + EncryptCommand.SUFFIX
                    + "; name the output with -o");
        }
        return source.resolveSibling(name.substring(0, length));
    }
}
