package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.metering.MeasuredKeyService;
import dev.kmsenvelope.spi.Backends;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The service that the provider's argument and the system property describe, opened when it is first asked for and kept from
 * then on. After a failure the next call tries again, and after everything was shut down, it is opened anew. Thread-safe.
 */
final class ConfiguredService implements Supplier<KeyService> {

    private final Supplier<Configuration> configuration;
    private @Nullable KeyService service;

    ConfiguredService(Supplier<Configuration> configuration) {
        this.configuration = configuration;
    }

    @Override
    public synchronized KeyService get() {
        KeyService opened = service;
        if (opened == null || (opened instanceof MeasuredKeyService measured && measured.isClosed())) {
            opened = Backends.openService(configuration.get().orElse(Configuration.ofSystem()));
            service = opened;
        }
        return opened;
    }
}
