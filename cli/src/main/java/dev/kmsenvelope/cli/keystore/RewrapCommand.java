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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code keystore rewrap}. */
@Command(
        name = "rewrap",
        header = "Wrap each entry of a keystore file again, and seal it again, all or nothing.",
        description = {
            "Without --key, each stays under its own key, of which the newest version is used then. Data keys are"
                    + " re-encrypted by the service; private keys are decrypted here and encrypted again.",
            "What is wrapped stays the same: whoever knew it still does, and old copies of the file open as before."
        })
final class RewrapCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(
            names = "--key",
            paramLabel = "NEW",
            description = "move everything to this key: alias, key id or ARN; keystore.key has to name it afterwards")
    private @Nullable KeyId key;

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
                    changed =
                            changed.with(store.wrapping().rewrap(store.content(), entry, key == null ? present : key));
                    count++;
                }
            }
            store.write(changed, key == null ? store.defaultKey() : key);
            stdio.note("sealed " + Text.oneLine(file.toString()) + " again; entries wrapped again: " + count);
            if (key != null) {
                stdio.note("it opens with the setting keystore.key = " + key + " from now on");
            }
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
