package dev.kmsenvelope.cli;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import java.security.ProviderException;

/** Helps those who leave out what every alias starts with. */
final class KeySuggestion {

    private static final String PREFIX = "alias/";

    private KeySuggestion() {}

    /** The error for a key that there is not, with the alias that may have been meant. */
    static KeyNotFoundException of(KeyNotFoundException failure, KeyService service, KeyId key) {
        if (key.isAlias()) {
            return failure;
        }
        try {
            KeyId alias = KeyId.of(PREFIX + key);
            service.describe(alias);
            return new KeyNotFoundException(failure.getMessage() + "; did you mean " + alias + "?", failure);
        } catch (ProviderException | IllegalArgumentException e) {
            return failure;
        }
    }
}
