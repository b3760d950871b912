package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kmsenvelope.dek.CacheSettings;
import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.AccessCheck.Verdict;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.provider.KmsEnvelope;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.Security;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    void itTellsTheCacheTheEngineAndItsOwnCalls() throws IOException {
        cli.withKey();
        assertThat(cli.run("doctor").ok().text())
                .containsPattern("Engine +\\S+ \\d")
                .contains("300 s, 1048576 messages and 64 GiB", "at most 10000")
                .containsPattern("Calls +\\d+ calls of the key service by this check");
        JsonObject report = json();
        assertThat(report.get("engineVersion").getAsString()).isNotBlank();
        assertThat(report.getAsJsonObject("cache").get("on").getAsBoolean()).isTrue();
        assertThat(report.getAsJsonObject("cache").has("flushFile")).isFalse();
        assertThat(report.getAsJsonObject("keyServiceCalls").get("calls").getAsLong())
                .isPositive();
        assertThat(report.getAsJsonObject("keyServiceCalls").get("meanMillis").getAsDouble())
                .isPositive();
        cli.configure("cache.max-age = 0s");
        assertThat(cli.run("doctor").ok().text()).contains("off: every message asks the key service");
        cli.configure("cache.decrypt.max-age = 1h", "cache.grace = 10m", "cache.flush-file = /x/flush");
        assertThat(cli.run("doctor").ok().text())
                .contains("to decrypt, 3600 s", "600 s of grace", "flushed by /x/flush");
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
    void namedKeysAreTriedWithoutAList() {
        cli.withKey().run("key", "create", "alias/other").ok();
        assertThat(cli.run("doctor", Cli.KEY).ok().text())
                .contains(Cli.KEY + ": enabled")
                .doesNotContain("alias/other");
        cli.run("doctor", Cli.KEY.substring("alias/".length())).failed(ExitCode.KEY_SERVICE, "did you mean " + Cli.KEY);
    }

    @Test
    void everyKindIsTriedForWhatItIsFor() {
        cli.withKey();
        cli.run("key", "create", "--spec", "RSA_2048", "alias/rsa").ok();
        cli.run("key", "create", "--spec", "ECC_NIST_P256", "--usage", "KEY_AGREEMENT", "alias/ecdh")
                .ok();
        cli.run("key", "create", "--spec", "HMAC_256", "alias/mac").ok();
        cli.run("key", "create", "--spec", "ML_DSA_44", "alias/off").ok();
        cli.run("key", "disable", "alias/off").ok();
        assertThat(cli.run("doctor").ok().text().lines().map(String::strip))
                .contains(
                        "WHAT THIS IDENTITY MAY DO  describe-key  generate-data-key  encrypt  decrypt  re-encrypt"
                                + "  get-public-key  generate-mac  derive-shared-secret",
                        "alias/orders               yes           yes                yes      yes      yes"
                                + "         -               -             -",
                        "alias/rsa                  yes           -                  -        yes      -"
                                + "           yes             -             -")
                .anyMatch(line -> line.endsWith("alias/off: disabled, ML_DSA_44 for SIGN_VERIFY"));
        JsonObject report = json();
        assertThat(report.get("healthy").getAsBoolean()).isTrue();
        JsonObject mac = report.getAsJsonArray("keys").get(3).getAsJsonObject();
        assertThat(mac.get("usage").getAsString()).isEqualTo("GENERATE_VERIFY_MAC");
        assertThat(mac.getAsJsonObject("access").keySet()).containsExactly("DESCRIBE_KEY", "GENERATE_MAC");
        assertThat(mac.getAsJsonObject("access")
                        .getAsJsonObject("GENERATE_MAC")
                        .get("allowed")
                        .getAsBoolean())
                .isTrue();
        JsonObject off = report.getAsJsonArray("keys").get(4).getAsJsonObject();
        assertThat(off.getAsJsonObject("access").keySet()).isEmpty();
    }

    @Test
    void whatIsRefusedIsNamedWithItsReason() {
        KeyDescription key = new KeyDescription(
                KeyId.of("alias/x"),
                List.of(),
                KeySpec.SYMMETRIC_DEFAULT,
                KeyUsage.ENCRYPT_DECRYPT,
                KeyState.ENABLED,
                Instant.EPOCH,
                List.of(),
                null);
        Outcome denied = new Outcome(Verdict.REFUSED, "kms:Decrypt is missing");
        Map<Operation, Outcome> some =
                new EnumMap<>(Map.of(Operation.DESCRIBE_KEY, Outcome.success(), Operation.ENCRYPT, Outcome.success()));
        some.put(Operation.DECRYPT, denied);
        some.put(Operation.RE_ENCRYPT, Outcome.of(new KmsUnavailableException("no answer")));
        KeyCheck limited = KeyCheck.of(allowing(some), key);
        assertThat(limited.error()).isNull();
        assertThat(limited.may(Operation.ENCRYPT)).isTrue();
        assertThat(limited.may(Operation.DECRYPT)).isFalse();
        Diagnosis diagnosis =
                new Diagnosis(1, 1, "SunJCE", "17", "SunJCE", "KmsEnvelope", "x", null, null, List.of(limited));
        assertThat(diagnosis.isHealthy()).isTrue();
        assertThat(String.join(
                        "\n",
                        new DoctorReport(diagnosis, new DoctorFigures(CacheSettings.DEFAULT, KmsEnvelope.statistics()))
                                .toLines()))
                .contains("alias/x may not decrypt: kms:Decrypt is missing")
                .contains("it is not known whether alias/x may re-encrypt: no answer")
                .containsPattern("alias/x +yes +yes +NO +\\?");

        KeyCheck useless = KeyCheck.of(
                allowing(Map.of(Operation.DESCRIBE_KEY, Outcome.success(), Operation.DECRYPT, denied)), key);
        assertThat(useless.error()).isEqualTo("kms:Decrypt is missing");
    }

    /** A service of which only is known what it allows. */
    private static KeyService allowing(Map<Operation, Outcome> outcomes) {
        AccessCheck check = key -> outcomes;
        return (KeyService) Proxy.newProxyInstance(
                DoctorTest.class.getClassLoader(), new Class<?>[] {KeyService.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("capability")) {
                        return Optional.of(check);
                    }
                    throw new AssertionError("nobody asked for " + method);
                });
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
