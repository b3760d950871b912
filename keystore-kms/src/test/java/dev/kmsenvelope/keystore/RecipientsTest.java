package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.SecretKeyEntry;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Two "Regions", which are local key services in two directories, and a recovery key that the application keeps elsewhere:
 * code that knows nothing of it writes for all three, and each alone opens.
 */
class RecipientsTest {

    private static final String ALIAS = "alias/orders";
    private static final String RECOVERY = "alias/recovery-2026";

    @TempDir
    private Path directory;

    @BeforeEach
    void makeKeys() throws Exception {
        Fixture.create(directory.resolve("us"), ALIAS);
        Fixture.create(directory.resolve("eu"), ALIAS);
        char[] password = "changeit".toCharArray();
        KeyStore pkcs12 = KeyStore.getInstance("PKCS12");
        pkcs12.load(null, null);
        pkcs12.setEntry(
                "recovery-2026",
                new SecretKeyEntry(new SecretKeySpec(new byte[32], "AES")),
                new PasswordProtection(password));
        try (OutputStream out = Files.newOutputStream(directory.resolve("recovery.p12"))) {
            pkcs12.store(out, password);
        }
        Files.writeString(directory.resolve("password"), "changeit\n");
    }

    private String local(String prefix, String home) {
        return prefix + "backend = local\n" + prefix + "local.directory = " + directory.resolve(home) + "\n";
    }

    private String application(String prefix) {
        return prefix + "backend = application\n" + prefix + "application.keystore = "
                + directory.resolve("recovery.p12") + "\n" + prefix + "application.password-file = "
                + directory.resolve("password") + "\n";
    }

    private Key handle(String settings, String alias) throws Exception {
        return Fixture.load(settings).getKey(alias, null);
    }

    private Key all() throws Exception {
        return handle(allSettings(), ALIAS);
    }

    private String allSettings() {
        return local("", "us") + local("service.eu.", "eu") + application("service.recovery.") + "key." + ALIAS
                + ".recipients = eu:" + ALIAS + ", recovery:" + RECOVERY + "\n";
    }

    private void disable(String home) {
        try (KeyAdministration keys = Backends.openAdministration(Fixture.settings(directory.resolve(home)))) {
            keys.disable(KeyId.of(ALIAS));
        }
    }

    @Test
    @DisplayName("Each of the three alone opens what unmodified code wrote for all")
    void eachAloneOpens() throws Exception {
        byte[] sealed = Fixture.seal(all());
        assertThat(Fixture.open(all(), sealed)).isEqualTo(Fixture.TEXT);
        assertThat(Fixture.open(handle(local("", "us"), ALIAS), sealed)).isEqualTo(Fixture.TEXT);
        assertThat(Fixture.open(handle(local("", "eu"), ALIAS), sealed)).isEqualTo(Fixture.TEXT);
        assertThat(Fixture.open(handle(application(""), RECOVERY), sealed)).isEqualTo(Fixture.TEXT);
        Fixture.create(directory.resolve("other"), ALIAS);
        Key stranger = handle(local("", "other"), ALIAS);
        assertThatThrownBy(() -> Fixture.open(stranger, sealed)).isInstanceOf(AEADBadTagException.class);
    }

    @ParameterizedTest
    @DisplayName("RULES 19: keys disabled and the recovery file away, in every combination")
    @CsvSource({
        "true, true, false",
        "true, false, true",
        "true, false, false",
        "false, true, true",
        "false, true, false",
        "false, false, true",
        "false, false, false"
    })
    void outages(boolean us, boolean eu, boolean recovery) throws Exception {
        byte[] sealed = Fixture.seal(all());
        if (!us) {
            disable("us");
        }
        if (!eu) {
            disable("eu");
        }
        if (!recovery) {
            Files.delete(directory.resolve("recovery.p12"));
        }
        // Another setting, so that services are opened anew: an open one has the recovery key in memory.
        Key key = handle(allSettings() + "decrypt.hold = 1MiB\n", ALIAS);
        if (us || eu || recovery) {
            assertThat(Fixture.open(key, sealed)).isEqualTo(Fixture.TEXT);
        } else {
            assertThatThrownBy(() -> Fixture.open(key, sealed)).isInstanceOf(KeyDisabledException.class);
        }
        assertThatThrownBy(() -> Fixture.seal(key))
                .as("writing needs all")
                .isInstanceOf(us && eu ? KmsConfigurationException.class : KeyDisabledException.class);
    }

    @Test
    @DisplayName("RULES 19: a handle can be taken while the main service is out, if another one may open its messages")
    void takenDuringAnOutage() throws Exception {
        byte[] sealed = Fixture.seal(all());
        String settings = "backend = outage\n" + local("service.eu.", "eu");
        KeyStore keyStore = Fixture.load(settings + "key." + ALIAS + ".recipients = eu:" + ALIAS + "\n");
        Key key = keyStore.getKey(ALIAS, null);
        assertThat(Fixture.open(key, sealed)).isEqualTo(Fixture.TEXT);
        assertThatThrownBy(() -> Fixture.seal(key)).isInstanceOf(KmsUnavailableException.class);
        assertThatThrownBy(() -> keyStore.getKey("alias/none", null)).isInstanceOf(KmsUnavailableException.class);
        KeyStore alone = Fixture.load(settings + "key." + ALIAS + ".decrypt-keys = alias/old\n");
        assertThatThrownBy(() -> alone.getKey(ALIAS, null)).isInstanceOf(KmsUnavailableException.class);
    }

