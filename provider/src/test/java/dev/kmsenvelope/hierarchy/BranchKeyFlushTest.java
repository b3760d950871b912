package dev.kmsenvelope.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelope;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.MemoryBranchKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What drops data keys drops the branch keys too that they come from. */
@Timeout(120)
class BranchKeyFlushTest {

    private static final String ROOT = "alias/root";
    private static final KeyId TENANT = KeyId.of("tenant-1");
    private static final int TRIES = 600;
    private static final int PAUSE_MILLIS = 50;

    @TempDir
    private Path directory;

    private static byte[] encrypt(KmsSecretKey key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        cipher.init(Cipher.ENCRYPT_MODE, key);
        return cipher.doFinal(new byte[3]);
    }

    private static byte[] decrypt(KmsSecretKey key, byte[] message) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        cipher.init(Cipher.DECRYPT_MODE, key);
        return cipher.doFinal(message);
    }

    /** Also of a service that the program made itself, and that has no settings. */
    @Test
    void afterTheFlushOfThisProcessTheStoreIsAsked() throws Exception {
        MemoryBranchKeys store = new MemoryBranchKeys().withKey(TENANT.value());
        try (KeyService service = BranchKeys.service(store, BranchKeyCacheSettings.defaults())) {
            KmsSecretKey key = KmsSecretKey.of(service, TENANT, KeyPolicy.of(Configuration.empty(), TENANT));
            byte[] message = encrypt(key);
            assertThat(decrypt(key, message)).hasSize(3);
            store.failWith(() -> new KeyAccessDeniedException("denied", null));

            KmsEnvelope.flushDataKeys();

            assertThat(store.handedOut).isNotEmpty().allMatch(each -> each.key().isDestroyed());
            assertThatThrownBy(() -> encrypt(key)).hasStackTraceContaining("KeyAccessDeniedException");
            assertThatThrownBy(() -> decrypt(key, message)).hasStackTraceContaining("KeyAccessDeniedException");
        }
    }

    @Test
    void theEndDropsBranchKeysOfServicesThatStayOpen() {
        MemoryBranchKeys store = new MemoryBranchKeys().withKey(TENANT.value());
        try (KeyService service = BranchKeys.service(store, BranchKeyCacheSettings.defaults())) {
            assertThat(isRefused(service)).isFalse();

            KmsEnvelope.shutdown();

            assertThat(store.handedOut).hasSize(1).allMatch(each -> each.key().isDestroyed());
            assertThat(isRefused(service)).isFalse();
            assertThat(store.calls).hasValue(2);
        }
    }

    private Configuration settings(String prefix, String maxAge) {
        Map<String, String> settings = new TreeMap<>(Map.of(
                "cache.flush-file",
                directory.resolve("flush").toString(),
                "cache.max-age",
                maxAge,
                "service.root.backend",
                "local",
                "service.root.local.directory",
                directory.resolve("keys").toString(),
                prefix + "backend",
                "hierarchical",
                prefix + "hierarchical.file",
                directory.resolve("branch-keys").toString(),
                prefix + "hierarchical.kms-key",
                "root:" + ROOT));
        if (!prefix.isEmpty()) {
            settings.put("local.directory", directory.resolve("main").toString());
        }
        return Configuration.of(settings);
    }

    private static void awaitTrue(String what, BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < TRIES && !condition.getAsBoolean(); i++) {
            Thread.sleep(PAUSE_MILLIS);
        }
        assertThat(condition.getAsBoolean()).as(what).isTrue();
    }

    private static boolean isRefused(KeyService service) {
        try {
            service.encrypt(TENANT, new byte[32], EncryptionContext.empty());
            return false;
        } catch (KeyDisabledException e) {
            return true;
        }
    }

    /** Also where no data key is cached, whose cache would look at the file. */
    @ParameterizedTest
    @ValueSource(strings = {"", "service.tenants."})
    void theFlushFileDropsBranchKeysOfTheMainAndOfFurtherServices(String prefix) throws Exception {
        Configuration settings = settings(prefix, "0s");
        try (KeyAdministration roots = Backends.openAdministration(KeyServices.settings(settings, "root"));
                BranchKeyAdministration tenants = BranchKeys.openAdministration(
                        prefix.isEmpty() ? settings : KeyServices.settings(settings, "tenants"));
                KeyServices services = KeyServices.open(settings)) {
            roots.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of(ROOT));
            tenants.create(TENANT.value(), EncryptionContext.empty());
            KeyService service =
                    prefix.isEmpty() ? services.main() : services.further().get("tenants");
            assertThat(isRefused(service)).isFalse();
            roots.disable(KeyId.of(ROOT));
            assertThat(isRefused(service)).as("still in memory").isFalse();

            Files.createFile(directory.resolve("flush"));

            awaitTrue("asks again", () -> isRefused(service));
        }
    }

    /** Both caches look at the file, each when it comes to it: no data key of before outlives that. */
    @Test
    void theFlushFileDropsDataKeysAndBranchKeys() throws Exception {
        Configuration settings = settings("", "1h");
        try (KeyAdministration roots = Backends.openAdministration(KeyServices.settings(settings, "root"));
                BranchKeyAdministration tenants = BranchKeys.openAdministration(settings);
                KeyServices services = KeyServices.open(settings)) {
            roots.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of(ROOT));
            tenants.create(TENANT.value(), EncryptionContext.empty());
            KmsSecretKey key = KmsSecretKey.of(services, KeyReference.ofMain(TENANT), KeyPolicy.of(settings, TENANT));
            encrypt(key);
            roots.disable(KeyId.of(ROOT));
            encrypt(key);

            Files.createFile(directory.resolve("flush"));

            awaitTrue("asks again", () -> isRefused(key));
        }
    }

    private static boolean isRefused(KmsSecretKey key) {
        try {
            encrypt(key);
            return false;
        } catch (KmsException e) {
            return e instanceof KeyDisabledException;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
