package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.cli.Text;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code keystore create}. */
@Command(name = "create", header = "Make a keystore file without entries.")
final class CreateCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "FILE", description = "a file that does not exist yet")
    private Path file;

    CreateCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        try (OpenStore store = OpenStore.create(backend.configuration(), file)) {
            store.write(store.content());
            stdio.note("made " + Text.oneLine(file.toString()) + ", sealed under " + store.defaultKey());
        }
        return ExitCode.OK;
    }
}
