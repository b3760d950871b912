package dev.kmsenvelope.compatibility;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Security;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import java.util.Map;

/**
 * Signs with RSASSA-PSS through a JOSE library, in a JVM of its own: the JDK reads the setting that makes this work when it starts.
 * The provider is registered in java.security there, and nothing else is said of it.
 */
final class PssProgram {

    private static final String PREFERENCE = "jdk.security.provider.preferred=RSASSA-PSS:KmsEnvelope";

    /** As the page has it. */
    static final String SETTING = "`" + PREFERENCE + "`";

    private PssProgram() {}

    /** What signs. */
    enum Library {
        NIMBUS,
        JOSE4J
    }

    /**
     * The program.
     *
     * @param arguments the library, and the file of a keystore
     */
    public static void main(String[] arguments) throws Exception {
        KeyStore keyStore = TestKeys.load(Path.of(arguments[1]));
        PrivateKey key = (PrivateKey) keyStore.getKey("alias/rsa", null);
        RSAPublicKey publicKey =
                (RSAPublicKey) keyStore.getCertificate("alias/rsa").getPublicKey();
        switch (Library.valueOf(arguments[0])) {
            case NIMBUS -> NimbusTest.ps256(key, publicKey);
            case JOSE4J -> Jose4jTest.ps256(key, publicKey);
        }
    }

    static void runWithThePreference(Library library, Path keyStoreFile) throws IOException, InterruptedException {
        Path settings = Files.createTempFile("kms-envelope", ".security");
        try {
            Files.write(settings, List.of("security.provider." + nextNumber() + "=KmsEnvelope", PREFERENCE));
            ChildProcess.run(
                    settings.toAbsolutePath().getParent(),
                    Map.of(),
                    List.of(
                            ChildProcess.ofTheJdk("java"),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-XX:TieredStopAtLevel=1",
                            "-Djava.security.properties=" + settings,
                            PssProgram.class.getName(),
                            library.name(),
                            keyStoreFile.toString()));
        } finally {
            Files.delete(settings);
        }
    }

    private static int nextNumber() {
        int number = 1;
        while (Security.getProperty("security.provider." + number) != null) {
            number++;
        }
        return number;
    }
}
