package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.provider.DataKeyUsage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code keystore import}. */
@Command(
        name = "import",
        header = "Take keys and certificates over from a PKCS12, JKS, JCEKS, BCFKS or PEM file, all or nothing.",
        description = {
            "Private keys come with their chains, AES and Hmac* keys become data keys, certificates stay trusted. The"
                    + " source is not changed: it opens the same keys as before.",
            "Its password is in the first line of the file that --source-password-file names, in"
                    + " KMS_ENVELOPE_SOURCE_PASSWORD, or asked for on the terminal."
        })
final class ImportCommand implements Callable<Integer> {

    private static final int MAX_SOURCE = 16 << 20;

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(
            names = "--source-type",
            paramLabel = "TYPE",
            description = "PKCS12, JKS, JCEKS, BCFKS or PEM; else by its look")
    private @Nullable SourceType type;

    @Option(
            names = SourcePassword.OPTION,
            paramLabel = "F",
            description = "its first line is the password of the source")
    private @Nullable Path passwordFile;

    @Option(
            names = "--source-key-password-file",
            paramLabel = "F",
            description = "its first line is the password of the keys in it, if that is another one")
    private @Nullable Path keyPasswordFile;

    @Option(
            names = "--alias",
            paramLabel = "ALIAS",
            description = "take over this entry only; of a PEM file, which has no aliases: the name that it gets")
    private @Nullable String alias;

    @Mixin
    private DataKeyOptions dataKeys = new DataKeyOptions();

    @Mixin
    private WrappingKeyOption key = new WrappingKeyOption();

    @Option(
            names = {"-f", "--force"},
            description = "replace entries that are there")
    private boolean force;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(index = "0", paramLabel = "FILE", description = "the keystore file")
    private Path file;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(index = "1", paramLabel = "SOURCE", description = "the file to take entries from")
    private Path source;

    ImportCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        DataKeyUsage aes = dataKeys.usage();
        if (!aes.algorithm().equals("AES")) {
            throw new UsageException("--usage says what AES keys are for, and " + aes.transformation() + " is nothing"
                    + " for them; an HMAC key says itself what it is for");
        }
        try (OpenStore store = OpenStore.read(backend.configuration(), file)) {
            List<SourceEntry> entries = entries();
            requireNew(store.content(), entries);
            Importer importer =
                    new Importer(store, key.given().orElseGet(store::defaultKey), aes, dataKeys.extractable());
            StoreContent changed = store.content();
            for (SourceEntry entry : entries) {
                changed = changed.with(importer.take(entry));
            }
            store.write(changed);
            for (SourceEntry entry : entries) {
                stdio.note("took '" + Text.escape(entry.alias()) + "' over");
            }
        }
        return ExitCode.OK;
    }

    private List<SourceEntry> entries() throws IOException {
        byte[] content = read();
        try {
            SourceType kind = type == null ? SourceType.of(content) : type;
            List<SourceEntry> entries = kind == SourceType.PEM ? pem(content) : keyStore(kind, content);
            if (entries.isEmpty()) {
                throw new SourceException("the source has no entries");
            }
            return entries;
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private byte[] read() throws IOException {
        if (Files.isDirectory(source)) {
            throw new FileSystemException(source.toString(), null, "is a directory");
        }
        try (InputStream in = Files.newInputStream(source)) {
            byte[] content = in.readNBytes(MAX_SOURCE + 1);
            if (content.length > MAX_SOURCE) {
                throw new SourceException("the source is longer than " + (MAX_SOURCE >> 20) + " MiB");
            }
            return content;
        }
    }

    private List<SourceEntry> pem(byte[] content) throws IOException {
        if (alias == null) {
            throw new UsageException("a PEM file has no aliases: say with --alias how what is in it shall be called");
        }
        return PemSource.read(content, alias, () -> SourcePassword.read(passwordFile));
    }

    private List<SourceEntry> keyStore(SourceType kind, byte[] content) throws IOException {
        char[] password = SourcePassword.read(passwordFile);
        char[] ofKeys = password;
        try {
            if (keyPasswordFile != null) {
                ofKeys = SourcePassword.ofFile(keyPasswordFile);
            }
            return KeyStoreSource.read(kind, content, alias, password, ofKeys);
        } finally {
            Arrays.fill(password, '\0');
            Arrays.fill(ofKeys, '\0');
        }
    }

    /** Before the service is asked for anything. */
    private void requireNew(StoreContent content, List<SourceEntry> entries) {
        String there = entries.stream()
                .map(SourceEntry::alias)
                .filter(each -> content.find(each).isPresent())
                .map(each -> "'" + Text.escape(each) + "'")
                .collect(Collectors.joining(", "));
        if (!force && !there.isEmpty()) {
            throw new UsageException("these are there already: " + there + "; --force replaces them");
        }
    }
}
