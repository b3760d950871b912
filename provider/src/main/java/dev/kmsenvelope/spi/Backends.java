package dev.kmsenvelope.spi;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.metering.MeasuredKeyService;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Finds the backend that the setting {@code backend} names, {@value #DEFAULT} by default, and checks the settings. */
public final class Backends {

    /** The setting that selects a backend. */
    public static final String SETTING = "backend";

    /** The backend of those who select none. */
    public static final String DEFAULT = "local";

    /**
     * What stands before the name of a backend's setting that holds for administration only: {@code
     * administration.aws.profile} is the profile of those who administer keys.
     */
    public static final String ADMINISTRATION_PREFIX = "administration.";

    private Backends() {}

    /**
     * Opens the service that the settings describe. Its calls are counted under the backend's name.
     *
     * @param configuration the settings
     * @return the service; the caller closes it, or it is closed when everything is shut down
     * @throws dev.kmsenvelope.kms.KmsException if there is no such backend or it cannot be opened
     */
    public static KeyService openService(Configuration configuration) {
        return openService(configuration, configuration.get(SETTING).orElse(DEFAULT));
    }

    /** The same, with its calls counted under another name. */
    static KeyService openService(Configuration configuration, String name) {
        return MeasuredKeyService.of(factory(configuration).openService(configuration), name);
    }

    /**
     * Opens the administration that the settings describe. A setting that starts with {@value #ADMINISTRATION_PREFIX} takes
     * the place of the one without it, so that using and administering keys can be set up apart.
     *
     * @param configuration the settings
     * @return the administration; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if there is no such backend or it cannot be opened
     * @throws UnsupportedOperationException if keys of this backend are not administered through it
     */
    public static KeyAdministration openAdministration(Configuration configuration) {
        Configuration administration = configuration.overriddenBy(ADMINISTRATION_PREFIX);
        return factory(administration).openAdministration(administration);
    }

    /**
     * The settings of all backends, each also with {@value #ADMINISTRATION_PREFIX} before it.
     *
     * @return their names, where {@code *} stands for one or more characters
     */
    public static Set<String> configurationKeys() {
        Set<String> keys = new TreeSet<>(Set.of(SETTING));
        factories()
                .forEach(factory -> factory.configurationKeys().forEach(key -> {
                    keys.add(key);
                    keys.add(ADMINISTRATION_PREFIX + key);
                }));
        return keys;
    }

    /**
     * Checks that the settings name a backend that there is, without opening it.
     *
     * @param configuration the settings
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if they do not
     */
    static void requireBackend(Configuration configuration) {
        factory(configuration);
    }

    private static BackendFactory factory(Configuration configuration) {
        String name = configuration.get(SETTING).orElse(DEFAULT);
        List<BackendFactory> factories = factories();
        return factories.stream()
                .filter(factory -> factory.name().equals(name))
                .findFirst()
                .orElseThrow(() -> Configuration.invalid(
                        SETTING,
                        name,
                        factories.stream().map(BackendFactory::name).sorted().collect(Collectors.joining(" or "))));
    }

    private static List<BackendFactory> factories() {
        List<BackendFactory> found = new ArrayList<>();
        ServiceLoader.load(BackendFactory.class, Backends.class.getClassLoader())
                .forEach(found::add);
        return found;
    }
}
