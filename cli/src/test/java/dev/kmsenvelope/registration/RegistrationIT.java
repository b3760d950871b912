package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.registration.ChildJvm.Result;
import dev.kmsenvelope.registration.programs.RoundTrip;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every way to register the provider, each in a JVM of its own with a program that does not know it. */
class RegistrationIT {

    private static final String NAME = "KmsEnvelope";
    private static final String CLASS = "dev.kmsenvelope.provider.KmsEnvelopeProvider";
    private static final String ALIAS = "alias/demo";

    @TempDir
    private static Path shared;

    private static Path home;

    @TempDir
    private Path directory;

    @BeforeAll
    static void createKey() {
        home = LocalKeys.create(shared.resolve("home"), ALIAS);
    }

    @ParameterizedTest
    @ValueSource(strings = {NAME, CLASS})
    void byNameAndByClassNameInAFileOfSecurityProperties(String provider) throws Exception {
        Path file = SecurityProperties.last(directory.resolve("file.security"), provider);

        assertRoundTrip(roundTrip(ChildJvm.java().properties(file).home(home)));
    }

    @ParameterizedTest
    @ValueSource(strings = {NAME, CLASS})
    void withTheirArgumentTheyReadTheConfigurationThatItNames(String provider) throws Exception {
        Path file = SecurityProperties.last(
                directory.resolve("file.security"), provider + " " + configuration(directory.resolve("c.properties")));

        assertRoundTrip(roundTrip(ChildJvm.java().properties(file)));
    }

    @Test
    void theArgumentMayHaveSpacesInItsPath() throws Exception {
        Path spaces = Files.createDirectories(directory.resolve("my own settings"));
        Path file = SecurityProperties.last(
                directory.resolve("file.security"),
                NAME + " " + configuration(spaces.resolve("kms  envelope.properties")));

        assertRoundTrip(roundTrip(ChildJvm.java().properties(file)));
    }

    @Test
    void systemPropertiesInTheArgumentAreExpanded() throws Exception {
        configuration(directory.resolve("c.properties"));
        Path file = SecurityProperties.last(
                directory.resolve("file.security"), NAME + " ${user.home}${file.separator}c.properties");

        assertRoundTrip(roundTrip(ChildJvm.java().properties(file).with("-Duser.home=" + directory)));
    }

    @Test
    void aSystemPropertyNamesTheConfigurationToo() throws Exception {
        Path file = SecurityProperties.last(directory.resolve("file.security"), NAME);
        Path configuration = configuration(directory.resolve("c.properties"));

        assertRoundTrip(roundTrip(ChildJvm.java().properties(file).with("-Dkmsenvelope.config=" + configuration)));
    }

    @Test
    void theArgumentComesBeforeTheSystemProperty() throws Exception {
        Path file = SecurityProperties.last(
                directory.resolve("file.security"), NAME + " " + configuration(directory.resolve("c.properties")));
        Path other = Files.writeString(
                directory.resolve("other.properties"), "local.directory=" + directory.resolve("nothing here"));

        assertRoundTrip(roundTrip(ChildJvm.java().properties(file).with("-Dkmsenvelope.config=" + other)));
    }

    @Test
    void anArgumentThatNamesNoFileIsReportedByLoadAndByNothingElse() throws Exception {
        Path missing = directory.resolve("missing.properties");
        Path file = SecurityProperties.last(directory.resolve("file.security"), NAME + " " + missing);

        assertLoadFails(roundTrip(ChildJvm.java().properties(file).home(home)), missing.toString());
    }

    @Test
    void anArgumentThatNamesAMalformedFileIsReportedByLoadAndByNothingElse() throws Exception {
        Path malformed = Files.writeString(directory.resolve("malformed.properties"), "local.directory=\\u00zz\n");
        Path file = SecurityProperties.last(directory.resolve("file.security"), NAME + " " + malformed);

        assertLoadFails(roundTrip(ChildJvm.java().properties(file).home(home)), malformed.toString());
    }

    @Test
    void anArgumentThatNamesADirectoryIsReportedByLoad() throws Exception {
        Path file = SecurityProperties.last(directory.resolve("file.security"), NAME + " " + directory);

        assertLoadFails(roundTrip(ChildJvm.java().properties(file).home(home)), directory.toString());
    }

