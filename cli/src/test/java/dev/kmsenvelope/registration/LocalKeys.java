package dev.kmsenvelope.registration;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.spi.Backends;
import java.nio.file.Path;
import java.util.Map;

/** The administrator of a local key service; the programs that use its keys run elsewhere. */
final class LocalKeys {

    private LocalKeys() {}

    static KeyAdministration administration(Path directory) {
        return Backends.openAdministration(Configuration.of(Map.of("local.directory", directory.toString())));
    }

    static Path create(Path directory, String... aliases) {
        try (KeyAdministration keys = administration(directory)) {
            for (String alias : aliases) {
                create(keys, alias);
            }
        }
        return directory;
    }

    static KeyDescription create(KeyAdministration keys, String alias) {
        return keys.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of(alias));
    }
}
