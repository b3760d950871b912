package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.engine.EngineSettings;

/**
 * Which security provider does AES-GCM under a configuration, and on how many threads.
 *
 * @param name the provider's name
 * @param version its version
 * @param reason why it was chosen, for people
 * @param parallelism the most threads that work on one message at once
 */
public record EnvelopeEngine(String name, String version, String reason, int parallelism) {

    /**
     * Finds it out.
     *
     * @param configuration has the settings {@code engine} and {@code parallelism}
     * @return the choice
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting is wrong, or there is no such provider
     */
    public static EnvelopeEngine of(Configuration configuration) {
        EngineSettings settings = EngineSettings.of(configuration);
        GcmProvider.Choice choice = GcmProvider.choose(EngineSettings.engineOf(configuration));
        return new EnvelopeEngine(
                choice.provider().getName(),
                choice.provider().getVersionStr(),
                choice.reason(),
                settings.parallelism());
    }
}
