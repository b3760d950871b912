package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.ExitCode;
import dev.kmsenvelope.cli.Json;
import dev.kmsenvelope.cli.Stdio;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code key describe}. */
@Command(name = "describe", header = "Show one key with its versions.")
final class DescribeCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "KEY")
    private KeyId key;

    DescribeCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        KeyDescription description;
        try (KeyService service = backend.openService()) {
            description = service.describe(key);
        }
        if (json) {
            stdio.printJson(Json.write(KeyReport.toJson(description)));
        } else {
            for (String line : KeyReport.lines(description)) {
                stdio.println(line);
            }
        }
        return ExitCode.OK;
    }
}
