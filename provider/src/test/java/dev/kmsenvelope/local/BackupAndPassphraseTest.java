package dev.kmsenvelope.local;

import static dev.kmsenvelope.local.TestStore.CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDescription.KeyVersion;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RotationStatus;
import dev.kmsenvelope.kms.RotationStatus.Cause;
import dev.kmsenvelope.kms.SecretBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupAndPassphraseTest {

    private static final KeyId ORDERS = KeyId.of("alias/orders");
    private static final String NEW = "a new passphrase";

    @TempDir
    Path temporary;

    private TestStore store;
    private LocalKeyAdministration admin;
    private KeyId key;
    private EncryptedDataKey encrypted;

    @BeforeEach
    void open() {
        store = new TestStore(temporary.resolve("keys"));
        admin = store.administration();
        key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS).id();
        encrypted = store.service().encrypt(key, new byte[32], CONTEXT);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void opens() {
        LocalKeyService service = store.service();
        service.decrypt(service.describe(ORDERS).id(), encrypted, CONTEXT).close();
    }

    private boolean secretExists() {
        return Files.exists(store.directory.resolve("secret"));
    }

    @Test
    @DisplayName("RULES 10: after a restore every symmetric key is rotated, because its counts are stale")
    void aBackupIsRestoredElsewhereAndRotated() {
        KeyId disabled = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        admin.disable(disabled);
        Path backup = temporary.resolve("backup.p7m");
        admin.backup(backup, "backup".toCharArray());
        assertThatThrownBy(() -> admin.backup(backup, "backup".toCharArray()))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("exists");

        store.close();
        store = new TestStore(temporary.resolve("elsewhere"));
        LocalKeyAdministration restored = store.administration();
        assertThatThrownBy(() -> restored.restore(backup, "wrong".toCharArray(), false))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining(backup.toString());
        restored.restore(backup, "backup".toCharArray(), false);
        opens();
        LocalKeyService service = store.service();
        for (KeyDescription each : service.list()) {
            assertThat(each.versions()).extracting(KeyVersion::id).containsExactly("1", "2");
            assertThat(each.currentVersion().orElseThrow().reservedUses()).isZero();
        }
        assertThat(service.describe(ORDERS).id()).isEqualTo(key);
    }

    @Test
    void aRestoreRotatesSymmetricKeysOnlyAndTellsItsCause() {
        KeyId pair =
                admin.createKey(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT).id();
        KeyId mac = admin.createKey(KeySpec.HMAC_256).id();
        admin.enableRotation(key, 365);
        byte[] publicKey = publicKey(pair);
        byte[] code = code(mac);
        Path backup = temporary.resolve("backup.p7m");
        admin.backup(backup, "backup".toCharArray());
        admin.restore(backup, "backup".toCharArray(), true);
        assertThat(admin.rotationStatus(key).history())
                .containsExactly(new RotationStatus.Rotation(store.now, Cause.ON_DEMAND));
        assertThat(admin.rotationStatus(key).periodDays()).isEqualTo(365);
        assertThat(admin.describe(pair).versions()).hasSize(1);
        assertThat(publicKey(pair)).isEqualTo(publicKey);
        assertThat(code(mac)).isEqualTo(code);
    }

    private byte[] publicKey(KeyId pair) {
        return store.service().capability(PublicKeyService.class).orElseThrow().publicKey(pair);
    }

    private byte[] code(KeyId mac) {
        return store.service()
                .capability(MacService.class)
                .orElseThrow()
                .generateMac(mac, MacAlgorithm.HMAC_SHA_256, new byte[1]);
    }

    @Test
    void aBackupNeverReplacesAFile() throws Exception {
        Path backup = temporary.resolve("backup.p7m");
        store.files.before.put("write backup.p7m", () -> someoneElseWrites(backup));
        assertThatThrownBy(() -> admin.backup(backup, "backup".toCharArray()))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("exists");
        assertThat(backup).hasContent("precious");

        Path elsewhere = temporary.resolve("elsewhere");
        Path link = Files.createSymbolicLink(temporary.resolve("link"), elsewhere);
        assertThatThrownBy(() -> admin.backup(link, "backup".toCharArray())).isInstanceOf(KeyFileException.class);
        assertThat(elsewhere).doesNotExist();

        Path neighbour = temporary.resolve("fresh.tmp");
        someoneElseWrites(neighbour);
        admin.backup(temporary.resolve("fresh"), "backup".toCharArray());
        assertThat(neighbour).hasContent("precious");
    }

    private static void someoneElseWrites(Path file) {
        try {
            Files.writeString(file, "precious");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void anInterruptedThreadMakesABackupAndStaysInterrupted() {
        Path backup = temporary.resolve("backup.p7m");
        store.files.before.put("sync", Thread.currentThread()::interrupt);
        Thread.currentThread().interrupt();
        try {
            admin.backup(backup, "backup".toCharArray());
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        admin.restore(backup, "backup".toCharArray(), true);
        opens();
    }

    @Test
    void aBackupThatCannotBeWrittenLeavesNoFile() {
        store.files.failAt = "force";
        Path backup = temporary.resolve("backup.p7m");
        assertThatThrownBy(() -> admin.backup(backup, "backup".toCharArray()))
                .isInstanceOf(KmsUnavailableException.class);
        assertThat(backup).doesNotExist();
    }

    @Test
    void anExistingStoreIsReplacedOnlyWhenTold() {
        Path backup = temporary.resolve("backup.p7m");
        admin.backup(backup, "backup".toCharArray());
        LocalKeyService service = store.service();
        service.encrypt(key, new byte[32], CONTEXT);
        admin.rotate(key);
        admin.rotate(key);
        EncryptedDataKey lost = service.encrypt(key, new byte[32], CONTEXT);
        KeyId later = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();

        assertThatThrownBy(() -> admin.restore(backup, "backup".toCharArray(), false))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("exists");
        assertThat(service.describe(later).id()).isEqualTo(later);

        admin.restore(backup, "backup".toCharArray(), true);
        assertThat(service.list()).extracting(KeyDescription::id).containsExactly(key);
        // The numbers of versions that were lost are not used again: they name other bytes.
        assertThat(service.describe(key).versions()).extracting(KeyVersion::id).containsExactly("1", "4");
        assertThatThrownBy(() -> service.decrypt(key, lost, CONTEXT)).isInstanceOf(InvalidCiphertextException.class);
        opens();
        // What this process had reserved before does not count any more.
        service.encrypt(key, new byte[32], CONTEXT);
        assertThat(service.describe(key).currentVersion().orElseThrow().reservedUses())
                .isEqualTo(64);
    }

    @Test
    void whatDoesNotReadBackIsNotWritten() throws Exception {
        StoreState state = admin.state();
        StoredKey stored = state.keys().get(key.value());
        StoredKey full = stored.withVersion(new StoredKey.Version(
                Integer.MAX_VALUE, store.now, Cause.USES, 0, SecretBytes.owning(new byte[32]), new byte[0]));
        byte[] content = StoreStateCodec.encode(state.withKey(full));
        Path backup = temporary.resolve("backup.p7m");
        try (PassphraseKey sealing = PassphraseKey.derive(
                "backup".toCharArray(),
                PassphraseKey.Parameters.fresh(20, store.settings().random()))) {
            Files.write(
                    backup,
                    KeyFileEnvelope.seal(content, sealing, store.settings().random()));
        }
        assertThatThrownBy(() -> admin.restore(backup, "backup".toCharArray(), true))
                .isInstanceOf(KeyFileException.class)
                .hasMessageContaining("out of order");
        opens();
        admin.rotate(key);
    }

    @Test
    void aStoreThatDoesNotOpenIsReplacedWhenTold() throws Exception {
        Path backup = temporary.resolve("backup.p7m");
        admin.backup(backup, "backup".toCharArray());
        Files.writeString(store.keyFile(), "broken");
        assertThatThrownBy(() -> admin.restore(backup, "backup".toCharArray(), false))
                .isInstanceOf(KeyFileException.class);
        admin.restore(backup, "backup".toCharArray(), true);
        opens();
    }

    @Test
    void thePassphraseIsChangedThereAndBack() {
        LocalKeyService other = store.service();
        admin.changePassphrase(NEW.toCharArray());
        assertThat(secretExists()).isFalse();
        assertThatThrownBy(store::service).isInstanceOf(KeyFileException.class);
        assertThatThrownBy(other::list).isInstanceOf(KeyFileException.class);
        admin.rotate(key); // The one that changed it goes on.
        store.setPassphrase(NEW);
        opens();

        LocalKeyAdministration second = store.administration();
        second.changePassphrase("another".toCharArray());
        assertThatThrownBy(store::service).isInstanceOf(KeyFileException.class);
        second.changeToGeneratedSecret();
        store.setPassphrase(null);
        assertThat(secretExists()).isTrue();
        assertThat(store.directory.resolve("secret.new")).doesNotExist();
        opens();
        assertThat(other.list()).hasSize(1); // It finds the secret again.

        assertThatThrownBy(() -> admin.changePassphrase(new char[0])).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"write keys.p7m.tmp", "move keys.p7m.tmp", "moved keys.p7m.tmp", "delete secret"})
    void aCrashWhileAPassphraseIsSetLeavesAStoreThatOpens(String step) {
        crashAt(step, () -> admin.changePassphrase(NEW.toCharArray()));
        boolean changed = step.startsWith("moved") || step.startsWith("delete");
        store.setPassphrase(changed ? NEW : null);
        opens();
        store.administration().changePassphrase(NEW.toCharArray());
        store.setPassphrase(NEW);
        assertThat(secretExists()).isFalse();
        opens();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "write secret.new.tmp",
                "move secret.new.tmp",
                "moved secret.new.tmp",
                "write keys.p7m.tmp",
                "moved keys.p7m.tmp",
                "move secret.new",
                "moved secret.new"
            })
    void aCrashWhileTheSecretIsReplacedLeavesAStoreThatOpens(String step) {
        crashAt(step, admin::changeToGeneratedSecret);
        opens();
        // Twice the same: a change that a crash interrupted is finished before the next one begins.
        crashAt(step, store.administration()::changeToGeneratedSecret);
        opens();
        crashAt("write keys.p7m.tmp", store.administration()::changeToGeneratedSecret);
        opens();
        store.administration().changeToGeneratedSecret();
        opens();
        assertThat(store.directory.resolve("secret.new")).doesNotExist();
    }

    @Test
    void aSecretThatAnotherProcessPutInPlaceIsNotReplacedByAnUnfinishedOne() {
        crashAt("move secret.new", admin::changeToGeneratedSecret);
        LocalKeyAdministration slow = store.administration(); // Opened by secret.new.
        store.administration().rotate(key); // Another process puts it in place
        crashAt("write keys.p7m.tmp", store.administration()::changeToGeneratedSecret); // and begins the next change.
        slow.rotate(key);
        opens();
    }

    private void crashAt(String step, Executable action) {
        store.files.failAt = step;
        store.files.crash = true;
        assertThatThrownBy(action::execute).isInstanceOf(TestStore.Crash.class);
        store.files.failAt = null;
        store.files.crash = false;
    }
}
