package dev.kmsenvelope.hierarchy.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.files.DurableFiles;
import dev.kmsenvelope.hierarchy.BranchKey;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyConflictException;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import dev.kmsenvelope.hierarchy.BranchKeyDescription.Version;
import dev.kmsenvelope.hierarchy.BranchKeyStore;
import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.hierarchy.item.BranchKeyItem;
import dev.kmsenvelope.hierarchy.item.ItemAdministration;
import dev.kmsenvelope.hierarchy.item.ItemStore;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileStoreTest {

    private static final String NAME = "the logical name";
    private static final EncryptionContext BOUND = EncryptionContext.of(Map.of("department", "admin", "ü", "x"));
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678901Z");

    @TempDir
    private Path directory;

    private final InMemoryKeyService kms =
            new InMemoryKeyService().withKey("root").withKey("other");
    private Path file;
    private BranchKeyAdministration administration;
    private BranchKeyStore store;

    @BeforeEach
    void open() {
        file = directory.resolve("inner").resolve("branch-keys");
        administration = administration(kms, new DurableFiles());
        store = store(NAME, "root");
    }

    private BranchKeyAdministration administration(KeyService service, DurableFiles files) {
        return new ItemAdministration(
                new FileTable(file, files),
                new ServiceWrapping(service, KeyId.of("root")),
                NAME,
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private BranchKeyStore store(String logicalName, String kmsKey) {
        return new ItemStore(
                new FileTable(file, new DurableFiles()), new ServiceWrapping(kms, KeyId.of(kmsKey)), logicalName);
    }

    private static byte[] bytes(BranchKey key) {
        try (key) {
            return key.key().copy();
        }
    }

    @Test
    void aBranchKeyLives() {
        BranchKeyDescription created = administration.create("a", BOUND);
        assertThat(created.id()).isEqualTo("a");
        assertThat(created.kmsKey()).isEqualTo("root");
        assertThat(created.context()).isEqualTo(BOUND);
        assertThat(created.active().created()).isEqualTo(NOW);
        byte[] first = bytes(store.active("a"));
        UUID version = UUID.fromString(created.active().id());
        assertThat(version.version()).isEqualTo(4);
        assertThat(bytes(store.version("a", version))).isEqualTo(first);

        BranchKeyDescription rotated = administration.rotate("a");
        assertThat(rotated.versions()).extracting(Version::id).startsWith(version.toString());
        assertThat(rotated.versions()).hasSize(2);
        assertThat(rotated.context()).isEqualTo(BOUND);
        assertThat(bytes(store.active("a"))).isNotEqualTo(first);
        assertThat(bytes(store.version("a", version))).isEqualTo(first);
        assertThat(store.describe("a")).isEqualTo(administration.describe("a"));

        administration.create("b", EncryptionContext.empty());
        assertThat(store.list()).extracting(BranchKeyDescription::id).containsExactly("a", "b");
        assertThat(bytes(store.active("b"))).isNotEqualTo(bytes(store.active("a")));
    }

    @Test
    @DisplayName("Under an RSA key anyone with its certificate could make branch keys: none is made, changed or read")
    void keysThatBindNothing() {
        administration.create("a", BOUND);
        KeyService unbound = KeyServices.withoutBinding(kms);
        BranchKeyAdministration refused = administration(unbound, new DurableFiles());
        try (BranchKeyStore reader = new ItemStore(
                new FileTable(file, new DurableFiles()), new ServiceWrapping(unbound, KeyId.of("root")), NAME)) {
            for (ThrowingCallable use : List.<ThrowingCallable>of(
                    () -> refused.create("b", BOUND), () -> refused.rotate("a"), () -> reader.active("a"))) {
                assertThatThrownBy(use)
                        .isInstanceOf(KmsConfigurationException.class)
                        .hasMessageContaining("root cannot be used for branch keys: it is an RSA key");
            }
        }
        assertThat(store.list()).hasSize(1);
    }

    @Test
    @DisplayName("Who uses branch keys and has no file at all has a wrong path, and no wrong message")
    void noFileAtAll() {
        FileTable table = FileTable.toUse(file, new DurableFiles());
        try (BranchKeyStore user = new ItemStore(table, new ServiceWrapping(kms, KeyId.of("root")), NAME)) {
            for (ThrowingCallable use : List.<ThrowingCallable>of(
                    () -> user.active("a"), () -> user.version("a", UUID.randomUUID()), user::list)) {
                assertThatThrownBy(use)
                        .isInstanceOf(BranchKeyStoreException.class)
                        .hasMessageContaining("there is no file " + file);
            }
            administration.create("a", BOUND);
            assertThat(bytes(user.active("a"))).hasSize(32);
        }
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThatThrownBy(() -> store.active("a")).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> administration.rotate("a")).isInstanceOf(KeyNotFoundException.class);
        administration.create("a", BOUND);
        assertThatThrownBy(() -> store.version("a", UUID.randomUUID())).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> store.describe("b")).isInstanceOf(KeyNotFoundException.class);
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void itIsForItsOwnerOnly() throws IOException {
        assumeTrue(Files.getFileAttributeView(directory, PosixFileAttributeView.class) != null, "no permissions here");
        administration.create("a", BOUND);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())))
                .isEqualTo("rwx------");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "ä", "alias/x", "a\n"})
    void impossibleNamesAreRefused(String id) {
        assertThatThrownBy(() -> administration.create(id, BOUND)).isInstanceOf(IllegalArgumentException.class);
        assertThat(file).doesNotExist();
    }

    @Test
    void aNameIsTakenOnce() {
        BranchKeyDescription first = administration.create("a", BOUND);
        assertThatThrownBy(() -> administration.create("a", BOUND))
                .isInstanceOf(BranchKeyConflictException.class)
                .hasMessageContaining("exists already");
        assertThat(administration.describe("a")).isEqualTo(first);
    }

    /** What another process rotates in the same moment is not overwritten. */
    @Test
    void aRotationInBetweenIsNoticed() {
        administration.create("a", BOUND);
        KeyService slow = KeyServices.watching("reEncrypt", kms, arguments -> {
            if (store.describe("a").versions().size() == 1) {
                administration.rotate("a");
            }
        });
        BranchKeyAdministration other = administration(slow, new DurableFiles());
        assertThatThrownBy(() -> other.rotate("a")).isInstanceOf(BranchKeyConflictException.class);
        assertThat(store.describe("a").versions()).hasSize(2);
    }

    @Test
    void manyWritersLoseNothing() throws Exception {
        List<List<String>> made = Crowd.each(8, thread -> () -> {
            BranchKeyAdministration own = administration(kms, new DurableFiles());
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                ids.add(own.create("t-" + thread + "-" + i, BOUND).id());
                own.rotate(ids.get(i));
            }
            return ids;
        });
        List<String> all = made.stream().flatMap(List::stream).toList();
        assertThat(store.list()).extracting(BranchKeyDescription::id).containsExactlyInAnyOrderElementsOf(all);
        for (String id : all) {
            assertThat(store.describe(id).versions()).hasSize(2);
            bytes(store.active(id));
        }
    }

    private Map<String, BranchKeyItem> items() throws IOException {
        Map<String, BranchKeyItem> items = new TreeMap<>();
        ItemFile.decode(Files.readAllBytes(file)).forEach(item -> items.put(item.id() + " " + item.type(), item));
        return items;
    }

    private void write(Map<String, BranchKeyItem> items) throws IOException {
        Files.write(file, ItemFile.encode(items.values()));
        Files.setLastModifiedTime(
                file,
                java.nio.file.attribute.FileTime.from(
                        Files.getLastModifiedTime(file).toInstant().plus(Duration.ofSeconds(1))));
    }

    private static BranchKeyItem with(BranchKeyItem item, String name, String value) {
        Map<String, String> attributes = new TreeMap<>(item.attributes());
        attributes.put(name, value);
        return BranchKeyItem.of(attributes, item.encrypted());
    }

    /** Every attribute is bound to the branch key: its names, times, versions, and what the owner bound to it. */
    @Test
    void aChangedAttributeIsRefused() throws IOException {
        administration.create("a", BOUND);
        String active = "a " + BranchKeyItem.ACTIVE;
        BranchKeyItem intact = items().get(active);
        Map<String, String> changes = Map.of(
                "create-time", "2026-01-02T03:04:05.678902Z",
                "version", BranchKeyItem.VERSION_PREFIX + UUID.randomUUID(),
                "aws-crypto-ec:department", "user",
                "aws-crypto-ec:new", "x",
                "new", "x");
        for (Map.Entry<String, String> change : changes.entrySet()) {
            Map<String, BranchKeyItem> items = items();
            items.put(active, with(intact, change.getKey(), change.getValue()));
            write(items);
            assertThatThrownBy(() -> store.active("a")).as(change.getKey()).isInstanceOf(BranchKeyStoreException.class);
            assertThatThrownBy(() -> administration.rotate("a"))
                    .as(change.getKey())
                    .isInstanceOf(BranchKeyStoreException.class);
        }
        Map<String, String> less = new TreeMap<>(intact.attributes());
        less.remove("aws-crypto-ec:department");
        Map<String, BranchKeyItem> items = items();
        items.put(active, BranchKeyItem.of(less, intact.encrypted()));
        write(items);
        assertThatThrownBy(() -> store.active("a")).isInstanceOf(BranchKeyStoreException.class);
    }

    @Test
    void itemsCannotTakeEachOthersPlaces() throws IOException {
        administration.create("a", BOUND);
        administration.create("b", BOUND);
        UUID first = UUID.fromString(administration.describe("a").active().id());
        administration.rotate("a");
        Map<String, BranchKeyItem> items = items();
        BranchKeyItem older = items.get("a " + BranchKeyItem.VERSION_PREFIX + first);
        BranchKeyItem active = items.get("a " + BranchKeyItem.ACTIVE);

        BranchKeyItem asActive = BranchKeyItem.of(active.attributes(), older.encrypted());
        BranchKeyItem ofAnother =
                BranchKeyItem.of(items.get("b " + BranchKeyItem.ACTIVE).attributes(), active.encrypted());
        items.put("a " + BranchKeyItem.ACTIVE, asActive);
        items.put("b " + BranchKeyItem.ACTIVE, ofAnother);
        write(items);
        assertThatThrownBy(() -> store.active("a")).isInstanceOf(BranchKeyStoreException.class);
        assertThatThrownBy(() -> store.active("b")).isInstanceOf(BranchKeyStoreException.class);
    }

    /** Who can write the file cannot make readers use a key of his own. */
    @Test
    void aKeyThatTheSettingsDoNotNameIsNotAsked() throws IOException {
        administration.create("a", BOUND);
        int calls = kms.decrypted.get();
        Map<String, BranchKeyItem> items = items();
        items.replaceAll((name, item) -> with(item, "kms-arn", "other"));
        write(items);
        assertThatThrownBy(() -> store.active("a"))
                .isInstanceOf(BranchKeyStoreException.class)
                .hasMessageContaining("other");
        assertThat(kms.decrypted).hasValue(calls);
        items.replaceAll((name, item) -> with(item, "kms-arn", "no name of a key"));
        write(items);
        assertThatThrownBy(() -> store.active("a")).isInstanceOf(BranchKeyStoreException.class);
        assertThatThrownBy(() -> store(NAME, "other").active("a")).isInstanceOf(BranchKeyStoreException.class);
    }

    @Test
    void anotherLogicalNameIsRefused() {
        administration.create("a", BOUND);
        assertThatThrownBy(() -> store("another", "root").active("a"))
                .isInstanceOf(BranchKeyStoreException.class)
                .hasMessageContaining("hierarchical.logical-name");
    }

    @Test
    void everyTruncationAndEveryChangedByteIsRefused() throws IOException {
        administration.create("a", BOUND);
        byte[] content = Files.readAllBytes(file);
        byte[] key = bytes(store.active("a"));
        for (int length = 0; length < content.length; length++) {
            byte[] cut = Arrays.copyOf(content, length);
            assertThatThrownBy(() -> ItemFile.decode(cut)).isInstanceOf(BranchKeyStoreException.class);
        }
        assertThatThrownBy(() -> ItemFile.decode(Arrays.copyOf(content, content.length + 1)))
                .isInstanceOf(BranchKeyStoreException.class);
        for (int at = 0; at < content.length; at++) {
            byte[] changed = content.clone();
            changed[at] ^= 1;
            Files.write(file, changed);
            try {
                assertThat(bytes(store(NAME, "root").active("a")))
                        .as("another item")
                        .isEqualTo(key);
            } catch (BranchKeyStoreException | KeyNotFoundException e) {
                assertThat(e).hasMessageNotContaining(new String(key, StandardCharsets.ISO_8859_1));
            }
        }
    }

    @Test
    void whatIsNoFileOfBranchKeysIsRefused() throws IOException {
        Files.createDirectories(file);
        assertThatThrownBy(() -> store.active("a")).isInstanceOf(KmsConfigurationException.class);
        Files.delete(file);
        Files.writeString(file, "something else");
        assertThatThrownBy(() -> store.active("a"))
                .isInstanceOf(BranchKeyStoreException.class)
                .hasMessageContaining(file.toString());
        assertThatThrownBy(() -> administration.create("a", BOUND)).isInstanceOf(BranchKeyStoreException.class);
        assertThat(file).hasContent("something else");
    }

    /** RULES 19: the service's failure is the caller's, and nothing is written before all is there. */
    @ParameterizedTest
    @ValueSource(strings = {"describe", "generateDataKey", "reEncrypt"})
    void aFailingServiceLeavesNothingBehind(String operation) {
        for (KmsException failure :
                List.of(new KmsUnavailableException("down", null), new KeyAccessDeniedException("denied", null))) {
            BranchKeyAdministration failing =
                    administration(KeyServices.failingAt(operation, kms, () -> failure), new DurableFiles());
            assertThatThrownBy(() -> failing.create("a", BOUND)).isSameAs(failure);
            assertThat(file).doesNotExist();
        }
    }

    @Test
    void aFailingDecryptionIsTheServices() {
        administration.create("a", BOUND);
        KmsException failure = new KeyAccessDeniedException("denied", null);
        BranchKeyStore failing = new ItemStore(
                new FileTable(file, new DurableFiles()),
                new ServiceWrapping(KeyServices.failingAt("decrypt", kms, () -> failure), KeyId.of("root")),
                NAME);
        assertThatThrownBy(() -> failing.active("a")).isSameAs(failure);
    }

    @Test
    void aFullDiskChangesNothing() {
        BranchKeyDescription before = administration.create("a", BOUND);
        DurableFiles full = new DurableFiles() {
            @Override
            protected void move(Path from, Path to) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        BranchKeyAdministration failing = administration(kms, full);
        assertThatThrownBy(() -> failing.rotate("a")).isInstanceOf(KmsUnavailableException.class);
        assertThatThrownBy(() -> failing.create("b", BOUND)).isInstanceOf(KmsUnavailableException.class);
        assertThat(store.list()).extracting(BranchKeyDescription::active).containsExactly(before.active());
        assertThat(administration.rotate("a").versions()).hasSize(2);
    }

    @Test
    void noPlainTextIsLeftAfterAdministration() {
        administration.create("a", BOUND);
        administration.rotate("a");
        assertThat(kms.handedOut).allMatch(secret -> secret.isDestroyed());
    }
}
