package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.Backends;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Collections;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Where keystore files go to, and what is said when they cannot. */
class KeyStoreFileStoreTest extends KeyStoreFileStoreCase {

    @Test
    void theFirstWriteMakesTheKeyOfTheLocalBackend() throws Exception {
        KeyStore keyStore = Fixture.load(home);
        assertThat(home.resolve("keys.p7m")).doesNotExist();

        keyStore.store(new ByteArrayOutputStream(), null);

        try (KeyService service = Backends.openService(Fixture.settings(home))) {
            assertThat(service.describe(KeyId.of("alias/kms-envelope-keystore")))
                    .isNotNull();
        }
    }

    @Test
    void anEmptyStoreIsAFileToo() throws Exception {
        KeyStore keyStore = make();

        assertThat(keyStore.size()).isZero();
        assertThat(Files.readString(file)).startsWith("kms-envelope-keystore 1\n");
    }

    @Test
    void storingToAStreamWritesWhatALoadReads() throws Exception {
        KeyStore keyStore = make("one");
        keyStore.setKeyEntry("two", AES, null, null);
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        keyStore.store(out, PASSWORD);

        Files.write(file, out.toByteArray());
        assertThat(Collections.list(load().aliases())).containsExactly("one", "two");
        keyStore.store(null, null);
    }

    /** So that nothing moves in git when nothing was changed, and whoever may only decrypt can copy. */
    @Test
    void whatWasNotChangedIsWrittenByteForByte() throws Exception {
        KeyStore keyStore = make("one");
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        keyStore.store(out, PASSWORD);

        assertThat(out.toByteArray()).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void withNothingUnsavedStoringNowhereSucceedsAndElseItSaysWhatToDo() throws Exception {
        KeyStore keyStore = make("one");
        keyStore.store(null, null);
        keyStore.store(null);

        keyStore.setKeyEntry("two", AES, null, null);

        for (ThrowingCallable nowhere :
                new ThrowingCallable[] {() -> keyStore.store(null, PASSWORD), () -> keyStore.store(null)}) {
            assertThatThrownBy(nowhere)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not stored")
                    .hasMessageContaining("KmsLoadStoreParameter");
        }
        keyStore.store(new KmsLoadStoreParameter(settings));
        keyStore.store(null, null);
        assertThat(Collections.list(load().aliases())).containsExactly("one", "two");
    }

    @Test
    void aFailureToWriteLeavesTheEntriesUnsaved() throws Exception {
        KeyStore keyStore = make("one");
        keyStore.setKeyEntry("two", AES, null, null);
        OutputStream broken = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("the disk is full");
            }
        };

        assertThatThrownBy(() -> keyStore.store(broken, null)).hasMessage("the disk is full");

        assertThatThrownBy(() -> keyStore.store(null, null)).isInstanceOf(IOException.class);
        keyStore.store(new KmsLoadStoreParameter(settings));
        assertThat(Collections.list(load().aliases())).containsExactly("one", "two");
    }

    @Test
    void ofTwoWritersTheSecondLosesNothingOfTheFirst() throws Exception {
        make("one");
        KeyStore first = load();
        KeyStore second = load();
        first.setKeyEntry("first", AES, null, null);
        second.setKeyEntry("second", AES, null, null);

        first.store(new KmsLoadStoreParameter(settings));

        assertThatThrownBy(() -> second.store(new KmsLoadStoreParameter(settings)))
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CHANGED_MEANWHILE));
        assertThat(Collections.list(load().aliases())).containsExactly("one", "first");
    }

    @Test
    void aFileThatWasNotLoadedIsNotReplaced() throws Exception {
        make("one");
        KeyStore other = Fixture.load(home);
        other.setKeyEntry("other", AES, null, null);

        assertThatThrownBy(() -> other.store(new KmsLoadStoreParameter(settings, file)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not loaded");
        assertThat(Collections.list(load().aliases())).containsExactly("one");
    }

    @Test
    void aFolderThatIsReadOnlyIsSaidAndTheFileStays() throws Exception {
        Path folder = Files.createDirectory(home.resolve("folder"));
        file = folder.resolve("store.kms");
        KeyStore keyStore = make("one");
        byte[] before = Files.readAllBytes(file);
        keyStore.setKeyEntry("two", AES, null, null);
        assertThat(folder.toFile().setWritable(false)).isTrue();
        try {
            assumeFalse(Files.isWritable(folder), "this user may write everywhere");
            assertThatThrownBy(() -> keyStore.store(new KmsLoadStoreParameter(settings)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(file.toString());
            assertThat(Files.readAllBytes(file)).isEqualTo(before);
        } finally {
            folder.toFile().setWritable(true);
        }
    }

    /** Not even the superuser makes files here. */
    @Test
    void aPlaceWhereNothingCanBeWrittenIsSaidAndTheEntriesStayUnsaved() throws Exception {
        Path nowhere = Path.of("/proc/store.kms");
        assumeTrue(Files.isDirectory(nowhere.getParent()), "a file system that nobody can write to");
        KeyStore keyStore = make("one");
        keyStore.setKeyEntry("two", AES, null, null);

        assertThatThrownBy(() -> keyStore.store(new KmsLoadStoreParameter(settings, nowhere)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(nowhere.toString());

        assertThatThrownBy(() -> keyStore.store(null, null)).isInstanceOf(IOException.class);
        keyStore.store(new KmsLoadStoreParameter(settings));
        assertThat(Collections.list(load().aliases())).containsExactly("one", "two");
    }

    @Test
    void afterAChangeOnDiskANewLoadShowsIt() throws Exception {
        KeyStore server = make("one");
        KeyStore administrator = load();
        administrator.setKeyEntry("two", AES, null, null);
        administrator.store(new KmsLoadStoreParameter(settings));

        assertThat(server.containsAlias("two")).isFalse();
        server.load(new KmsLoadStoreParameter(settings, file));
        assertThat(server.containsAlias("two")).isTrue();
    }
}
