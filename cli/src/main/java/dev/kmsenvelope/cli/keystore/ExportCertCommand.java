package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Output;
import dev.kmsenvelope.cli.OutputOptions;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.file.CertificateEntry;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreEntry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code keystore export-cert}. */
@Command(
        name = "export-cert",
        header = "Write the certificate of an entry of a keystore file.",
        description = "As PEM (RFC 7468), on standard output without -o.")
final class ExportCertCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(names = "--chain", description = "all certificates of the entry, its own first")
    private boolean all;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(index = "0", paramLabel = "FILE")
    private Path file;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(index = "1", paramLabel = "ALIAS")
    private String alias;

    ExportCertCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        List<byte[]> chain;
        Configuration configuration = backend.configuration();
        try (OpenStore store = OpenStore.read(configuration, file)) {
            chain = chain(store.content().find(alias).orElse(null));
        }
        List<Path> read = Stream.concat(backend.files(configuration).stream(), Stream.of(file))
                .toList();
        try (Output out = output.open(stdio, read, null, false)) {
            for (byte[] certificate : all ? chain : chain.subList(0, 1)) {
                out.stream().write(CertificateText.pem(certificate).getBytes(StandardCharsets.US_ASCII));
            }
            out.commit();
        }
        return ExitCode.OK;
    }

    private List<byte[]> chain(@Nullable StoreEntry entry) {
        if (entry instanceof PrivateKeyEntry privateKey) {
            return privateKey.chain();
        }
        if (entry instanceof CertificateEntry trusted) {
            return List.of(trusted.certificate());
        }
        throw new UsageException(
                entry == null
                        ? "there is no entry '" + Text.escape(alias) + "'"
                        : "the entry '" + Text.escape(alias) + "' is of kind " + entry.kind()
                                + ", which has no certificate in the file");
    }
}
