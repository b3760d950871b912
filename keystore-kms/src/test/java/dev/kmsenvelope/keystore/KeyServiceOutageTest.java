package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.local.KeyFileException;
import dev.kmsenvelope.spi.Backends;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Key;
import java.security.KeyStore;
import java.security.ProviderException;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The key service breaks, or its administrator acts, while a program has handles. Trouble with the service is never
 * reported as trouble with a message (RULES 19), and is over when its reason is.
 */
class KeyServiceOutageTest {

    private static final KeyId DEMO = KeyId.of("alias/demo");

    @TempDir
    private Path directory;

    private Path home;
    private Path keyFile;
    private Key key;
    private byte[] sealed;
    private byte[] wrapped;

    @BeforeEach
    void encrypt() throws Exception {
        home = directory.resolve("home");
        keyFile = home.resolve("keys.p7m");
        Fixture.create(home, DEMO.value());
        key = load().getKey(DEMO.value(), null);
        sealed = Fixture.seal(key);
        wrapped = wrap();
    }

    /** Each message asks the service. */
    private KeyStore load() throws Exception {
        return Fixture.load("local.directory = " + home + "\ncache.max-age = 0s\n");
    }

    private byte[] wrap() throws Exception {
        Cipher cipher = Cipher.getInstance("AESWrap", Fixture.PROVIDER);
        cipher.init(Cipher.WRAP_MODE, key);
        return cipher.wrap(KeyGenerator.getInstance("AES").generateKey());
    }

