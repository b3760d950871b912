package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
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

    /** With {@code NONE} there is no file that a key could be kept in. */
    @Test
    void makingAndDeletingKeysIsRefusedWithWhereToDoIt() throws Exception {
        Path own = shared.resolve("read-only");
        try (KeyAdministration keys = LocalKeys.administration(own)) {
            LocalKeys.create(keys, "alias/demo");
        }
        ChildJvm making = Way.ADD_PROVIDER.keytool(own).with("-genseckey", "-alias", "alias/new", "-keyalg", "AES");
        ChildJvm deleting = Way.ADD_PROVIDER.keytool(own).with("-delete", "-alias", "alias/demo");

        assertThat(making.run("-keysize", "256", "-protected").failed().out()).contains("kms-envelope key");
        assertThat(deleting.run("-protected").failed().out()).contains("kms-envelope key");
    }

    /** keytool of JDK 25 would take SHA-384 for a key on P-256, which no key service does. */
    @Test
    void showsPrivateKeysWithTheirCertificatesAndRequestsOthers() throws Exception {
        Path keyPairs = shared.resolve("key-pairs");
        try (KeyAdministration keys = LocalKeys.administration(keyPairs)) {
            keys.createKey(KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY, KeyId.of("alias/rsa"));
            keys.createKey(KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT, KeyId.of("alias/rsa-decrypting"));
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY, KeyId.of("alias/p256"));
            keys.createKey(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT, KeyId.of("alias/agreeing"));
            keys.createKey(KeySpec.ECC_SECG_P256K1, KeyId.of("alias/k1"));
            keys.createKey(KeySpec.ECC_NIST_EDWARDS25519, KeyId.of("alias/ed"));
            keys.createKey(KeySpec.ML_DSA_44, KeyId.of("alias/ml"));
            keys.createKey(KeySpec.HMAC_256, KeyId.of("alias/mac"));
        }
        Result listed = Way.ADD_PROVIDER
                .keytool(keyPairs)
                .run("-protected", "-list", "-v")
                .succeeded();
        assertThat(listed.lines().filter(line -> line.equals("Entry type: PrivateKeyEntry")))
                .as(listed.toString())
                .hasSize(7);
        assertThat(listed.lines().filter(line -> line.equals("Entry type: SecretKeyEntry")))
                .hasSize(1);
        assertThat(listed.lines().filter(line -> line.equals("Signature algorithm name: 1.3.6.1.5.5.7.6.36")))
                .hasSize(2);
        assertThat(listed.lines()).contains("Signature algorithm name: SHA256withRSA");
        assertThat(listed.err()).doesNotContain("Exception").doesNotContain("WARNING");

        for (String alias : new String[] {"alias/rsa", "alias/p256"}) {
            ChildJvm keytool = Way.PROVIDER_CLASS.keytool(keyPairs).with("-certreq", "-alias", alias);
            if (alias.equals("alias/p256")) {
                keytool.with("-sigalg", "SHA256withECDSA");
            }
            Result requested = keytool.run("-storepass", "none").succeeded(); // with -protected it asks for one
            Path request = Files.writeString(shared.resolve("request"), requested.out());
            assertThat(ChildJvm.keytool()
                            .run("-printcertreq", "-file", request.toString())
                            .succeeded()
                            .out())
                    .contains("Subject: CN=");
        }
    }
}
