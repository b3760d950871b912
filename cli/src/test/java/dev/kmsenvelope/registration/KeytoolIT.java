package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.registration.ChildJvm.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The JDK's keytool with the keys of a KMS KeyStore, through each of the ways to tell it of the provider. */
class KeytoolIT {

    private enum Way {
        ADD_PROVIDER("-J-cp", "-J" + ChildJvm.JAR, "-addprovider", "KmsEnvelope"),
        PROVIDER_CLASS(
                "-providerpath",
                ChildJvm.JAR.toString(),
                "-providerclass",
                "dev.kmsenvelope.provider.KmsEnvelopeProvider");

        @SuppressWarnings("ImmutableEnumChecker") // never changed
        private final String[] options;

        Way(String... options) {
            this.options = options;
        }

        ChildJvm keytool(Path home) {
            return ChildJvm.keytool()
                    .with(options)
                    .with("-storetype", "KMS", "-keystore", "NONE")
                    .home(home);
        }
    }

    @TempDir
    private static Path shared;

    private static Path home;
    private static String date;

    @BeforeAll
    static void createKeys() {
        home = shared.resolve("home");
        try (KeyAdministration keys = LocalKeys.administration(home)) {
            KeyDescription demo = LocalKeys.create(keys, "alias/demo");
            LocalKeys.create(keys, "alias/switched-off");
            keys.disable(KeyId.of("alias/switched-off"));
            LocalKeys.create(keys, "alias/to-be-deleted");
            keys.scheduleDeletion(KeyId.of("alias/to-be-deleted"), KeyAdministration.MIN_DELETION_DAYS);
            date = DateTimeFormatter.ofPattern("MMM d, yyyy", Locale.US)
                    .withZone(ZoneOffset.UTC)
                    .format(demo.created());
        }
    }

    @ParameterizedTest
    @EnumSource
    void listsAllKeysWhateverTheirState(Way way) throws Exception {
        Result result = way.keytool(home).run("-protected", "-list").succeeded();

        assertThat(result.lines())
                .as(result.toString())
                .contains("Keystore type: KMS", "Keystore provider: KmsEnvelope")
                .contains("Your keystore contains 3 entries")
                .contains("alias/demo, " + date + ", SecretKeyEntry, ")
                .contains("alias/switched-off, " + date + ", SecretKeyEntry, ")
                .contains("alias/to-be-deleted, " + date + ", SecretKeyEntry, ");
        assertThat(result.err()).doesNotContain("Exception").doesNotContain("WARNING");
    }

    @ParameterizedTest
    @EnumSource
    void listsThemVerbosely(Way way) throws Exception {
        Result result = way.keytool(home).run("-protected", "-list", "-v").succeeded();

        assertThat(result.out())
                .containsSubsequence(
                        "Alias name: alias/demo",
                        "Creation date: " + date,
                        "Entry type: SecretKeyEntry",
                        "Alias name: alias/switched-off",
                        "Entry type: SecretKeyEntry",
                        "Alias name: alias/to-be-deleted",
                        "Entry type: SecretKeyEntry");
    }

    @Test
    void aPasswordThatItWasGivenIsIgnored() throws Exception {
        Result result = Way.ADD_PROVIDER.keytool(home).run("-storepass", "changeit", "-list");

        assertThat(result.succeeded().out()).contains("Your keystore contains 3 entries");
    }

    @Test
    void aPasswordThatItAsksForMayBeEmpty() throws Exception {
        Result result = Way.ADD_PROVIDER.keytool(home).run("-list");

        assertThat(result.succeeded().out()).contains("Your keystore contains 3 entries");
    }

    @Test
    void listsOneEntry() throws Exception {
        ChildJvm keytool = Way.PROVIDER_CLASS.keytool(home);

        Result result = keytool.run("-protected", "-list", "-alias", "alias/switched-off")
                .succeeded();

        assertThat(result.lines()).contains("alias/switched-off, " + date + ", SecretKeyEntry, ");
    }

    @Test
    void doesNotKnowAnAliasInOtherCase() throws Exception {
        ChildJvm keytool = Way.PROVIDER_CLASS.keytool(home);

        Result result =
                keytool.run("-protected", "-list", "-alias", "ALIAS/DEMO").failed();

        assertThat(result.out()).contains("Alias <ALIAS/DEMO> does not exist");
    }

    @ParameterizedTest
    @EnumSource
    void withoutAKeyStoreYetItListsNothingAndMakesNothing(Way way) throws Exception {
        Path nothing = shared.resolve("nothing");

        Result result = way.keytool(nothing).run("-protected", "-list").succeeded();

        assertThat(result.out()).contains("Your keystore contains 0 entries");
        assertThat(nothing).doesNotExist();
    }

    @Test
    void takesTheConfigurationAsTheKeyStoreFile() throws Exception {
        Path file = Files.writeString(shared.resolve("kms.properties"), "local.directory = " + home + "\n");

        Result result = ChildJvm.keytool()
                .with(Way.ADD_PROVIDER.options)
                .with("-storetype", "KMS", "-keystore", file.toString())
                .run("-storepass", "changeit", "-list")
                .succeeded();

        assertThat(result.out()).contains("Your keystore contains 3 entries");
    }

    @Test
    void takesTheConfigurationAsTheArgumentOfTheProvider() throws Exception {
        Path file = Files.writeString(shared.resolve("argument.properties"), "local.directory = " + home + "\n");

        Result result = ChildJvm.keytool()
                .with(Way.ADD_PROVIDER.options)
                .with("-providerarg", file.toString(), "-storetype", "KMS", "-keystore", "NONE")
                .run("-protected", "-list")
                .succeeded();

        assertThat(result.out()).contains("Your keystore contains 3 entries");
    }

    @Test
    void aProviderArgumentThatNamesNoFileIsSaid() throws Exception {
        Path missing = shared.resolve("missing.properties");

        Result result = ChildJvm.keytool()
                .with(Way.PROVIDER_CLASS.options)
                .with("-providerarg", missing.toString(), "-storetype", "KMS", "-keystore", "NONE")
                .run("-protected", "-list")
                .failed();

        assertThat(result.out()).contains("cannot read the configuration file " + missing);
    }

    @Test
    void makingAndDeletingKeysIsRefusedWithWhereToDoIt() throws Exception {
        ChildJvm making = Way.ADD_PROVIDER.keytool(home).with("-genseckey", "-alias", "alias/new", "-keyalg", "AES");
        ChildJvm deleting = Way.ADD_PROVIDER.keytool(home).with("-delete", "-alias", "alias/demo");

        assertThat(making.run("-keysize", "256", "-protected").failed().out()).contains("kms-envelope key");
        assertThat(deleting.run("-protected").failed().out()).contains("kms-envelope key");
    }
}
