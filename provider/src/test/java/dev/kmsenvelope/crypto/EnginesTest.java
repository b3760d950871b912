package dev.kmsenvelope.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.testing.TestEngine;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Other AES-GCM providers under our feet. Those with native libraries are no part of the class path of the tests: each is
 * tried in a process of its own, by {@link EngineTrial}.
 */
class EnginesTest {

    private static final String CORRETTO_JAR = "engine.corretto";
    private static final String CONSCRYPT_JAR = "engine.conscrypt";

    private static String run(String jarProperty, String... arguments) throws Exception {
        String jar = System.getProperty(jarProperty, "");
        assumeTrue(!jar.isEmpty() && new File(jar).isFile(), "the jar of " + jarProperty + " is not there");
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "its native library is for Linux on x86-64");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path") + File.pathSeparator + jar));
        command.add(EngineTrial.class.getName());
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    @DisplayName("Corretto on the class path is what auto means, and nobody else gets to see it")
    void corretto() throws Exception {
        assertThat(run(CORRETTO_JAR, "auto"))
                .contains("AmazonCorrettoCryptoProvider: the fastest there is, on the class path and healthy")
                .contains("installed: false")
                .contains("all is well");
        assertThat(run(CORRETTO_JAR, "SunJCE")).contains("SunJCE: named by the setting engine");
    }

    @Test
    @DisplayName("Conscrypt by name")
    void conscrypt() throws Exception {
        assertThat(run(CONSCRYPT_JAR, "Conscrypt", "org.conscrypt.OpenSSLProvider"))
                .contains("Conscrypt: named by the setting engine")
                .contains("all is well");
    }

    @Test
    @DisplayName("BouncyCastle by name")
    void bouncyCastle() throws Exception {
        EngineTrial.tamper(new org.bouncycastle.jce.provider.BouncyCastleProvider());
        EngineTrial.inPieces(new org.bouncycastle.jce.provider.BouncyCastleProvider());
        EngineTrial.inPieces(TestEngine.GCM);
    }

    @Test
    @DisplayName("Without it on the class path, auto is the JDK's, and its name is an error that says why")
    void absent() {
        GcmProvider.Choice choice = GcmProvider.choose("auto");
        assertThat(choice.provider().getName()).isEqualTo("SunJCE");
        assertThat(choice.reason()).contains("is not on the class path");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> GcmProvider.choose("AmazonCorrettoCryptoProvider"))
                .withMessageContaining("is not on the class path");
    }
}
