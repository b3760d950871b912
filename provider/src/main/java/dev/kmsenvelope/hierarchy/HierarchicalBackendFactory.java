package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.CacheSettings;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.BackendFactory;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The backend {@code hierarchical}: branch keys of a store, each of which is a key. Settings:
 *
 * <ul>
 *   <li>{@code hierarchical.store}: the kind of store, {@code file} by default, or {@code dynamodb}; each kind has settings
 *       of its own.
 *   <li>{@code hierarchical.cache-ttl}: how long a branch key is kept in memory, {@code 10m} by default, at most {@code 1d}.
 *   <li>{@code hierarchical.cache-max-entries}: how many are kept, 1000 by default.
 * </ul>
 *
 * The file that {@code cache.flush-file} names has branch keys dropped as it has data keys.
 *
 * Thread-safe.
 */
public final class HierarchicalBackendFactory implements BackendFactory {

    /** The name of this backend. */
    public static final String NAME = "hierarchical";

    /** Makes one; does nothing. */
    public HierarchicalBackendFactory() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<String> configurationKeys() {
        Set<String> keys = new TreeSet<>(BranchKeys.configurationKeys());
        keys.add(BranchKeyCacheSettings.TTL);
        keys.add(BranchKeyCacheSettings.MAX_ENTRIES);
        return keys;
    }

    /**
     * {@inheritDoc}
     *
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting is missing or wrong
     */
    @Override
    public KeyService openService(Configuration configuration) {
        BranchKeyCacheSettings cache = BranchKeyCacheSettings.of(configuration);
        Optional<Path> flushFile =
                configuration.getPath(CacheSettings.FLUSH_FILE).map(Path::toAbsolutePath);
        return BranchKeys.service(BranchKeys.openStore(configuration), cache, flushFile);
    }

    /**
     * Not offered: branch keys are no keys of a key-management service.
     *
     * @param configuration the settings
     * @return never
     * @throws UnsupportedOperationException always; {@link BranchKeys#openAdministration} is what is wanted
     */
    @Override
    public KeyAdministration openAdministration(Configuration configuration) {
        throw new UnsupportedOperationException(
                "branch keys are created and rotated with: kms-envelope branch-key create, and branch-key rotate");
    }
}
