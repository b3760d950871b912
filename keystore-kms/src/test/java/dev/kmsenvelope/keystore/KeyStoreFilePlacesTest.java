package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One loaded KeyStore that is stored to several places in turn: its own writes are never taken for those of others. */
class KeyStoreFilePlacesTest {

    private static final SecretKey AES = new SecretKeySpec(new byte[32], "AES");
    private static final char[] PASSWORD = "any password".toCharArray();

    @TempDir
    private Path home;

    private Path file;
    private Path copy;
    private KeyStore keyStore;

    @BeforeEach
    void loadOne() throws Exception {
        file = home.resolve("store.kms");
        copy = home.resolve("copy.kms");
        KeyStore made = Fixture.load(home);
        made.setKeyEntry("one", AES, null, null);
        made.store(at(file));
        keyStore = Fixture.unloaded();
        keyStore.load(at(file));
    }

    private KmsLoadStoreParameter at(Path path) {
        return new KmsLoadStoreParameter(Configuration.of(Map.of("local.directory", home.toString())), path);
    }

    private List<String> aliases(Path path) throws Exception {
        KeyStore loaded = Fixture.unloaded();
        loaded.load(at(path));
        return Collections.list(loaded.aliases());
    }

    private void add(String alias) throws Exception {
        keyStore.setKeyEntry(alias, AES, null, null);
    }

    private static Reason refusal(KeyStore of, KmsLoadStoreParameter parameter) {
        StoreFileException[] refusal = new StoreFileException[1];
        assertThatThrownBy(() -> of.store(parameter))
                .isInstanceOfSatisfying(StoreFileException.class, e -> refusal[0] = e);
        return refusal[0].reason();
    }

    @Test
    void storingToAStreamIsNoWritingToTheFile() throws Exception {
        add("two");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        keyStore.store(out, PASSWORD);
        assertThat(aliases(file)).containsExactly("one");

        keyStore.store(at(file));

        assertThat(Files.readAllBytes(file)).isEqualTo(out.toByteArray());
        add("three");
        keyStore.store(new ByteArrayOutputStream(), PASSWORD);
        add("four");
        keyStore.store(at(file));
        assertThat(aliases(file)).containsExactly("one", "two", "three", "four");
    }

    /** As keytool and most programs do it. */
    @Test
    void theStreamMayBeThatOfTheFile() throws Exception {
        add("two");
        try (OutputStream out = Files.newOutputStream(file)) {
            keyStore.store(out, PASSWORD);
        }
        add("three");

        keyStore.store(at(file));

        assertThat(aliases(file)).containsExactly("one", "two", "three");
    }

    @Test
    void afterAStreamTheWritesOfOthersAreStillSeen() throws Exception {
        KeyStore other = Fixture.unloaded();
        other.load(at(file));
        other.setKeyEntry("other", AES, null, null);
        other.store(at(file));
        add("two");
        keyStore.store(new ByteArrayOutputStream(), PASSWORD);

        assertThat(refusal(keyStore, at(file))).isEqualTo(Reason.CHANGED_MEANWHILE);
        assertThat(aliases(file)).containsExactly("one", "other");
        Files.delete(file);
        assertThat(refusal(keyStore, at(file))).isEqualTo(Reason.CHANGED_MEANWHILE);
        assertThat(file).as("who removed it meant it").doesNotExist();
    }

    /** A copy is the same file elsewhere, as if cp had made it: nothing is wrapped again. */
    @Test
    void aCopyIsTheSameFileByteForByte() throws Exception {
        keyStore.store(at(copy));

        assertThat(Files.readAllBytes(copy)).isEqualTo(Files.readAllBytes(file));
        KeyStore copied = Fixture.unloaded();
        copied.load(at(copy));
        assertThat(copied.getKey("one", null)).isEqualTo(keyStore.getKey("one", null));
    }

    @Test
    void theFileAndItsCopyAreWrittenInTurn() throws Exception {
        keyStore.store(at(copy));
        for (String alias : List.of("two", "three")) {
            add(alias);
            keyStore.store(at(file));
            keyStore.store(at(copy));
        }
        add("four");
        keyStore.store(at(copy));

        assertThat(aliases(file)).containsExactly("one", "two", "three");
        assertThat(aliases(copy)).containsExactly("one", "two", "three", "four");
        keyStore.store(at(file));
        assertThat(Files.readAllBytes(file)).isEqualTo(Files.readAllBytes(copy));
    }

    @Test
    void whatOthersMakeOfTheCopyIsSeen() throws Exception {
        keyStore.store(at(copy));
        Files.writeString(copy, "theirs");
        add("two");

        assertThat(refusal(keyStore, at(copy))).isEqualTo(Reason.CHANGED_MEANWHILE);

        assertThat(copy).hasContent("theirs");
        Path strange = Files.writeString(home.resolve("strange.kms"), "not ours");
        assertThatThrownBy(() -> keyStore.store(at(strange)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not loaded");
        assertThat(strange).hasContent("not ours");
    }

    @Test
    void oneFileMayBeNamedInSeveralWays() throws Exception {
        Path link = Files.createSymbolicLink(home.resolve("link.kms"), file);
        Path roundabout = Files.createDirectory(home.resolve("folder")).resolve("../store.kms");
        for (Path name : List.of(link, roundabout, file)) {
            add(name.getFileName().toString() + name.getNameCount());
            keyStore.store(new ByteArrayOutputStream(), PASSWORD);
            keyStore.store(at(name));
        }

        assertThat(aliases(file)).hasSize(4);
        assertThat(link).isSymbolicLink();
    }

    /** For a file of its own, entries go into a new KeyStore, whose file has another id: they are wrapped for that one. */
    @Test
    void anotherFileIsMadeByANewKeyStore() throws Exception {
        KeyStore other = Fixture.load(home);
        other.setEntry("one", keyStore.getEntry("one", null), null);
        other.store(at(copy));

        assertThat(id(copy)).isNotEqualTo(id(file));
        KeyStore opened = Fixture.unloaded();
        opened.load(at(copy));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", Fixture.PROVIDER);
        cipher.init(Cipher.ENCRYPT_MODE, opened.getKey("one", null));
        byte[] sealed = cipher.doFinal(Fixture.TEXT);
        cipher.init(Cipher.DECRYPT_MODE, keyStore.getKey("one", null), new GCMParameterSpec(128, cipher.getIV()));
        assertThat(cipher.doFinal(sealed)).isEqualTo(Fixture.TEXT);
    }

    private static String id(Path path) throws IOException {
        return Files.readAllLines(path).stream()
                .filter(line -> line.contains("\"id\""))
                .findFirst()
                .orElseThrow();
    }
}
