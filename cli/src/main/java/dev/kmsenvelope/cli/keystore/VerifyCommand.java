package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.Text;
import dev.kmsenvelope.cli.keystore.EntryCheck.State;
import dev.kmsenvelope.keystore.file.StoreEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code keystore verify}. */
@Command(
        name = "verify",
        header = "Open the seal of a keystore file, and try each entry.",
        description = {
            "Everything is unwrapped and forgotten again; the first certificate of a private key must be for that key.",
            "Entries are good, bad, or unknown, where the key service refuses or fails. The exit code is 3 if one is bad,"
                    + " else 4 if one is unknown."
        })
final class VerifyCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "FILE")
    private Path file;

    VerifyCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        List<List<String>> rows = new ArrayList<>();
        Set<State> states = EnumSet.noneOf(State.class);
        try (OpenStore store = OpenStore.read(backend.configuration(), file)) {
            for (StoreEntry entry : store.content().entries()) {
                EntryCheck check = EntryCheck.of(store, entry);
                states.add(check.state());
                rows.add(List.of(
                        Text.escape(entry.alias()),
                        check.state().name().toLowerCase(Locale.ROOT),
                        Text.oneLine(check.text())));
            }
            stdio.note("the seal is good, of generation " + store.content().generation() + "; entries: " + rows.size());
        }
        for (String line : Text.table(rows)) {
            stdio.println(line);
        }
        return states.contains(State.BAD)
                ? ExitCode.MESSAGE
                : states.contains(State.UNKNOWN) ? ExitCode.KEY_SERVICE : ExitCode.OK;
    }
}