    @Test
    void aMisspeltSettingIsReportedByLoadAndByNothingElse() throws Exception {
        Path misspelt = Files.writeString(directory.resolve("misspelt.properties"), "local.directroy=/tmp\n");
        Path file = SecurityProperties.last(directory.resolve("file.security"), CLASS + " " + misspelt);

        assertLoadFails(
                roundTrip(ChildJvm.java().properties(file).home(home)),
                "there is no setting 'local.directroy'; the nearest one is 'local.directory'");
    }

    @ParameterizedTest
    @ValueSource(strings = {CLASS, "ServiceLoader"})
    void inTheProgramThroughAddProvider(String how) throws Exception {
        assertRoundTrip(roundTrip(ChildJvm.java().with("-Dadd.provider=" + how).home(home)));
    }

    @ParameterizedTest
    @ValueSource(strings = {CLASS, "ServiceLoader"})
    void inTheProgramThroughAddProviderFromTheModulePath(String how) throws Exception {
        assertRoundTrip(roundTrip(onTheModulePath("dev.kmsenvelope.provider")
                .with("-Dadd.provider=" + how)
                .home(home)));
    }

    @Test
    void byAWholeJavaSecurityWithTheProviderAppended() throws Exception {
        Path file = SecurityProperties.wholeWithLast(directory.resolve("java.security"), NAME);

        assertRoundTrip(roundTrip(
                ChildJvm.java().with("-Djava.security.properties==" + file).home(home)));
    }

    @ParameterizedTest
    @ValueSource(strings = {NAME, CLASS})
    void byNameAndByClassNameFromTheModulePath(String provider) throws Exception {
        Path file = SecurityProperties.last(directory.resolve("file.security"), provider);

        Result result = roundTrip(
                onTheModulePath("dev.kmsenvelope.keystore").properties(file).home(home));

        assertRoundTrip(result);
    }

    @Test
    void theModuleOfTheProviderBringsTheKeyStoreAlong() throws Exception {
        Path file = SecurityProperties.last(directory.resolve("file.security"), NAME);

        assertRoundTrip(roundTrip(
                onTheModulePath("dev.kmsenvelope.provider").properties(file).home(home)));
    }

    @Test
    void anUnregisteredProviderLeavesTheJvmWithoutAKeyStoreOfOurs() throws Exception {
        Result result = roundTrip(ChildJvm.java().home(home)).failed();

        assertThat(result.err()).contains("KMS not found");
    }

    private static Result roundTrip(ChildJvm child) throws IOException, InterruptedException {
        return child.run(RoundTrip.class.getName(), ALIAS);
    }

    private static Path configuration(Path file) throws IOException {
        return Files.writeString(file, "local.directory = " + home + "\n");
    }

    private static ChildJvm onTheModulePath(String module) {
        return ChildJvm.bare()
                .with("--module-path", ThinJars.modulePath(), "--add-modules", module)
                .with("-cp", ChildJvm.PROGRAMS.toString());
    }

    private static void assertRoundTrip(Result result) {
        Map<String, String> values = result.succeeded().values();
        assertThat(values)
                .as(result.toString())
                .contains(
                        entry("keystore.provider", NAME),
                        entry("handle.provider", NAME),
                        entry("handle.opened", "attack at dawn"),
                        entry("raw.before.provider", "SunJCE"),
                        entry("raw.after.provider", "SunJCE"),
                        entry("raw.after.opened", "attack at dawn"));
        assertThat(values.get("providers")).endsWith("," + NAME);
    }

    private static void assertLoadFails(Result result, String text) throws IOException {
        Map<String, String> values = result.succeeded().values();
        assertThat(values.get("load.failed"))
                .as(result.toString())
                .startsWith(KmsConfigurationException.class.getName())
                .contains(text);
        assertThat(values).doesNotContainKey("handle.provider").containsEntry("raw.after.provider", "SunJCE");
        assertThat(values.get("providers").split(","))
                .hasSize(SecurityProperties.stockProviders() + 1)
                .endsWith(NAME);
    }
}
