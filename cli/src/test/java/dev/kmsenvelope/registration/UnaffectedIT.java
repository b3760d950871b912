package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.registration.ChildJvm.Result;
import dev.kmsenvelope.registration.programs.PlainJca;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Code that uses keys of its own must not notice the provider, wherever it stands in the list. */
class UnaffectedIT {

    private static final String NAME = "KmsEnvelope";
    private static final String PASSWORD = "changeit";

    @TempDir
    private static Path shared;

    private static Path tlsKey;
    private static Map<String, String> without;

    @TempDir
    private Path directory;

    @BeforeAll
    static void runWithoutTheProvider() throws Exception {
        tlsKey = shared.resolve("tls.p12");
        ChildJvm.keytool()
                .with("-genkeypair", "-alias", "tls", "-keyalg", "EC", "-groupname", "secp256r1")
                .with("-dname", "CN=localhost", "-ext", "san=ip:127.0.0.1", "-storetype", "PKCS12")
                .run("-keystore", tlsKey.toString(), "-storepass", PASSWORD)
                .succeeded();
        without = plainJca(ChildJvm.java());
        assertThat(without.get("TLS")).startsWith("TLSv1.3/TLS_AES_256_GCM_SHA384/hello,TLSv1.3/");
        assertThat(without.get("AES/GCM/NoPadding")).startsWith("SunJCE/");
    }

    @Test
    void asTheLastProviderItChangesNothing() throws Exception {
        Path file = SecurityProperties.last(directory.resolve("file.security"), NAME);

        assertThat(plainJca(ChildJvm.java().properties(file))).isEqualTo(without);
    }

    @Test
    void asTheFirstProviderItDoesNothingButHandOverGcmParameters() throws Exception {
        Path file = SecurityProperties.wholeWithFirst(directory.resolve("java.security"), NAME);

        Map<String, String> found = plainJca(ChildJvm.java().with("-Djava.security.properties==" + file));

        assertThat(found).isEqualTo(with(without, "AlgorithmParameters.provider", NAME));
    }

    @Test
    void preferredForAesGcmItHandsRawKeysOver() throws Exception {
        Path file = SecurityProperties.last(
                directory.resolve("file.security"),
                NAME,
                "jdk.security.provider.preferred=AES/GCM/NoPadding:KmsEnvelope, AES_256/GCM/NoPadding:KmsEnvelope,"
                        + " AESWrap:KmsEnvelope, RSASSA-PSS:KmsEnvelope, SHA256withRSA:KmsEnvelope,"
                        + " HmacSHA256:KmsEnvelope, ECDH:KmsEnvelope, RSA/ECB/OAEPPadding:KmsEnvelope");

        assertThat(plainJca(ChildJvm.java().properties(file))).isEqualTo(without);
    }

    @Test
    void aFirstProviderIsFoundForHandlesToo() throws Exception {
        Path home = LocalKeys.create(directory.resolve("home"), "alias/demo");
        Path file = SecurityProperties.wholeWithFirst(directory.resolve("java.security"), NAME);

        Result result = ChildJvm.java()
                .with("-Djava.security.properties==" + file)
                .home(home)
                .run("dev.kmsenvelope.registration.programs.RoundTrip", "alias/demo")
                .succeeded();

        assertThat(result.values())
                .containsEntry("handle.provider", NAME)
                .containsEntry("handle.opened", "attack at dawn")
                .containsEntry("raw.after.provider", "SunJCE");
    }

    @Test
    void keytoolMakesAndListsPkcs12AsBefore() throws Exception {
        Path last = SecurityProperties.last(directory.resolve("last.security"), NAME);
        Path first = SecurityProperties.wholeWithFirst(directory.resolve("first.security"), NAME);

        List<String> expected = genseckeyAndList("without.p12");

        assertThat(expected).anyMatch(line -> line.contains("SecretKeyEntry"));
        assertThat(genseckeyAndList("last.p12", "-J-Djava.security.properties=" + last))
                .isEqualTo(expected);
        assertThat(genseckeyAndList("first.p12", "-J-Djava.security.properties==" + first))
                .isEqualTo(expected);
    }

    private List<String> genseckeyAndList(String name, String... options) throws Exception {
        Path file = directory.resolve(name);
        String[] store = {"-storetype", "PKCS12", "-keystore", file.toString(), "-storepass", PASSWORD};
        Result made = keytool(options)
                .with("-genseckey", "-alias", "key", "-keyalg", "AES", "-keysize", "256")
                .run(store)
                .succeeded();
        assertThat(Files.size(file)).isPositive();
        Result listed = keytool(options).with("-list", "-v").run(store).succeeded();
        return Stream.of(made.out(), made.err(), listed.out(), listed.err())
                .flatMap(String::lines)
                .filter(line -> !line.startsWith("Creation date"))
                .toList();
    }

    private static ChildJvm keytool(String... options) {
        return ChildJvm.keytool().with("-J-cp", "-J" + ChildJvm.JAR).with(options);
    }

    private static Map<String, String> plainJca(ChildJvm child) throws Exception {
        return child.run(PlainJca.class.getName(), tlsKey.toString(), PASSWORD)
                .succeeded()
                .values();
    }

    private static Map<String, String> with(Map<String, String> values, String name, String value) {
        Map<String, String> changed = new TreeMap<>(values);
        changed.put(name, value);
        return changed;
    }
}
