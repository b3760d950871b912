package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Provider;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x9.ECNamedCurveTable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a fresh virtual machine loads of us when we stand in java.security and nobody uses us. */
class ProviderLoadingTest {

    @TempDir
    private Path directory;

    /** What the other virtual machine runs. */
    static final class UsesTheJdkOnly {
        private UsesTheJdkOnly() {}

        public static void main(String[] arguments) throws Exception {
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[32], "AES"));
            cipher.doFinal(new byte[10]);
            System.out.println("used " + cipher.getProvider().getName());
            if (arguments.length > 0) {
                System.out.println("listed "
                        + Arrays.stream(Security.getProviders())
                                .map(Provider::getName)
                                .collect(Collectors.joining(" ")));
            }
        }
    }

    private List<String> run(String line, String... arguments) throws Exception {
        int number = 1;
        while (Security.getProperty("security.provider." + number) != null) {
            number++;
        }
        Path properties = Files.writeString(
                directory.resolve("java.security"), "security.provider." + number + "=" + line + "\n");
        String classPath = Stream.of(KmsEnvelopeProvider.class, ProviderLoadingTest.class, ECNamedCurveTable.class)
                .map(type -> Path.of(location(type)).toString())
                .collect(Collectors.joining(File.pathSeparator));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xlog:class+load=info:stdout:none",
                "-Xshare:auto",
                "-Djava.security.properties=" + properties,
                "-cp",
                classPath,
                UsesTheJdkOnly.class.getName()));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor()).isZero();
        return Files.readAllLines(output);
    }

    private static java.net.URI location(Class<?> type) {
        try {
            return type.getProtectionDomain().getCodeSource().getLocation().toURI();
        } catch (java.net.URISyntaxException e) {
            throw new AssertionError(e);
        }
    }

    private static List<String> loaded(List<String> output) {
        return output.stream()
                .filter(line -> line.startsWith("dev.kmsenvelope.") || line.startsWith("org.bouncycastle."))
                .map(line -> line.split(" ", 2)[0])
                .filter(name -> !name.startsWith(ProviderLoadingTest.class.getName()))
                .toList();
    }

    @Test
    @DisplayName("A raw key alone loads nothing of us: the JDK does not come as far in its list")
    void rawKeyOnly() throws Exception {
        List<String> output = run("KmsEnvelope");
        assertThat(output).contains("used SunJCE");
        assertThat(loaded(output)).isEmpty();
    }

    @Test
    @DisplayName("The list of providers loads the provider class, what it names in its services, and no BouncyCastle")
    void listOfProviders() throws Exception {
        for (String line : new String[] {"KmsEnvelope", "KmsEnvelope /does/not/exist"}) {
            List<String> output = run(line, "list");
            assertThat(output).contains("used SunJCE").anyMatch(text -> text.matches("listed .* KmsEnvelope"));
            assertThat(loaded(output))
                    .contains(KmsEnvelopeProvider.class.getName())
                    .allMatch(name -> name.startsWith("dev.kmsenvelope.provider.")
                            || name.equals("dev.kmsenvelope.engine.MessageDecryptor$Release"))
                    .doesNotContain(
                            EnvelopeKind.class.getName(),
                            EncryptOperation.class.getName(),
                            "dev.kmsenvelope.spi.Backends");
        }
    }

    @Test
    @DisplayName(
            "The class name in the list works too, though the JDK then makes every provider on the class path first")
    void byClassName() throws Exception {
        List<String> output = run(KmsEnvelopeProvider.class.getName(), "list");
        assertThat(output).contains("used SunJCE").anyMatch(text -> text.matches("listed .* KmsEnvelope"));
    }
}
