package dev.kmsenvelope.cli;

import com.google.gson.JsonObject;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.CacheSettings;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.provider.KmsEnvelope;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code doctor}. */
@Command(
        name = "doctor",
        header = "Check that the provider, the key service and each key work.",
        description = {
            "Tells where the provider stands in the list of security providers, who serves AES/GCM/NoPadding, which"
                    + " backend there is, and what this identity may do with each enabled key, by trying everything that"
                    + " the key is for. Encryptions count as any others do.",
            "With KEYs it looks at those only, and does not ask the key service for a list, which an identity that may"
                    + " only use keys may not do.",
            "Exit code 4 if something is broken: a key with which nothing works, for one. That an identity may do some"
                    + " things only is no fault."
        })
final class DoctorCommand implements Callable<Integer> {

    private final Stdio stdio;

    @Mixin
    private Backend backend = new Backend();

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    @Parameters(arity = "0..*", paramLabel = "KEY", description = "alias/NAME, key id or ARN (default: all keys)")
    private List<KeyId> keys = List.of();

    DoctorCommand(Stdio stdio) {
        this.stdio = stdio;
    }

    @Override
    public Integer call() throws IOException {
        Configuration configuration = backend.configuration();
        Diagnosis diagnosis;
        try (KeyService service = Backends.openService(configuration)) {
            diagnosis = diagnose(configuration, service);
        }
        DoctorReport report = new DoctorReport(
                diagnosis, new DoctorFigures(CacheSettings.of(configuration), KmsEnvelope.statistics()));
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

    /** A service that fails is a finding; a configuration or a name that is wrong is not. */
    private Diagnosis diagnose(Configuration configuration, KeyService service) {
        try {
            return Diagnosis.of(configuration, service, find(service));
        } catch (KmsConfigurationException | KeyNotFoundException e) {
            throw e;
        } catch (KmsException e) {
            return Diagnosis.ofFailure(configuration, service, e);
        }
    }

    private List<KeyDescription> find(KeyService service) {
        List<KeyDescription> found = new ArrayList<>();
        for (KeyId key : keys) {
            try {
                found.add(service.describe(key));
            } catch (KeyNotFoundException e) {
                throw KeySuggestion.of(e, service, key);
            }
        }
        if (!keys.isEmpty()) {
            return found;
        }
        try {
            return service.list();
        } catch (KeyAccessDeniedException e) {
            throw new KeyAccessDeniedException(
                    e.getMessage() + "; it may still use keys: kms-envelope doctor KEY...", e);
        }
    }
}
