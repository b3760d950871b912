package dev.kmsenvelope.contract;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeySpec;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;

/** The embedded backend keeps the contract, with everything that it has. */
class LocalContractTest extends KeyServiceContract {

    @TempDir
    private static Path directory;

    @Override
    void start() {}

    @Override
    Configuration configuration() {
        return Configuration.of(Map.of("backend", "local", "local.directory", directory.toString()));
    }

    @Override
    public Set<Feature> features() {
        return EnumSet.allOf(Feature.class);
    }

    @Override
    public Set<KeySpec> specs() {
        // Large RSA keys take seconds to make and behave as small ones.
        return EnumSet.complementOf(EnumSet.of(KeySpec.RSA_3072, KeySpec.RSA_4096, KeySpec.OTHER));
    }
}
