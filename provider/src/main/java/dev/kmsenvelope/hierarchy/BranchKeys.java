package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.Backends;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Opens stores of branch keys as the settings say, and makes a key service of one. */
public final class BranchKeys {

    /** The setting that selects a kind of store. */
    public static final String STORE = "hierarchical.store";

    /** The kind of those who select none. */
    public static final String DEFAULT_STORE = "file";

    private BranchKeys() {}

    /**
     * A key service whose keys are the branch keys of a store. A key's id is the id of a branch key. Data keys are made and
     * encrypted in memory; the store is asked only for a branch key, or a version of one, that is not cached. {@code
     * KmsEnvelope.flushDataKeys()} drops the branch keys that are.
     *
     * @param store where the branch keys are; closed with the service
     * @param cache how long and how many branch keys are kept
     * @return the service; the caller closes it
     */
    public static KeyService service(BranchKeyStore store, BranchKeyCacheSettings cache) {
        return service(store, cache, Optional.empty());
    }

    /** The same, with a file whose change has the cached branch keys dropped. */
    static KeyService service(BranchKeyStore store, BranchKeyCacheSettings cache, Optional<Path> flushFile) {
        return new HierarchicalKeyService(store, new BranchKeyCache(store, cache, flushFile), OsRandom.create());
    }

    /**
     * Opens the store that the settings describe, for using branch keys.
     *
     * @param configuration the settings
     * @return the store; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if there is no such kind of store, or it cannot be opened
     */
    public static BranchKeyStore openStore(Configuration configuration) {
        return factory(configuration).openStore(configuration);
    }

    /**
     * Opens the store that the settings describe, for administering branch keys. A setting that starts with {@value
     * Backends#ADMINISTRATION_PREFIX} takes the place of the one without it.
     *
     * @param configuration the settings
     * @return the administration; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if there is no such kind of store, or it cannot be opened
     */
    public static BranchKeyAdministration openAdministration(Configuration configuration) {
        Configuration administration = configuration.overriddenBy(Backends.ADMINISTRATION_PREFIX);
        return factory(administration).openAdministration(administration);
    }

    /** The settings of all kinds of store. */
    static Set<String> configurationKeys() {
        Set<String> keys = new TreeSet<>(Set.of(STORE));
        factories().forEach(factory -> keys.addAll(factory.configurationKeys()));
        return keys;
    }

    private static BranchKeyStoreFactory factory(Configuration configuration) {
        String name = configuration.get(STORE).orElse(DEFAULT_STORE);
        List<BranchKeyStoreFactory> factories = factories();
        return factories.stream()
                .filter(factory -> factory.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Configuration.invalid(
                        STORE,
                        name,
                        factories.stream()
                                .map(BranchKeyStoreFactory::name)
                                .sorted()
                                .collect(Collectors.joining(" or "))));
    }

    private static List<BranchKeyStoreFactory> factories() {
        List<BranchKeyStoreFactory> found = new ArrayList<>();
        ServiceLoader.load(BranchKeyStoreFactory.class, BranchKeys.class.getClassLoader())
                .forEach(found::add);
        return found;
    }
}
