package dev.kmsenvelope.cli;

import dev.kmsenvelope.dek.CacheSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code cache flush}. */
@Command(
        name = "flush",
        header = "Have every program with these settings drop its cached data keys, as after taking a right away.",
        description = {
            "Changes the time of the file that the setting cache.flush-file names, and makes it if there is none, for its"
                    + " owner only. Each program with that setting looks at the file once per second, and drops its cached"
                    + " data keys when it changed; the next message asks the key service again.",
            "It does not wait for them, nor tell how many there are. Programs on other machines see the file only if it is"
                    + " on a file system that they share."
        })
final class CacheFlushCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    CacheFlushCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        Path file = CacheSettings.of(backend.configuration())
                .flushFile()
                .orElseThrow(() -> new UsageException("no setting " + CacheSettings.FLUSH_FILE
                        + ": programs whose settings name no such file cannot be told from outside; they keep data keys"
                        + " for cache.max-age at most"));
        TouchedFile.touch(file);
        stdio.note("changed " + Text.oneLine(file.toString()) + "; programs that have it in their settings drop their"
                + " cached data keys within about a second");
        return ExitCode.OK;
    }
}
