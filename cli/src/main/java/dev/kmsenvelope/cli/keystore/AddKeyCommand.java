package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.StoreEntry;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.StoredDataKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code keystore add-key}. */
@Command(
        name = "add-key",
        header = "Have the service generate a data key, and keep it, wrapped, in a keystore file.",
        description =
                "With --rotate, an existing one gets a new version: it encrypts from then on, and the others still"
                        + " decrypt what names them.")
final class AddKeyCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private DataKeyOptions dataKey = new DataKeyOptions();

    @Mixin
    private WrappingKeyOption key = new WrappingKeyOption();

    @Option(
            names = "--bits",
            paramLabel = "N",
            description = "its length: for AES 128, 192 or 256, which is the default; for an HMAC that of its hash")
    private @Nullable Integer bits;

    @Option(
            names = "--rotate",
            description = "a new version of a data key that is there; takes no other of these options")
    private boolean rotate;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(index = "0", paramLabel = "FILE")
    private Path file;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(index = "1", paramLabel = "ALIAS", description = "upper and lower case count")
    private String alias;

    AddKeyCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        if (rotate && (dataKey.isGiven() || bits != null || key.given().isPresent())) {
            throw new UsageException("--rotate leaves usage, length and key as they are: give none of them");
        }
        DataKeyUsage purpose = dataKey.usage();
        int length = bits == null ? Usages.usualLength(purpose) : length(bits);
        try (OpenStore store = OpenStore.read(backend.configuration(), file)) {
            StoreEntry old = store.content().find(alias).orElse(null);
            DataKeyEntry made = rotate ? rotated(store, old) : generated(store, old, purpose, length);
            store.write(store.content().with(made));
            stdio.note("the data key '" + Text.escape(alias) + "' encrypts with version "
                    + made.newest().number() + " now, wrapped under " + made.key());
        }
        return ExitCode.OK;
    }

    private static int length(int bits) {
        if (bits % Byte.SIZE != 0) {
            throw new UsageException("--bits is a multiple of 8, not " + bits);
        }
        return bits / Byte.SIZE;
    }

    private DataKeyEntry rotated(OpenStore store, @Nullable StoreEntry old) {
        if (old instanceof DataKeyEntry present) {
            return Usages.checked(() -> store.wrapping().addVersion(store.content(), present));
        }
        throw new UsageException(
                old == null
                        ? "there is no entry '" + Text.escape(alias) + "' to rotate"
                        : "the entry '" + Text.escape(alias) + "' is no data key, so it has no versions");
    }

    private DataKeyEntry generated(OpenStore store, @Nullable StoreEntry old, DataKeyUsage purpose, int length) {
        if (old != null) {
            throw new UsageException(
                    "there is an entry '" + Text.escape(alias) + "' already; --rotate gives a data key a new version");
        }
        KeyId under = key.given().orElseGet(store::defaultKey);
        return Usages.checked(() -> store.wrapping()
                .generate(
                        store.content(),
                        alias,
                        under,
                        purpose,
                        length,
                        dataKey.extractable(),
                        Map.of(),
                        StoredDataKey.DEFAULT_MAX_MESSAGES));
    }
}
