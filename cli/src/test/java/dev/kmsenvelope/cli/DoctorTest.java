package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.security.Security;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorTest {

    @TempDir
    private Path directory;

    private Cli cli;

    @BeforeEach
    void makeCli() throws IOException {
        cli = new Cli(directory);
    }

    @AfterEach
    void removeProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
    }

    private JsonObject json() {
        return JsonParser.parseString(cli.run("doctor", "--json").ok().text()).getAsJsonObject();
    }

    @Test
    void withoutKeysItSaysHowToCreateOne() {
        assertThat(cli.run("doctor").ok().text())
                .contains("not in the list", "security.provider.", "local, " + directory.resolve("keys"))
                .contains("kms-envelope key create alias/");
    }

    @Test
    void everyKeyIsTried() {
        cli.withKey().run("key", "create", "alias/off").ok();
        cli.run("key", "disable", "alias/off").ok();
        assertThat(cli.run("doctor").ok().text())
                .contains(Cli.KEY + ": enabled, generates a data key in ")
                .contains("alias/off: disabled")
                .contains(
                        "AES/GCM/NoPadding is served by nobody, as the provider is not registered; these commands work without");
        JsonObject report = json();
        assertThat(report.get("healthy").getAsBoolean()).isTrue();
        assertThat(report.getAsJsonObject("provider").get("installed").getAsBoolean())
                .isFalse();
        JsonObject served = report.getAsJsonObject("aesGcmServedBy");
        assertThat(served.get("rawKey").getAsString()).isEqualTo("SunJCE");
        JsonObject key = report.getAsJsonArray("keys").get(0).getAsJsonObject();
        assertThat(key.get("generateMillis").getAsDouble()).isPositive();
        assertThat(key.get("decryptMillis").getAsDouble()).isPositive();
    }

    @Test
    void anInstalledProviderServesHandlesOnly() {
        cli.withKey();
        int position = Security.addProvider(new KmsEnvelopeProvider());
        JsonObject report = json();
        assertThat(report.getAsJsonObject("provider").get("position").getAsInt())
                .isEqualTo(position);
        JsonObject served = report.getAsJsonObject("aesGcmServedBy");
        assertThat(served.get("rawKey").getAsString()).isEqualTo("SunJCE");
        assertThat(served.get("kmsKey").getAsString()).isEqualTo("KmsEnvelope");
    }
}
