package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.provider.KeyRewrapping;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code rewrap}. */
@Command(
        name = "rewrap",
        header = "Wrap a data key again, that is kept in a file of its own, inside the key service.",
        description = {
            "FILE holds what AESWrap under a key of the service gave, as bytes or as base64, and is replaced in one step,"
                    + " in the same form. The data key itself stays the same and does not leave the service; who"
                    + " unwrapped it before goes on knowing it. Messages are moved with reencrypt instead."
        })
final class RewrapCommand implements Callable<Integer> {

    @Mixin
    private Backend backend = new Backend();

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Option(
            names = {"-k", "--key"},
            required = true,
            paramLabel = "KEY",
            description = "the key that it is wrapped under: alias/NAME, key id or ARN")
    private KeyId key;

    @Option(
            names = "--to",
            paramLabel = "KEY",
            description = "the key to wrap it under, of the same service (default: the newest version of the same)")
    private @Nullable KeyId to;

    @Option(
            names = "--context",
            paramLabel = "NAME=VALUE",
            description = "encryption context that it is wrapped with; repeat for several")
    private List<String> context = List.of();

    @Option(
            names = "--to-context",
            paramLabel = "NAME=VALUE",
            description = "encryption context to wrap it with (default: the same); repeat for several")
    private @Nullable List<String> toContext;

    @Option(
            names = "--split-hard-links",
            description =
                    "replace the file although it has several names (hard links); the others keep the old content")
    private boolean splitLinks;

    @SuppressWarnings("NullAway.Init") // required, so picocli sets it
    @Parameters(paramLabel = "FILE", description = "the wrapped key")
    private Path file;

    @Override
    public Integer call() throws IOException, GeneralSecurityException {
        Configuration configuration = backend.configuration();
        EncryptionContext before =
                ContextPairs.parameters("--context", context).build().context();
        EncryptionContext after = toContext == null
                ? before
                : ContextPairs.parameters("--to-context", toContext).build().context();
        try (KeyServices services = KeyServices.openLazily(configuration)) {
            Handles handles = new Handles(services, configuration, null);
            KmsSecretKey from = handle(handles, key);
            KmsSecretKey destination = to == null ? from : handle(handles, to);
            // A link that is named stands for what it points to.
            try (ReplacedFile replaced = ReplacedFile.open(file.toRealPath(), splitLinks)) {
                WrappedKeyFile old = WrappedKeyFile.read(replaced.in());
                byte[] wrapped = KeyRewrapping.rewrap(from, old.wrapped(), before, destination, after);
                replaced.out().write(old.with(wrapped));
                replaced.commit();
            }
        }
        return ExitCode.OK;
    }

    private static KmsSecretKey handle(Handles handles, KeyId key) {
        KeyReference reference = handles.reference(key);
        try {
            handles.services().of(reference).decryptionKeys(reference.key());
        } catch (KeyNotFoundException e) {
            throw handles.suggest(e, List.of(key));
        }
        return handles.of(key);
    }
}
