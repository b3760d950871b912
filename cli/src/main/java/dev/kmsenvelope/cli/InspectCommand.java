package dev.kmsenvelope.cli;

import com.google.gson.JsonObject;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DualInspection;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyServices;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code inspect}. */
@Command(
        name = "inspect",
        header = "Show what a message is, without any key.",
        description = {
            "The message is one of the AWS Encryption SDK, of one layer or two, or one of Tink, as far as its bytes tell."
                    + " Nothing is verified: who can change the message can change what this shows. Exit code 3 if it is no"
                    + " message, or not complete. Of a message with two layers (encrypt --dual), the inner layer's header"
                    + " is shown if the key of the outer layer is named: only the start of the outer layer is decrypted."
        })
final class InspectCommand implements Callable<Integer>, MessageReader {

    /** As much as can be shown; what decrypt accepts is less. */
    private static final HeaderLimits LIMITS = new HeaderLimits(0xFFFF, 8 * 1024 * 1024, 1 << 30);

    /** No inner header is behind so many bytes, within the limits of decrypt. */
    private static final int LOOK_AHEAD = 64 * 1024 * 1024;

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private MessageOptions message = new MessageOptions();

    @ArgGroup
    private @Nullable LayerKey layerKey;

    private static final class LayerKey {

        @Option(
                names = {"-k", "--key"},
                paramLabel = "KEY",
                description = "the key of the inner layer, whose setting outer-key names the key of the outer one")
        private @Nullable KeyId inner;

        @Option(names = "--outer-key", paramLabel = "KEY", description = "the key of the outer layer")
        private @Nullable KeyId outer;
    }

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Parameters(arity = "0..1", paramLabel = "FILE", description = "the message; - or none for standard input")
    private @Nullable Path file;

    InspectCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public @Nullable Path source() {
        return Input.isPipe(file) ? null : file;
    }

    /** The header of the inner layer; the stream is where it was afterwards. */
    private MessageHeader inner(InputStream stream, LayerKey keys) throws IOException, GeneralSecurityException {
        stream.mark(LOOK_AHEAD);
        Configuration configuration = backend.configuration();
        byte[] header;
        try (KeyServices services = KeyServices.openLazily(configuration)) {
            Handles handles = new Handles(services, configuration, null);
            KmsSecretKey handle = keys.outer == null
                    ? handles.of(Objects.requireNonNull(keys.inner))
                    : handles.of(keys.outer).withOuterKey(handles.of(keys.outer));
            header = DualInspection.innerHeader(handle, message.parameters().build(), message.associatedData(), stream);
        }
        stream.reset();
        stream.mark(0); // or all that follows would be kept
        return MessageHeader.read(new ByteArrayInputStream(header), LIMITS);
    }

    private void print(List<String> lines, JsonObject asJson) throws IOException {
        if (json) {
            stdio.printJson(Json.write(asJson));
        } else {
            for (String line : lines) {
                stdio.println(line);
            }
        }
    }

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
        MessageReport report;
        try (Input in = Input.open(stdio, file)) {
            InputStream stream = new BufferedInputStream(in.stream(), 64 * 1024);
            Optional<OtherFormatReport> other = OtherFormatReport.read(stream);
            if (other.isPresent()) {
                print(other.get().toLines(), other.get().toJson());
                other.get().requireMessage();
                return ExitCode.OK;
            }
            MessageHeader inner = layerKey == null ? null : inner(stream, layerKey);
            MessageHeader header = MessageHeader.read(stream, LIMITS);
            report = new MessageReport(header, Structure.read(header, stream), inner);
        }
        print(report.toLines(), report.toJson());
        switch (report.structure().state()) {
            case COMPLETE -> {
                return ExitCode.OK;
            }
            case TRUNCATED ->
                throw new InvalidMessageException(Reason.TRUNCATED, "the message ends before its last frame does");
            case TRAILING ->
                throw new InvalidMessageException(
                        Reason.MALFORMED, report.structure().trailingBytes() + " bytes follow the end of the message");
            default ->
                throw new InvalidMessageException(
                        Reason.MALFORMED,
                        "after frame " + report.structure().frames() + " comes something that cannot be the next one");
        }
    }
}
