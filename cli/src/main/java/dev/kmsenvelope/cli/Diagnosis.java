package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What {@code doctor} finds out.
 *
 * @param position where our provider stands in the list of security providers, from 1; 0 if it does not
 * @param providers how many there are
 * @param engine who does AES-GCM for us
 * @param engineVersion which version of it
 * @param rawKey who serves AES/GCM/NoPadding for a raw key
 * @param handle who serves it for a key of the service; null if there is no enabled key to try with
 * @param backend the name of the backend
 * @param directory where the embedded backend has its keys; null for others
 * @param failure why the key service does not tell its keys; null if it does
 * @param keys how each key does
 */
record Diagnosis(
        int position,
        int providers,
        String engine,
        String engineVersion,
        String rawKey,
        @Nullable String handle,
        String backend,
        @Nullable Path directory,
        @Nullable String failure,
        List<KeyCheck> keys) {

    /** What stands for nobody. */
    static final String NOBODY = "nobody";

    private static final int DATA_KEY_LENGTH = 32;

    static Diagnosis of(Configuration configuration, KeyService service, List<KeyDescription> keys) {
        return of(configuration, service, keys, null);
    }

    /** What can be told while the key service fails. */
    static Diagnosis ofFailure(Configuration configuration, KeyService service, KmsException failure) {
        return of(configuration, service, List.of(), Text.oneLine(String.valueOf(failure.getMessage())));
    }

    private static Diagnosis of(
            Configuration configuration, KeyService service, List<KeyDescription> keys, @Nullable String failure) {
        List<KeyCheck> checks =
                keys.stream().map(key -> KeyCheck.of(service, key)).toList();
        Optional<KeyId> works = checks.stream()
                .filter(check -> check.may(Operation.GENERATE_DATA_KEY))
                .map(check -> check.key().id())
                .findFirst();
        List<String> names =
                Arrays.stream(Security.getProviders()).map(Provider::getName).toList();
        Provider engine = GcmProvider.find(configuration.get("engine").orElse(GcmProvider.AUTO));
        return new Diagnosis(
                names.indexOf(KmsEnvelopeProvider.NAME) + 1,
                names.size(),
                engine.getName(),
                engine.getVersionStr(),
                serverOf(new SecretKeySpec(new byte[DATA_KEY_LENGTH], "AES")),
                works.map(id -> serverOf(KmsSecretKey.of(service, id, KeyPolicy.of(configuration, id))))
                        .orElse(null),
                service.name(),
                directory(configuration),
                failure,
                checks);
    }

    /** Whom JCA picks when no provider is named. */
    private static String serverOf(Key key) {
        try {
            Cipher cipher = Cipher.getInstance(GcmProvider.TRANSFORMATION);
            cipher.init(Cipher.ENCRYPT_MODE, key);
            return cipher.getProvider().getName();
        } catch (GeneralSecurityException | ProviderException e) {
            return NOBODY;
        }
    }

    /** As the embedded backend finds it. */
    private static @Nullable Path directory(Configuration configuration) {
        if (!configuration.get(Backends.SETTING).orElse(Backends.DEFAULT).equals("local")) {
            return null;
        }
        String home = System.getenv().getOrDefault("KMS_ENVELOPE_HOME", "");
        Path fallback = home.isBlank() ? Path.of(System.getProperty("user.home"), ".kms-envelope") : Path.of(home);
        return configuration
                .get("local.directory")
                .map(Path::of)
                .orElse(fallback)
                .toAbsolutePath()
                .normalize();
    }

    boolean isInstalled() {
        return position > 0;
    }

    /** Not being in the list is no fault, for a program may add the provider itself; being in it without effect is. */
    boolean isHealthy() {
        return failure == null
                && keys.stream().allMatch(check -> check.error() == null)
                && !rawKey.equals(NOBODY)
                && (!isInstalled() || handle == null || handle.equals(KmsEnvelopeProvider.NAME));
    }
}
