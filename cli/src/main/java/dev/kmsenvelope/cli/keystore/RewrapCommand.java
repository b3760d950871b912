package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreEntry;
import dev.kmsenvelope.kms.KeyId;
import java.io.IOException;
import java.nio.file.Path;
import java.security.UnrecoverableKeyException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code keystore rewrap}. */
@Command(
        name = "rewrap",
        header = "Wrap each entry of a keystore file again, and seal it again, all or nothing.",
        description = {
            "Without --key, each stays under its own key, of which the newest version is used then. With it everything,"
                    + " the seal too, moves to that key, and keystore.key has to name it afterwards. Data keys are"
                    + " re-encrypted by the service; private keys are decrypted here and encrypted again.",
            "What is wrapped stays the same: whoever knew it still does, and old copies of the file open as before."
        })
final class RewrapCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Mixin
    private WrappingKeyOption key = new WrappingKeyOption();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "FILE")
    private Path file;

    RewrapCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException, UnrecoverableKeyException {
        try (OpenStore store = OpenStore.read(backend.configuration(), file)) {
            StoreContent changed = store.content();
            int count = 0;
            for (StoreEntry entry : store.content().entries()) {
                KeyId present = wrappedUnder(entry);
                if (present != null) {
                    changed = changed.with(store.wrapping()
                            .rewrap(store.content(), entry, key.given().orElse(present)));
                    count++;
                }
            }
            store.write(changed, key.given().orElseGet(store::defaultKey));
            stdio.note("sealed " + Text.oneLine(file.toString()) + " again; entries wrapped again: " + count);
            key.given()
                    .ifPresent(
                            moved -> stdio.note(
                                    "it opens with the setting keystore.key = " + moved + " from now on: put it into"
                                            + " the configuration of whoever opens it (--config FILE, -Dkmsenvelope.config=FILE)"));
        }
        return ExitCode.OK;
    }

    private static @Nullable KeyId wrappedUnder(StoreEntry entry) {
        if (entry instanceof DataKeyEntry dataKey) {
            return dataKey.key();
        }
        return entry instanceof PrivateKeyEntry privateKey ? privateKey.key() : null;
    }
}
