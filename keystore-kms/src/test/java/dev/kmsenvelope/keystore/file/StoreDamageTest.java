package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.keystore.file.DataKeyEntry.Version;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsStoredKey;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.UnrecoverableKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("RULES 19: what is damaged in a file, even under a right seal, is not said to be trouble of the service")
class StoreDamageTest {

    @TempDir
    private static Path directory;

    private static Watched kms;
    private static StoreContent content;

    @BeforeAll
    static void make() throws Exception {
        kms = new Watched(directory);
        content = Samples.all(kms);
    }

    @AfterAll
    static void close() {
        kms.close();
    }

    /** The same bytes cut, changed, and longer, and others. */
    private static List<byte[]> damaged(byte[] good) {
        List<byte[]> all = new ArrayList<>();
        for (int length = 1; length < good.length; length++) {
            all.add(Arrays.copyOf(good, length));
        }
        for (int bit = 0; bit < good.length * Byte.SIZE; bit += 3) {
            byte[] flipped = good.clone();
            flipped[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            all.add(flipped);
        }
        all.add(Arrays.copyOf(good, good.length + 1));
        all.add(Arrays.copyOf(good, StoreLimits.BLOB));
        all.add(new byte[StoreLimits.BLOB]);
        byte[] noise = new byte[200];
        new Random(1).nextBytes(noise);
        all.add(noise);
        return all;
    }

    private static DataKeyEntry withBlob(byte[] blob) {
        return entry().withVersions(List.of(new Version(1, Samples.CREATED, blob)));
    }

    private static KmsStoredKey handle(DataKeyEntry entry) {
        return KmsStoredKey.of(
                kms.services(),
                kms.wrapping().stored(content, entry, entry.newest()),
                KeyPolicy.ofNoKey(Configuration.empty()));
    }

    @Test
    void aDamagedDataKeyIsUnrecoverable() {
        byte[] good = entry().versions().get(0).blob();
        for (byte[] blob : damaged(good)) {
            DataKeyEntry bad = withBlob(blob);
            assertThat(catchThrowable(() -> kms.wrapping().rewrap(content, bad, Watched.OTHER)))
                    .isInstanceOf(UnrecoverableKeyException.class);
            assertThat(catchThrowable(() -> kms.wrapping().rename(content, bad, "other")))
                    .isInstanceOf(UnrecoverableKeyException.class);
            assertThat(catchThrowable(
                            () -> kms.wrapping().adopt(handle(bad).stored(), StoreContent.create(), "tokens", 1)))
                    .isInstanceOf(UnrecoverableKeyException.class);
        }
    }

    private static DataKeyEntry entry() {
        return (DataKeyEntry) content.find("tokens").orElseThrow();
    }

    @Test
    void aDamagedPrivateKeyIsUnrecoverable() {
        PrivateKeyEntry tls = (PrivateKeyEntry) content.find("tls").orElseThrow();
        for (byte[] message : damaged(tls.message())) {
            PrivateKeyEntry bad = new PrivateKeyEntry(
                    "tls", tls.created(), tls.key(), tls.context(), tls.algorithm(), message, tls.chain());
            assertThat(catchThrowable(() -> kms.wrapping().unwrap(content, bad)))
                    .isInstanceOf(UnrecoverableKeyException.class);
            assertThat(catchThrowable(() -> kms.wrapping().rename(content, bad, "other")))
                    .isInstanceOf(UnrecoverableKeyException.class);
        }
    }

    /** Whoever may encrypt under the key can make such a file; it is the file that is wrong. */
    @ParameterizedTest
    @ValueSource(ints = {1, 16, 31, 33, 64})
    void aSealOfAnotherLengthIsABadSeal(int length) throws Exception {
        EncryptedDataKey seal =
                kms.service().encrypt(Watched.PINNED, new byte[length], EntryContext.ofSeal(Forge.ID, 1));
        String head = "{\"id\":\"" + Forge.ID + "\",\"generation\":1,\"seal\":{\"key\":\"" + Watched.PINNED
                + "\",\"encrypted-key\":\"" + Base64Text.encode(kms.service().toBlob(seal)) + "\"},\"entries\":[]}";
        byte[] file = StoreCodec.join(StoreCodec.cover(head), new byte[StoreCodec.MAC_LENGTH]);

        assertThatThrownBy(() -> kms.seal().open(file))
                .isInstanceOfSatisfying(
                        StoreFileException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_SEAL))
                .hasMessageContaining(length + " bytes");
    }

    /** Where the service makes it, there is no file to blame. */
    @Test
    void aSealKeyOfAnotherLengthFromTheServiceIsItsTrouble() {
        kms.giveShortKeys(true);
        try {
            assertThatThrownBy(() -> kms.seal().seal(content)).isInstanceOf(KmsUnavailableException.class);
        } finally {
            kms.giveShortKeys(false);
        }
    }

    @Test
    void aDataKeyOfAnotherLengthThanItsEntryIsDamaged() {
        DataKeyEntry tokens = entry();
        Map<String, String> context = kms.wrapping()
                .stored(content, tokens, tokens.versions().get(0))
                .context()
                .asMap();
        for (int length : new int[] {1, 16, 31, 33, 48}) {
            byte[] blob = kms.service()
                    .toBlob(kms.service().encrypt(Watched.DATA, new byte[length], EncryptionContext.of(context)));
            DataKeyEntry bad = withBlob(blob);
            assertThatThrownBy(() -> seal(handle(bad)))
                    .isInstanceOf(InvalidKeyException.class)
                    .hasCauseInstanceOf(InvalidCiphertextException.class)
                    .hasMessageContaining("tokens");
        }
    }

    private static byte[] seal(KmsStoredKey key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        cipher.init(Cipher.ENCRYPT_MODE, key);
        return cipher.doFinal(new byte[1]);
    }
}
