package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.KeyReference;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The key for the outer layer of a handle's dual-layer messages, from the setting {@code key.<name>.outer-key}.
 *
 * @param key the key
 * @param policy what its own settings say, but for its own outer key, which means nothing here
 */
record OuterKey(KeyReference key, KeyPolicy policy) {

    static final String SETTING = "outer-key";

    static final Set<String> CONFIGURATION_KEYS = Set.of("key.*." + SETTING);

    static Optional<OuterKey> of(Configuration configuration, KeyId key) {
        String setting = KeyPolicy.prefix(key) + SETTING;
        if (configuration.get(setting).isEmpty()) {
            return Optional.empty();
        }
        List<KeyReference> named = FurtherKeys.references(setting, configuration);
        if (named.size() != 1) {
            throw new KmsConfigurationException(
                    "the setting '" + setting + "' names " + named.size() + " keys, not one");
        }
        KeyReference outer = named.get(0);
        KeyId name = KeyId.of(outer.toString());
        return Optional.of(new OuterKey(outer, KeyPolicy.of(configuration, name, Optional.empty())));
    }
}
