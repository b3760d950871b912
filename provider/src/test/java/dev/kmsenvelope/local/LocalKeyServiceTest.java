package dev.kmsenvelope.local;

import static dev.kmsenvelope.local.TestStore.CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.files.DirectoryLock;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class LocalKeyServiceTest {

    private static final KeyId ORDERS = KeyId.of("alias/orders");
    private static final byte[] PLAINTEXT = "four words and ink".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path temporary;

    private TestStore store;
    private LocalKeyAdministration admin;
    private LocalKeyService service;

    @BeforeEach
    void open() {
        store = new TestStore(temporary.resolve("keys"));
        admin = store.administration();
        service = store.service();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private static byte[] bytes(SecretBytes secret) {
        try (secret) {
            return secret.copy();
        }
    }

    @Test
    void withoutAStoreNothingIsMadeAndTheErrorSaysWhatToDo() {
        assertThat(service.list()).isEmpty();
        assertThatThrownBy(() -> service.generateDataKey(ORDERS, 32, CONTEXT))
                .isInstanceOf(KeyNotFoundException.class)
                .hasMessageContaining("kms-envelope key create alias/orders")
                .hasMessageContaining(store.directory.toString());
        for (Executable change : List.<Executable>of(
                () -> admin.rotate(ORDERS),
                () -> admin.createAlias(KeyId.of("alias/other"), ORDERS),
                () -> admin.updateAlias(ORDERS, ORDERS),
                () -> admin.deleteAlias(ORDERS))) {
            assertThatThrownBy(change::execute).isInstanceOf(KeyNotFoundException.class);
        }
        assertThat(store.directory).doesNotExist();
        assertThatThrownBy(admin::changeToGeneratedSecret).isInstanceOf(KeyFileException.class);
        assertThat(store.keyFile()).doesNotExist();
    }

    @Test
    void aKeyIsCreatedDescribedAndUsed() {
        KeyDescription created = admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
        assertThat(created.aliases()).containsExactly(ORDERS);
        assertThat(created.state()).isEqualTo(KeyState.ENABLED);
        assertThat(created.created()).isEqualTo(store.now);
        assertThat(created.deletion()).isNull();
        assertThat(service.describe(ORDERS)).isEqualTo(created);
        assertThat(service.describe(created.id())).isEqualTo(created);

        try (DataKeyPair pair = service.generateDataKey(ORDERS, 32, CONTEXT)) {
            assertThat(pair.plaintext().length()).isEqualTo(32);
            assertThat(service.keyOf(pair.encrypted())).contains(created.id());
            assertThat(pair.encrypted().providerId()).isEqualTo("kms-envelope-local");
            assertThat(bytes(service.decrypt(created.id(), pair.encrypted(), CONTEXT)))
                    .isEqualTo(pair.plaintext().copy());
        }
    }

    @Test
    void keysAreListedInTheOrderOfTheirCreation() {
        KeyId first = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        KeyId second = admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS).id();
        KeyId third = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        assertThat(service.list()).extracting(KeyDescription::id).containsExactly(first, second, third);
    }

    @Test
    void theNewestVersionEncryptsAndOlderOnesDecrypt() throws Exception {
        admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
        EncryptedDataKey old = service.encrypt(ORDERS, PLAINTEXT, CONTEXT);
        store.pass(Duration.ofDays(90));
        KeyDescription rotated = admin.rotate(ORDERS);
        assertThat(rotated.versions()).extracting(KeyDescription.KeyVersion::id).containsExactly("1", "2");
        assertThat(rotated.currentVersion().orElseThrow().created()).isEqualTo(store.now);
        EncryptedDataKey fresh = service.encrypt(ORDERS, PLAINTEXT, CONTEXT);

        assertThat(RawAesKeyInfo.parse(old.providerInfo()).keyName()).isEqualTo(rotated.id() + "/1");
        assertThat(RawAesKeyInfo.parse(fresh.providerInfo()).keyName()).isEqualTo(rotated.id() + "/2");
        assertThat(bytes(service.decrypt(rotated.id(), old, CONTEXT))).isEqualTo(PLAINTEXT);
        assertThat(bytes(service.decrypt(rotated.id(), fresh, CONTEXT))).isEqualTo(PLAINTEXT);
        EncryptedDataKey moved = service.reEncrypt(rotated.id(), old, CONTEXT, ORDERS, EncryptionContext.empty());
        assertThat(RawAesKeyInfo.parse(moved.providerInfo()).keyName()).isEqualTo(rotated.id() + "/2");
        assertThat(bytes(service.decrypt(rotated.id(), moved, EncryptionContext.empty())))
                .isEqualTo(PLAINTEXT);
    }

    @Test
    void theContextIsBound() {
        KeyId key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        EncryptedDataKey encrypted = service.encrypt(key, PLAINTEXT, CONTEXT);
        for (EncryptionContext other : new EncryptionContext[] {
            EncryptionContext.empty(),
            EncryptionContext.of(Map.of("tenant", "other")),
            EncryptionContext.of(Map.of("tenant", "acme", "more", "x"))
        }) {
            assertThatThrownBy(() -> service.decrypt(key, encrypted, other))
                    .isInstanceOf(InvalidCiphertextException.class)
                    .hasMessageNotContaining("acme");
        }
    }

    @Test
    void everyChangedOrMissingByteOfABlobIsNoticed() {
        KeyId key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        admin.rotate(key);
        byte[] blob = service.toBlob(service.encrypt(key, PLAINTEXT, CONTEXT));
        assertThat(bytes(service.decrypt(key, service.fromBlob(key, blob), CONTEXT)))
                .isEqualTo(PLAINTEXT);
        for (int i = 0; i < blob.length; i++) {
            for (int bit : new int[] {0x01, 0x10, 0x80}) {
                byte[] changed = blob.clone();
                changed[i] ^= (byte) bit;
                assertThatThrownBy(() -> service.decrypt(key, service.fromBlob(key, changed), CONTEXT))
                        .as("byte %d, bit %02x", i, bit)
                        .isInstanceOf(InvalidCiphertextException.class);
            }
            byte[] cut = Arrays.copyOf(blob, i);
            assertThatThrownBy(() -> service.decrypt(key, service.fromBlob(key, cut), CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
        }
        byte[] longer = Arrays.copyOf(blob, blob.length + 1);
        assertThatThrownBy(() -> service.fromBlob(key, longer)).isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void whatAnotherKeyEncryptedIsRefused() {
        KeyId one = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        KeyId two = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        EncryptedDataKey encrypted = service.encrypt(one, PLAINTEXT, CONTEXT);
        assertThatThrownBy(() -> service.decrypt(two, encrypted, CONTEXT))
                .isInstanceOf(InvalidCiphertextException.class)
                .hasMessageContaining(one.value());
        EncryptedDataKey foreign = new EncryptedDataKey("aws-kms", encrypted.providerInfo(), encrypted.ciphertext());
        assertThat(service.keyOf(foreign)).isEmpty();
        assertThatThrownBy(() -> service.decrypt(one, foreign, CONTEXT)).isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void sizesAreThoseOfAwsKms() {
        KeyId key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        assertThat(bytes(service.decrypt(key, service.encrypt(key, new byte[4096], CONTEXT), CONTEXT)))
                .hasSize(4096);
        service.generateDataKey(key, 1024, CONTEXT).close();
        for (int length : new int[] {0, 4097}) {
            assertThatThrownBy(() -> service.encrypt(key, new byte[length], CONTEXT))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (int length : new int[] {-1, 0, 1025}) {
            assertThatThrownBy(() -> service.generateDataKey(key, length, CONTEXT))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    @DisplayName("RULES 14: an alias that is pointed elsewhere still decrypts what its former keys encrypted")
    void anAliasRemembersItsTargets() {
        KeyId first = admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS).id();
        EncryptedDataKey old = service.encrypt(ORDERS, PLAINTEXT, CONTEXT);
        KeyId second = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        admin.updateAlias(ORDERS, second);
        KeyId third = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        admin.updateAlias(ORDERS, third);

        assertThat(service.decryptionKeys(ORDERS)).containsExactly(third, second, first);
        assertThat(service.decryptionKeys(first)).containsExactly(first);
        assertThat(service.describe(ORDERS).id()).isEqualTo(third);
        assertThat(service.describe(first).aliases()).isEmpty();
        assertThat(bytes(service.decrypt(first, old, CONTEXT))).isEqualTo(PLAINTEXT);
        assertThat(bytes(service.decrypt(ORDERS, old, CONTEXT))).isEqualTo(PLAINTEXT);

        admin.updateAlias(ORDERS, first);
        assertThat(service.decryptionKeys(ORDERS)).containsExactly(first, third, second);
        admin.deleteAlias(ORDERS);
        assertThatThrownBy(() -> service.decryptionKeys(ORDERS)).isInstanceOf(KeyNotFoundException.class);
        admin.createAlias(ORDERS, second);
        assertThat(service.decryptionKeys(ORDERS)).containsExactly(second);
    }

    @Test
    void aliasesAreUniqueAndWellFormed() {
        KeyId key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS).id();
        assertThatThrownBy(() -> admin.createAlias(ORDERS, key)).isInstanceOf(AliasExistsException.class);
        assertThatThrownBy(() -> admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS))
                .isInstanceOf(AliasExistsException.class);
        assertThat(service.list()).hasSize(1);
        KeyId absent = KeyId.of("alias/absent");
        assertThatThrownBy(() -> admin.updateAlias(absent, key)).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> admin.deleteAlias(absent)).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> admin.createAlias(absent, absent)).isInstanceOf(KeyNotFoundException.class);
        admin.createAlias(KeyId.of("alias/" + "a".repeat(250)), ORDERS);
        for (String wrong :
                new String[] {"orders", "alias/", "alias/aws/s3", "alias/a:b", "alias/a.b", "alias/" + "a".repeat(251)
                }) {
            assertThatThrownBy(() -> admin.createAlias(KeyId.of(wrong), key))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("alias/");
        }
    }

    @Test
    void aDisabledKeyDoesNothingUntilItIsEnabled() {
        KeyId key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS).id();
        EncryptedDataKey encrypted = service.encrypt(ORDERS, PLAINTEXT, CONTEXT);
        admin.disable(ORDERS);
        assertThat(service.describe(key).state()).isEqualTo(KeyState.DISABLED);
        assertThatThrownBy(() -> service.encrypt(key, PLAINTEXT, CONTEXT)).isInstanceOf(KeyDisabledException.class);
        assertThatThrownBy(() -> service.decrypt(key, encrypted, CONTEXT)).isInstanceOf(KeyDisabledException.class);
        assertThatThrownBy(() -> admin.rotate(key)).isInstanceOf(KeyDisabledException.class);
        admin.enable(key);
        assertThat(bytes(service.decrypt(key, encrypted, CONTEXT))).isEqualTo(PLAINTEXT);
    }

    @Test
    void aDeletionWaitsCanBeCancelledAndIsFinal() {
        KeyId key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS).id();
        KeyId other = admin.createKey(KeySpec.SYMMETRIC_DEFAULT, KeyId.of("alias/other"))
                .id();
        admin.updateAlias(KeyId.of("alias/other"), key);
        admin.updateAlias(KeyId.of("alias/other"), other);
        EncryptedDataKey encrypted = service.encrypt(key, PLAINTEXT, CONTEXT);
        for (int days : new int[] {6, 31}) {
            assertThatThrownBy(() -> admin.scheduleDeletion(key, days)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(admin.scheduleDeletion(key, 7)).isEqualTo(store.now.plus(Duration.ofDays(7)));
        assertThat(service.describe(key).deletion()).isEqualTo(store.now.plus(Duration.ofDays(7)));
        assertThatThrownBy(() -> service.decrypt(key, encrypted, CONTEXT)).isInstanceOf(KeyDisabledException.class);
        assertThatThrownBy(() -> admin.scheduleDeletion(key, 7)).isInstanceOf(KeyDisabledException.class);
        assertThatThrownBy(() -> admin.enable(key)).isInstanceOf(KeyDisabledException.class);
        assertThatThrownBy(() -> admin.disable(key)).isInstanceOf(KeyDisabledException.class);
        assertThatThrownBy(() -> admin.rotate(key)).isInstanceOf(KeyDisabledException.class);
        assertThatThrownBy(() -> admin.createAlias(KeyId.of("alias/x"), key)).isInstanceOf(KeyDisabledException.class);

        admin.cancelDeletion(key);
        assertThat(service.describe(key).state()).isEqualTo(KeyState.DISABLED);
        assertThat(service.describe(key).deletion()).isNull();
        admin.enable(key);
        admin.cancelDeletion(key);
        assertThat(service.describe(key).state()).isEqualTo(KeyState.ENABLED);

        admin.scheduleDeletion(key, 30);
        store.pass(Duration.ofDays(30).minusMillis(1));
        assertThat(service.describe(ORDERS).id()).isEqualTo(key);
        store.pass(Duration.ofMillis(1));
        assertThatThrownBy(() -> service.describe(key)).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> service.describe(ORDERS)).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> service.decrypt(key, encrypted, CONTEXT)).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> admin.cancelDeletion(key)).isInstanceOf(KeyNotFoundException.class);
        assertThat(service.decryptionKeys(KeyId.of("alias/other"))).containsExactly(other);

        admin.rotate(other); // Any write destroys the bytes: the clock set back does not bring the key back.
        store.pass(Duration.ofDays(-30));
        assertThatThrownBy(() -> store.service().describe(key)).isInstanceOf(KeyNotFoundException.class);
        admin.createAlias(ORDERS, other);
    }

    @Test
    void afterCloseEverythingIsRefused() {
        KeyId key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        service.close();
        service.close();
        admin.close();
        assertThatThrownBy(service::list).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> service.encrypt(key, PLAINTEXT, CONTEXT)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> admin.rotate(key)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anInterruptedThreadEncryptsAndStaysInterrupted() {
        KeyId key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        Thread.currentThread().interrupt();
        EncryptedDataKey encrypted = service.encrypt(key, PLAINTEXT, CONTEXT);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(bytes(service.decrypt(key, encrypted, CONTEXT))).isEqualTo(PLAINTEXT);
    }

    @Test
    void readsNeverMakeOrLockFiles() throws Exception {
        KeyId key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        EncryptedDataKey encrypted = service.encrypt(key, PLAINTEXT, CONTEXT);
        Files.delete(store.directory.resolve(DirectoryLock.FILE));
        LocalKeyService reader = store.service();
        assertThat(bytes(reader.decrypt(key, encrypted, CONTEXT))).isEqualTo(PLAINTEXT);
        assertThat(store.directory.resolve(DirectoryLock.FILE)).doesNotExist();
    }
}
