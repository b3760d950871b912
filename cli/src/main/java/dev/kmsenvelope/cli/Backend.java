package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.KmsLoadStoreParameter;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDirectory;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyServices;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the keys are: the options and settings that all commands with keys share. */
public final class Backend {

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "settings in a properties file; without it, those of -Dkmsenvelope.config, else the defaults")
    private @Nullable Path file;

    /** For picocli. */
    public Backend() {}

    /**
     * The settings, of which every name is known and every value of the engine's is right.
     *
     * @return the settings
     */
    public Configuration configuration() {
        Configuration configuration = file == null ? Configuration.ofSystem() : Configuration.read(file.toString());
        Set<String> known = new TreeSet<>(KeyServices.configurationKeys(configuration));
        known.addAll(KeyPolicy.configurationKeys());
        known.addAll(KmsLoadStoreParameter.configurationKeys());
        configuration.requireKnown(known);
        KeyPolicy.requireValid(configuration);
        return configuration;
    }

    /**
     * Files that are read for the settings and that no output may replace: the one with the settings, and those that they
     * name, with a passphrase for one.
     *
     * @param settings what {@link #configuration} returned
     * @return the files, which need not be there
     */
    public List<Path> files(Configuration settings) {
        String ofSystem = System.getProperty(Configuration.SYSTEM_PROPERTY, "");
        Path own = file == null && !ofSystem.isBlank() ? Path.of(ofSystem) : file;
        Stream<Path> named = settings.asMap().entrySet().stream()
                .filter(setting -> setting.getKey().endsWith("-file"))
                .map(setting -> Configuration.path(setting.getKey(), setting.getValue()));
        return Stream.concat(Stream.ofNullable(own), named).toList();
    }

    /**
     * Opens the service for using keys.
     *
     * @return the service; the caller closes it
     */
    public KeyService openService() {
        return Backends.openService(configuration());
    }

    /**
     * Opens what lists and describes keys: the administration, for it takes no right to use keys; of a backend whose keys
     * are not administered here, the service.
     *
     * @return the directory; the caller closes it
     */
    public KeyDirectory openDirectory() {
        Configuration configuration = configuration();
        try {
            return Backends.openAdministration(configuration);
        } catch (UnsupportedOperationException e) {
            return Backends.openService(configuration);
        }
    }

    /**
     * Opens the service for administering keys.
     *
     * @return the administration; the caller closes it
     */
    public KeyAdministration openAdministration() {
        try {
            return Backends.openAdministration(configuration());
        } catch (UnsupportedOperationException e) {
            throw new UsageException(
                    e.getMessage() == null ? "keys of this backend are not administered here" : e.getMessage());
        }
    }
}
