package dev.kmsenvelope.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyServices;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The settings of the backend, with branch keys in a file under a key of the embedded backend. */
class HierarchicalBackendTest {

    private static final KeyId ROOT = KeyId.of("alias/root");
    private static final KeyId TENANT = KeyId.of("tenant-1");
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("a", "b"));

    @TempDir
    private Path directory;

    private Configuration local;

    @BeforeEach
    void makeRoot() {
        local = Configuration.of(
                Map.of("local.directory", directory.resolve("keys").toString()));
        try (KeyAdministration administration = Backends.openAdministration(local)) {
            administration.createKey(KeySpec.SYMMETRIC_DEFAULT, ROOT);
        }
    }

    private Configuration settings(String... more) {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "backend", "hierarchical",
                "hierarchical.file", directory.resolve("branch-keys").toString(),
                "hierarchical.kms-key", ROOT.value()));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        Configuration configuration = Configuration.of(settings).orElse(local);
        configuration.requireKnown(KeyServices.configurationKeys(configuration));
        return configuration;
    }

    private static void create(Configuration configuration) {
        try (BranchKeyAdministration administration = BranchKeys.openAdministration(configuration)) {
            administration.create(TENANT.value(), EncryptionContext.empty());
        }
    }

    private static void roundTrip(KeyService service) {
        EncryptedDataKey encrypted = service.encrypt(TENANT, new byte[32], CONTEXT);
        try (SecretBytes back = service.decrypt(TENANT, encrypted, CONTEXT)) {
            assertThat(back.copy()).isEqualTo(new byte[32]);
        }
    }

    @Test
    void asTheMainBackend() {
        create(settings());
        try (KeyService service = Backends.openService(settings())) {
            assertThat(service.name()).isEqualTo("hierarchical");
            roundTrip(service);
        }
        assertThatThrownBy(() -> Backends.openAdministration(settings()))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("branch-key create");
    }

    @Test
    void asAFurtherServiceUnderAKeyOfAnotherOne() {
        Configuration settings = Configuration.of(Map.of(
                "service.tenants.backend",
                "hierarchical",
                "service.tenants.hierarchical.file",
                directory.resolve("branch-keys").toString(),
                "service.tenants.hierarchical.kms-key",
                "root:" + ROOT,
                "service.root.backend",
                "local",
                "service.root.local.directory",
                directory.resolve("keys").toString()));
        settings.requireKnown(KeyServices.configurationKeys(settings));
        create(KeyServices.settings(settings, "tenants"));
        try (KeyServices services = KeyServices.openLazily(settings)) {
            roundTrip(services.further().get("tenants"));
        }
    }

    /** The time to live is how long somebody goes on whose right was taken away. */
    @Test
    void aDisabledKeyStopsServicesThatHaveNothingInMemory() {
        create(settings());
        try (KeyService warm = Backends.openService(settings());
                KeyService cold = Backends.openService(settings());
                KeyAdministration administration = Backends.openAdministration(local)) {
            roundTrip(warm);
            administration.disable(ROOT);
            roundTrip(warm);
            assertThatThrownBy(() -> roundTrip(cold)).isInstanceOf(KeyDisabledException.class);
        }
    }

    /** The embedded backend keeps what an alias pointed to before (RULES 14). */
    @Test
    void aKeyThatTheAliasPointedToBeforeStillOpens() {
        create(settings());
        try (KeyAdministration administration = Backends.openAdministration(local)) {
            administration.updateAlias(
                    ROOT, administration.createKey(KeySpec.SYMMETRIC_DEFAULT).id());
        }
        try (KeyService service = Backends.openService(settings())) {
            roundTrip(service);
        }
    }

    @Test
    void administrationHasSettingsOfItsOwn() {
        Path other = directory.resolve("other");
        create(settings("administration.hierarchical.file", other.toString()));
        assertThat(other).exists();
        assertThat(directory.resolve("branch-keys")).doesNotExist();
    }

    @Test
    void wrongSettingsAreNamed() {
        assertWrong("hierarchical.store", "nowhere", "'hierarchical.store' is 'nowhere'");
        assertWrong("hierarchical.cache-ttl", "0s", "hierarchical.cache-ttl");
        assertWrong("hierarchical.cache-ttl", "25h", "hierarchical.cache-ttl");
        assertWrong("hierarchical.cache-max-entries", "0", "hierarchical.cache-max-entries");
        assertWrong("hierarchical.file", "", "hierarchical.file");
        assertWrong("hierarchical.kms-key", "", "hierarchical.kms-key");
        assertWrong("hierarchical.kms-key", "nowhere:alias/x", "nowhere");
        assertWrong("hierarchical.kms-backend", "hierarchical", "is not hierarchical");
        assertThatThrownBy(() -> settings("hierarchical.cache-tll", "1m"))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("hierarchical.cache-ttl");
    }

    private void assertWrong(String setting, String value, String expected) {
        Configuration configuration = settings(setting, value);
        assertThatThrownBy(() -> Backends.openService(configuration))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void cacheSettingsHaveLimits() {
        BranchKeyCacheSettings defaults = BranchKeyCacheSettings.defaults();
        assertThat(defaults.ttl()).hasMinutes(10);
        assertThat(defaults.maxEntries()).isEqualTo(1000);
        assertThatThrownBy(() -> new BranchKeyCacheSettings(java.time.Duration.ZERO, 1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new BranchKeyCacheSettings(java.time.Duration.ofSeconds(1), 0))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
