package dev.kmsenvelope.hierarchy.file;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.files.DurableFiles;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyStore;
import dev.kmsenvelope.hierarchy.BranchKeyStoreFactory;
import dev.kmsenvelope.hierarchy.HierarchicalBackendFactory;
import dev.kmsenvelope.hierarchy.item.ItemAdministration;
import dev.kmsenvelope.hierarchy.item.ItemStore;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Set;

/**
 * The store {@code file}. Settings:
 *
 * <ul>
 *   <li>{@code hierarchical.file}: the path of the file; needed. It is made, for its owner only, with the first branch key.
 *   <li>{@code hierarchical.kms-key}: the key that encrypts branch keys, {@code KEY} or {@code SERVICE:KEY}; needed.
 *   <li>{@code hierarchical.kms-backend}: the backend of a key without a service, {@code local} by default; its own settings
 *       stand beside.
 *   <li>{@code hierarchical.logical-name}: a name that is bound to every branch key, {@value #DEFAULT_LOGICAL_NAME} by default;
 *       it cannot be changed later.
 * </ul>
 *
 * Thread-safe.
 */
public final class FileStoreFactory implements BranchKeyStoreFactory {

    static final String FILE = "hierarchical.file";

    private static final String KMS_KEY = "hierarchical.kms-key";
    private static final String KMS_BACKEND = "hierarchical.kms-backend";
    private static final String LOGICAL_NAME = "hierarchical.logical-name";
    private static final String DEFAULT_LOGICAL_NAME = "kms-envelope-branch-keys";
    private static final String SERVICE_PREFIX = "service.";

    /** Makes one; does nothing. */
    public FileStoreFactory() {}

    @Override
    public String name() {
        return "file";
    }

    @Override
    public Set<String> configurationKeys() {
        return Set.of(FILE, KMS_KEY, KMS_BACKEND, LOGICAL_NAME);
    }

    /**
     * {@inheritDoc}
     *
     * @throws KmsConfigurationException if a setting is missing or wrong
     */
    @Override
    public BranchKeyStore openStore(Configuration configuration) {
        FileTable table = FileTable.toUse(path(configuration), new DurableFiles());
        return new ItemStore(table, wrapping(configuration), logicalName(configuration));
    }

    /**
     * {@inheritDoc}
     *
     * @throws KmsConfigurationException if a setting is missing or wrong
     */
    @Override
    public BranchKeyAdministration openAdministration(Configuration configuration) {
        FileTable table = new FileTable(path(configuration), new DurableFiles());
        return new ItemAdministration(table, wrapping(configuration), logicalName(configuration), Clock.systemUTC());
    }

    private static Path path(Configuration configuration) {
        return configuration.getPath(FILE).orElseThrow(() -> missing(FILE, "the path of the file"));
    }

    private static String logicalName(Configuration configuration) {
        return configuration.get(LOGICAL_NAME).orElse(DEFAULT_LOGICAL_NAME);
    }

    private static ServiceWrapping wrapping(Configuration configuration) {
        KeyReference key = key(configuration);
        Configuration settings = key.service()
                .map(name -> configuration.under(SERVICE_PREFIX + name + "."))
                .orElseGet(() -> Configuration.of(Map.of(
                                Backends.SETTING, configuration.get(KMS_BACKEND).orElse(Backends.DEFAULT)))
                        .orElse(configuration));
        if (settings.get(Backends.SETTING).orElse("").equals(HierarchicalBackendFactory.NAME)) {
            throw Configuration.invalid(
                    KMS_KEY, key.toString(), "a key of a service that is not " + HierarchicalBackendFactory.NAME);
        }
        KeyService service = Backends.openService(settings);
        return new ServiceWrapping(service, key.key());
    }

    private static KeyReference key(Configuration configuration) {
        String text =
                configuration.get(KMS_KEY).orElseThrow(() -> missing(KMS_KEY, "the key that encrypts branch keys"));
        try {
            return KeyReference.parse(text, KeyServices.names(configuration));
        } catch (IllegalArgumentException e) {
            throw new KmsConfigurationException("the setting '" + KMS_KEY + "': " + e.getMessage(), e);
        }
    }

    private static KmsConfigurationException missing(String setting, String what) {
        return new KmsConfigurationException("the setting '" + setting + "' is needed: " + what);
    }
}
