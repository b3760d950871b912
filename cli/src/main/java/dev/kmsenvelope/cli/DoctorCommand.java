package dev.kmsenvelope.cli;

import com.google.gson.JsonObject;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code doctor}. */
@Command(
        name = "doctor",
        header = "Check that the provider, the key service and each key work.",
        description = {
            "Tells where the provider stands in the list of security providers, who serves AES/GCM/NoPadding, which"
                    + " backend there is, and what this identity may do with each enabled key, by trying everything that"
                    + " the key is for. Encryptions count as any others do.",
            "Exit code 4 if something is broken: a key with which nothing works, for one. That an identity may do some"
                    + " things only is no fault."
        })
final class DoctorCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    DoctorCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        Configuration configuration = backend.configuration();
        Diagnosis diagnosis;
        try (KeyService service = Backends.openService(configuration)) {
            diagnosis = Diagnosis.of(configuration, service);
        }
        DoctorReport report = new DoctorReport(diagnosis);
        if (json) {
            JsonObject document = report.toJson();
            stdio.printJson(Json.write(document));
        } else {
            for (String line : report.toLines()) {
                stdio.println(line);
            }
        }
        if (!diagnosis.isHealthy()) {
            stdio.note("something is broken, see above");
            return ExitCode.KEY_SERVICE;
        }
        return ExitCode.OK;
    }
}