    private Key unwrap() throws Exception {
        Cipher cipher = Cipher.getInstance("AESWrap", Fixture.PROVIDER);
        cipher.init(Cipher.UNWRAP_MODE, key);
        return cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY);
    }

    private void assertFails(Class<? extends KmsException> type) {
        assertThat(type).isAssignableTo(ProviderException.class);
        assertThatThrownBy(() -> Fixture.seal(key)).isInstanceOf(type);
        assertThatThrownBy(() -> Fixture.open(key, sealed)).isInstanceOf(type);
        assertThatThrownBy(this::wrap).isInstanceOf(type);
        assertThatThrownBy(this::unwrap).isInstanceOf(type);
    }

    private void assertWorks() throws Exception {
        assertThat(Fixture.open(key, sealed)).isEqualTo(Fixture.TEXT);
        assertThat(Fixture.open(key, Fixture.seal(key))).isEqualTo(Fixture.TEXT);
        assertThat(unwrap().getAlgorithm()).isEqualTo("AES");
        wrap();
    }

    private KeyAdministration administration() {
        return Backends.openAdministration(Fixture.settings(home));
    }

    @Test
    void theKeyFileIsDamagedAndRestored() throws Exception {
        byte[] good = Files.readAllBytes(keyFile);
        byte[] damaged = good.clone();
        damaged[damaged.length - 1] ^= 1;

        Files.write(keyFile, damaged);
        assertFails(KeyFileException.class);
        Files.write(keyFile, new byte[0]);
        assertFails(KeyFileException.class);
        Files.write(keyFile, new byte[100]);
        assertFails(KeyFileException.class);

        Files.write(keyFile, good);
        assertWorks();
    }

    @Test
    void theKeyFileIsRemovedAndPutBack() throws Exception {
        Path aside = directory.resolve("aside");

        Files.move(keyFile, aside);
        assertFails(KeyNotFoundException.class);

        Files.move(aside, keyFile);
        assertWorks();
    }

    @Test
    void theDirectoryIsRemovedAndPutBack() throws Exception {
        Path aside = directory.resolve("aside");

        Files.move(home, aside);
        assertFails(KeyNotFoundException.class);

        Files.move(aside, home);
        assertWorks();
    }

    @Test
    void theDirectoryBecomesAFileAndADirectoryAgain() throws Exception {
        Path aside = directory.resolve("aside");

        Files.move(home, aside);
        Files.writeString(home, "a file");
        assertFails(KeyFileException.class);

        Files.delete(home);
        Files.move(aside, home);
        assertWorks();
    }

    @Test
    void theKeyFileBecomesADirectory() throws Exception {
        Path aside = directory.resolve("aside");

        Files.move(keyFile, aside);
        Files.createDirectory(keyFile);
        assertFails(KeyFileException.class);

        Files.delete(keyFile);
        Files.move(aside, keyFile);
        assertWorks();
    }

    @Test
    void theDirectoryIsClosedToThisUser() throws Exception {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("---------"));
        try {
            assumeFalse(Files.isReadable(keyFile), "root reads everything");
            assertFails(KeyFileException.class);
        } finally {
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
        }
        assertWorks();
    }

    @Test
    void theKeyIsDisabledAndEnabled() throws Exception {
        try (KeyAdministration keys = administration()) {
            keys.disable(DEMO);
            assertFails(KeyDisabledException.class);

            keys.enable(DEMO);
            assertWorks();
        }
    }

    @Test
    void theKeyIsToBeDeletedAndThatIsCancelled() throws Exception {
        try (KeyAdministration keys = administration()) {
            keys.scheduleDeletion(DEMO, KeyAdministration.MIN_DELETION_DAYS);
            assertFails(KeyDisabledException.class);

            keys.cancelDeletion(DEMO);
            assertFails(KeyDisabledException.class);
            keys.enable(DEMO);
            assertWorks();
        }
    }

    @Test
    void theAliasIsDeletedAndMadeAgain() throws Exception {
        try (KeyAdministration keys = administration()) {
            keys.createAlias(KeyId.of("alias/kept"), DEMO);
            keys.deleteAlias(DEMO);
            assertFails(KeyNotFoundException.class);

            keys.createAlias(DEMO, KeyId.of("alias/kept"));
            assertWorks();
        }
    }

    @Test
    void theKeyIsRotated() throws Exception {
        try (KeyAdministration keys = administration()) {
            for (int i = 0; i < 3; i++) {
                keys.rotate(DEMO);
                assertWorks();
            }
            assertThat(keys.rotate(DEMO).versions()).hasSize(5);
        }
    }

    @Test
    void theAliasIsPointedToAnotherKey() throws Exception {
        try (KeyAdministration keys = administration()) {
            KeyId other = keys.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
            keys.updateAlias(DEMO, other);

            assertWorks();

            Key byId = load().getKey(other.value(), null);
            assertThat(Fixture.open(byId, Fixture.seal(key))).isEqualTo(Fixture.TEXT);
            assertThatThrownBy(() -> Fixture.open(byId, sealed)).isInstanceOf(javax.crypto.AEADBadTagException.class);
        }
    }

    @Test
    void theFormerKeyOfAnAliasIsDisabled() throws Exception {
        try (KeyAdministration keys = administration()) {
            KeyId former = keys.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
            keys.createAlias(KeyId.of("alias/former"), former);
            Key formerKey = load().getKey("alias/former", null);
            byte[] old = Fixture.seal(formerKey);
            keys.updateAlias(
                    KeyId.of("alias/former"),
                    keys.createKey(KeySpec.SYMMETRIC_DEFAULT).id());
            keys.disable(former);

            assertThatThrownBy(() -> Fixture.open(formerKey, old)).isInstanceOf(KeyDisabledException.class);
            assertThat(Fixture.open(formerKey, Fixture.seal(formerKey))).isEqualTo(Fixture.TEXT);
        }
    }

    @Test
    void aCipherThatHasItsDataKeyFinishesWhateverHappens() throws Exception {
        Cipher encrypting = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
        encrypting.init(Cipher.ENCRYPT_MODE, key);
        try (KeyAdministration keys = administration()) {
            keys.disable(DEMO);
            byte[] late = encrypting.doFinal(Fixture.TEXT);
            keys.enable(DEMO);

            assertThat(Fixture.open(key, late)).isEqualTo(Fixture.TEXT);
        }
    }

    @Test
    void aDecryptingCipherMayBeUsedAgainAfterTheServiceFailed() throws Exception {
        Cipher decrypting = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
        decrypting.init(Cipher.DECRYPT_MODE, key);
        try (KeyAdministration keys = administration()) {
            keys.disable(DEMO);
            assertThatThrownBy(() -> decrypting.doFinal(sealed)).isInstanceOf(KeyDisabledException.class);
            keys.enable(DEMO);

            assertThat(decrypting.doFinal(sealed)).isEqualTo(Fixture.TEXT);
        }
    }

    @Test
    void aDecryptingCipherWhoseUpdateFailedSaysSoAgain() throws Exception {
        Cipher decrypting = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
        decrypting.init(Cipher.DECRYPT_MODE, key);
        try (KeyAdministration keys = administration()) {
            keys.disable(DEMO);
            assertThatThrownBy(() -> decrypting.update(sealed)).isInstanceOf(KeyDisabledException.class);
            keys.enable(DEMO);

            assertThatThrownBy(decrypting::doFinal).isInstanceOf(ProviderException.class);
            assertThat(decrypting.doFinal(sealed)).isEqualTo(Fixture.TEXT);
        }
    }
}
