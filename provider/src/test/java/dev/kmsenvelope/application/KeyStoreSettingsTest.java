package dev.kmsenvelope.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.testing.RsaKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.security.Security;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyStoreSettingsTest {

    @TempDir
    Path directory;

    private Map<String, String> settings(String type) throws Exception {
        return new KeyStoreFiles(directory, type).pair("rsa", RsaKeys.first()).settings();
    }

    private static void assertRefused(Map<String, String> settings, String... texts) {
        assertThatThrownBy(() -> KeyStoreFiles.open(settings))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContainingAll(texts);
    }

    @ParameterizedTest
    @CsvSource({"PKCS12, BCFKS", "PKCS12, JCEKS", "BCFKS, PKCS12", "BCFKS, JKS", "JCEKS, PKCS12", "JKS, BCFKS"})
    void aKeyStoreOfAnotherTypeDoesNotOpen(String type, String claimed) throws Exception {
        Map<String, String> settings = settings(type);
        settings.put("application.keystore-type", claimed);
        assertRefused(settings, "does not open as " + claimed);
    }

    @ParameterizedTest
    @CsvSource({"PKCS12", "JKS", "JCEKS", "BCFKS"})
    void cutAndChangedFilesWrongPasswordsAndNoneDoNotOpen(String type) throws Exception {
        Map<String, String> settings = settings(type);
        Path file = Path.of(settings.get("application.keystore"));
        byte[] whole = Files.readAllBytes(file);
        KeyStoreFiles.open(settings).close();

        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertRefused(settings, file.toString());
        byte[] changed = whole.clone();
        changed[whole.length - 25] ^= 1;
        Files.write(file, changed);
        assertRefused(settings, file.toString());
        Files.write(file, new byte[0]);
        assertRefused(settings, file.toString());

        Files.write(file, whole);
        Map<String, String> wrong = new HashMap<>(settings);
        wrong.putAll(KeyStoreFiles.settings(file, type, "not the password"));
        assertThatThrownBy(() -> KeyStoreFiles.open(wrong))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("with the password from 'application.password-file'")
                .hasMessageNotContaining("not the password");
        settings.remove("application.password-file");
        assertRefused(settings, "without a password", "application.password-file");
    }

    @Test
    void aPkcs12FileWhoseCertificatesAreEncryptedNeedsItsPassword() throws Exception {
        Map<String, String> settings = new KeyStoreFiles(directory, "PKCS12")
                .certificate("recovery", RsaKeys.certificate(RsaKeys.first()))
                .settings();
        KeyStoreFiles.open(settings).close();
        settings.remove("application.password-file");
        assertRefused(settings, "without a password", "application.password-file");
    }

    @ParameterizedTest
    @CsvSource({"PKCS12", "jks", "JCEKS", "BCFKS"})
    void aTypeThatIsAFileNeedsOne(String type) throws Exception {
        Map<String, String> settings = settings("PKCS12");
        settings.put("application.keystore-type", type);
        settings.remove("application.keystore");
        assertRefused(settings, "application.keystore", type);
    }

    @Test
    void theNearestRightSettingIsTold() throws Exception {
        Map<String, String> settings = settings("PKCS12");
        for (Map.Entry<String, String> wrong : Map.of(
                        "application.rsa-hash", "MD5",
                        "application.keystore-type", "Nonsense",
                        "application.provider", "Nonsense")
                .entrySet()) {
            Map<String, String> changed = new HashMap<>(settings);
            changed.put(wrong.getKey(), wrong.getValue());
            assertRefused(changed, wrong.getValue());
        }
        settings.put("application.rsa-hash", "MD5");
        assertRefused(settings, "SHA-1, SHA-256, SHA-384 or SHA-512");
        settings.remove("application.rsa-hash");
        settings.put("application.rsahash", "SHA-256");
        assertRefused(settings, "application.rsa-hash");
    }

    @Test
    void theProviderThatReadsTheKeyStoreIsASetting() throws Exception {
        Map<String, String> settings = settings("PKCS12");
        settings.put("application.provider", "SUN"); // which has PKCS12 too
        KeyStoreFiles.open(settings).close();
        settings.put("application.provider", "SunEC");
        assertRefused(settings, "does not open as PKCS12");
        Provider own = new dev.kmsenvelope.provider.KmsEnvelopeProvider();
        Security.addProvider(own);
        try {
            settings.put("application.provider", own.getName());
            assertRefused(settings, own.getName(), "another");
        } finally {
            Security.removeProvider(own.getName());
        }
    }

    @Test
    void noProviderIsRegisteredForBcfks() throws Exception {
        Map<String, String> settings = settings("BCFKS");
        try (KeyService service = KeyStoreFiles.open(settings)) {
            assertThat(service.list()).extracting(KeyDescription::id).containsExactly(KeyId.of("rsa"));
        }
        assertThat(Security.getProvider("BC")).isNull();
    }

    @Test
    void aPkcs11ConfigurationIsChecked() throws Exception {
        Map<String, String> settings = settings("PKCS12");
        Map<String, String> pkcs11 = new HashMap<>(settings);
        pkcs11.remove("application.keystore");
        pkcs11.remove("application.keystore-type");
        Path config = directory.resolve("pkcs11.cfg");
        pkcs11.put("application.pkcs11-config", config.toString());
        assertRefused(pkcs11, "pkcs11.cfg", "can be read");
        Files.writeString(config, "nonsense = 1\n");
        assertRefused(pkcs11, "pkcs11.cfg", "does not work", "nonsense");
        Files.writeString(config, "name = Absent\nlibrary = " + directory.resolve("absent.so") + "\n");
        assertRefused(pkcs11, "pkcs11.cfg", "does not work", "absent.so");

        Map<String, String> both = new HashMap<>(pkcs11);
        both.put("application.provider", "SUN");
        assertRefused(both, "application.provider", "not both");
        both = new HashMap<>(pkcs11);
        both.put("application.keystore-type", "PKCS12");
        assertRefused(both, "application.keystore-type", "PKCS11");
        both = new HashMap<>(pkcs11);
        both.put("application.keystore", "keys.p12");
        assertRefused(both, "application.keystore", "token");
        assertThat(Security.getProviders())
                .noneMatch(provider -> provider.getName().startsWith("SunPKCS11-"));
    }
}
