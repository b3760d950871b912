package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyService;
import java.security.SecureRandomParameters;
import java.util.Objects;

/** Which key service {@code SecureRandom} {@code KMS} draws from. Immutable and thread-safe. */
public final class KmsRandomParameters implements SecureRandomParameters {

    private final KeyService service;

    private KmsRandomParameters(KeyService service) {
        this.service = Objects.requireNonNull(service, "service");
    }

    /**
     * A service.
     *
     * @param service must stay open as long as it is drawn from
     * @return the parameters
     */
    public static KmsRandomParameters of(KeyService service) {
        return new KmsRandomParameters(service);
    }

    /**
     * The service of a key.
     *
     * @param key a handle
     * @return the parameters
     */
    public static KmsRandomParameters of(KmsSecretKey key) {
        return new KmsRandomParameters(key.service());
    }

    KeyService service() {
        return service;
    }
}