    @Test
    @DisplayName("RULES 15: an RSA recovery key of which the writer has the certificate only")
    void offlineRecoveryKey() throws Exception {
        Path store = directory.resolve("private.p12");
        Path certificate = directory.resolve("recovery.pem");
        keytool("-genkeypair -alias recovery -keyalg RSA -keysize 2048 -dname CN=recovery -storetype PKCS12", store);
        keytool("-exportcert -rfc -alias recovery -file " + certificate, store);
        Path publicStore = directory.resolve("public.p12");
        keytool("-importcert -noprompt -alias recovery -storetype PKCS12 -file " + certificate, publicStore);
        String recipients = "key." + ALIAS + ".recipients = recovery:alias/recovery\n";
        String writing = local("", "us") + application("service.recovery.").replace("recovery.p12", "public.p12");
        Key writer = handle(writing + recipients + "cache.max-age = 0s\n", ALIAS);
        byte[] sealed = Fixture.seal(writer);

        Key recovery = handle(application("").replace("recovery.p12", "private.p12"), "alias/recovery");
        assertThat(Fixture.open(recovery, sealed)).isEqualTo(Fixture.TEXT);
        assertThat(Fixture.open(writer, sealed)).as("by its own key").isEqualTo(Fixture.TEXT);
        disable("us");
        assertThatThrownBy(() -> Fixture.open(writer, sealed)).isInstanceOf(KeyDisabledException.class);
        Key withPrivateKey = handle(
                local("", "us") + application("service.recovery.").replace("recovery.p12", "private.p12") + recipients,
                ALIAS);
        assertThat(Fixture.open(withPrivateKey, sealed)).isEqualTo(Fixture.TEXT);
    }

    private void keytool(String arguments, Path keyStore) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments.split(" ", -1)));
        command.addAll(List.of("-keystore", keyStore.toString(), "-storepass", "changeit"));
        Process keytool = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor()).as(arguments).isZero();
    }

    @Test
    @DisplayName("A key of another service in decrypt-keys: how data moves from one service to another")
    void moving() throws Exception {
        byte[] old = Fixture.seal(handle(local("", "eu"), ALIAS));
        String moved = local("", "us") + local("service.old.", "eu");
        Key strict = handle(moved, ALIAS);
        assertThatThrownBy(() -> Fixture.open(strict, old)).isInstanceOf(AEADBadTagException.class);
        Key key = handle(moved + "key." + ALIAS + ".decrypt-keys = old:" + ALIAS + "\n", ALIAS);
        assertThat(Fixture.open(key, old)).isEqualTo(Fixture.TEXT);
        assertThat(Fixture.open(handle(local("", "us"), ALIAS), Fixture.seal(key)))
                .isEqualTo(Fixture.TEXT);
    }

    @Test
    @DisplayName("Only the main service's keys are entries")
    void entries() throws Exception {
        KeyStore keyStore = Fixture.load(allSettings());
        assertThat(java.util.Collections.list(keyStore.aliases())).containsExactly(ALIAS);
        assertThat(keyStore.getKey("eu:" + ALIAS, null)).isNull();
    }

    @Test
    @DisplayName("Handles out of two loads are equal, and stay so when their KeyStores are gone")
    void shared() throws Exception {
        assertThat(all()).isEqualTo(all());
        Key kept = all();
        byte[] sealed = Fixture.seal(kept);
        System.gc();
        assertThat(all()).isEqualTo(kept);
        assertThat(Fixture.open(kept, sealed)).isEqualTo(Fixture.TEXT);
    }

    @Test
    @DisplayName("Wrong settings are errors of load, which name what would be right")
    void wrongSettings() {
        for (List<String> wrong : List.of(
                List.of("service.eu.backend = lokal", "service.eu.*"),
                List.of("service.eu.local.dirctory = /x", "service.eu.local.directory"),
                List.of("service.arn.backend = local", "arn"),
                List.of("key." + ALIAS + ".recipients = ue:" + ALIAS, "'eu'"),
                List.of("key." + ALIAS + ".recipient = x", "key.*.recipients"),
                List.of("key." + ALIAS + ".discovery.acounts = 111122223333", "discovery.accounts"),
                List.of("key." + ALIAS + ".discovery.accounts = all", "12 digits"),
                List.of("service.us.local.directory = /x", "service.us.backend"))) {
            String settings = allSettings() + wrong.get(0) + "\n";
            assertThatThrownBy(() -> Fixture.load(settings))
                    .isInstanceOf(IOException.class)
                    .hasCauseInstanceOf(KmsException.class)
                    .hasMessageContaining(wrong.get(1));
        }
    }
}
