package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.cli.Main;
import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;

/**
 * Does what docs/MIGRATION.md tells the owner of a Spring Boot application to do, to the letter: the files and the commands are
 * taken from there. What runs is the JDK's keytool, the command, and the application, each in a process of its own.
 */
@Program(area = Area.TLS, name = "Spring Boot, embedded Tomcat", of = SpringApplication.class)
class SpringBootMoveTest {

    private static final String SETTINGS = "application.properties";
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final String PASSWORD = "changeit";

    /** A password is asked for on the terminal otherwise; a test has none, nor a port that is its own, and it is in a hurry. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "KMS_ENVELOPE_SOURCE_PASSWORD", PASSWORD,
            "SERVER_ADDRESS", "127.0.0.1",
            "SERVER_PORT", "0",
            "JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC");

    @Check(
            what = "HTTPS application whose PKCS12 file `keystore import` took over, TLS 1.2 and 1.3",
            key = HeldKey.FILE_EC)
    void move(Trial trial, TestKeys keys) throws Exception {
        Instructions page = Instructions.of("MIGRATION.md");
        Path directory = keys.scratch("moved application");
        assertOnlySettingsDiffer(page);

        write(directory, SETTINGS, page.block("application.properties, before"));
        runAll(directory, page.commands("the keystore so far"));
        X509Certificate certificate = certificate(directory.resolve("site.p12"));
        serve(directory, command(page, "start, before"), certificate);

        for (String name : List.of("kms.properties", "kms.security")) {
            write(directory, name, page.block(name));
        }
        runAll(directory, page.commands("the move"));
        write(directory, SETTINGS, page.block("application.properties, after"));
        Files.delete(directory.resolve("site.p12"));
        trial.works(() -> serve(directory, command(page, "start, after"), certificate));
    }

    private static void assertOnlySettingsDiffer(Instructions page) throws IOException {
        Properties before = properties(page.block("application.properties, before"));
        Properties after = properties(page.block("application.properties, after"));
        Set<String> changed = new TreeSet<>(before.stringPropertyNames());
        changed.addAll(after.stringPropertyNames());
        changed.removeIf(name -> before.getProperty(name, "").equals(after.getProperty(name, "")));
        assertThat(changed)
                .containsExactly("server.ssl.key-store", "server.ssl.key-store-password", "server.ssl.key-store-type");
        assertThat(command(page, "start, after").stream()
                        .filter(word -> !word.startsWith("-D"))
                        .toList())
                .as("the same program with other system properties")
                .isEqualTo(command(page, "start, before"))
                .contains(HttpsApplication.class.getName());
    }

    private static Properties properties(List<String> lines) throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(String.join("\n", lines)));
        return properties;
    }

    private static void write(Path directory, String name, List<String> lines) throws IOException {
        Files.write(directory.resolve(name), lines);
    }

    private static void runAll(Path directory, List<List<String>> commands) throws Exception {
        for (List<String> command : commands) {
            ChildProcess.run(directory, ENVIRONMENT, here(command));
        }
    }

    private static List<String> command(Instructions page, String title) {
        List<List<String>> commands = page.commands(title);
        assertThat(commands).hasSize(1);
        return here(commands.get(0));
    }

    /** The same command with the JDK, the class path and the name of the application that there are here. */
    private static List<String> here(List<String> command) {
        return command.stream()
                .flatMap(word -> switch (word) {
                    case "java", "keytool" -> Stream.of(ChildProcess.ofTheJdk(word));
                    case "kms-envelope" ->
                        Stream.of(ChildProcess.ofTheJdk("java"), "-cp", CLASS_PATH, Main.class.getName());
                    case "app.jar:kms-envelope.jar" -> Stream.of(CLASS_PATH);
                    case "org.example.HttpsApplication" -> Stream.of(HttpsApplication.class.getName());
                    default -> Stream.of(word);
                })
                .toList();
    }

    private static X509Certificate certificate(Path file) throws Exception {
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keyStore.load(in, PASSWORD.toCharArray());
        }
        return (X509Certificate) keyStore.getCertificate("site");
    }

    private static void serve(Path directory, List<String> command, X509Certificate certificate) throws Exception {
        try (ChildProcess application = ChildProcess.start(directory, ENVIRONMENT, command)) {
            int port = Integer.parseInt(application.lineAfter(HttpsApplication.ANNOUNCEMENT));
            for (String protocol : TlsClient.PROTOCOLS) {
                assertThat(TlsClient.request(port, protocol, certificate)).contains(Texts.TEXT);
            }
        }
    }
}
