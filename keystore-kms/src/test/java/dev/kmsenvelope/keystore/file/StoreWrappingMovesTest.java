package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.keystore.file.Samples.Identity;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.provider.DataKeyUsage;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Entries that get another place or another key: they are wrapped again, and work as before. */
class StoreWrappingMovesTest extends StoreWrappingCase {

    private interface Step {
        Object run() throws Exception;
    }

    @Test
    void renamingWrapsAgainWithoutGivingAnythingOut() throws Exception {
        DataKeyEntry entry = wrapping.addVersion(content, wrapRaw("tokens"));
        kms.takeRequests();

        DataKeyEntry renamed = (DataKeyEntry) wrapping.rename(content, entry, "cookies");

        assertThat(kms.takeRequests()).containsExactly("reEncrypt", "reEncrypt");
        assertThat(renamed.alias()).isEqualTo("cookies");
        assertThat(renamed.created()).isEqualTo(entry.created());
        assertThat(unwrap(content, renamed, 1)).isEqualTo(RAW);
        assertThat(unwrap(content, renamed, 2)).isEqualTo(unwrap(content, entry, 2));
    }

    @Test
    void copyingGivesTheOtherFileItsOwn() throws Exception {
        StoreContent other = StoreContent.create();
        StoreContent all = Samples.all(kms);
        for (StoreEntry entry : all.entries()) {
            StoreEntry copy = wrapping.copy(all, entry, other, "copy");
            assertThat(copy.alias()).isEqualTo("copy");
            assertThat(copy.getClass()).isEqualTo(entry.getClass());
            assertThat(copy.created()).isEqualTo(entry.created());
        }
        DataKeyEntry copied = (DataKeyEntry) wrapping.copy(content, wrapRaw("tokens"), other, "tokens");
        assertThat(unwrap(other, copied, 1)).isEqualTo(RAW);
        assertThatThrownBy(() -> unwrap(content, copied, 1)).isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void anotherKeyOrANewVersionOfItTakesOver() throws Exception {
        DataKeyEntry entry = wrapRaw("tokens");
        try (KeyAdministration keys = kms.administration()) {
            DataKeyEntry moved = (DataKeyEntry) wrapping.rewrap(content, entry, Watched.OTHER);
            assertThat(moved.key()).isEqualTo(idOf(Watched.OTHER));
            keys.disable(Watched.DATA);
            assertThat(unwrap(content, moved, 1)).isEqualTo(RAW);
            assertThatThrownBy(() -> unwrap(content, entry, 1)).isInstanceOf(KeyDisabledException.class);

            keys.rotate(Watched.OTHER);
            DataKeyEntry newest = (DataKeyEntry) wrapping.rewrap(content, moved, moved.key());
            assertThat(unwrap(content, newest, 1)).isEqualTo(RAW);
            assertThat(kms.service()
                            .versionOf(
                                    newest.key(),
                                    kms.service()
                                            .fromBlob(
                                                    newest.key(),
                                                    newest.newest().blob()),
                                    wrapping.stored(content, newest, newest.newest())
                                            .context()))
                    .contains("2");
        }
    }

    @Test
    void pointersAndCertificatesNeedNoService() throws Exception {
        KeyPointer pointer = new KeyPointer("a", Samples.CREATED, Watched.DATA);
        CertificateEntry trusted = new CertificateEntry("a", Samples.CREATED, new byte[1]);
        kms.takeRequests();

        assertThat(wrapping.rename(content, pointer, "b"))
                .isEqualTo(new KeyPointer("b", Samples.CREATED, Watched.DATA));
        assertThat(wrapping.rename(content, trusted, "b"))
                .isEqualTo(new CertificateEntry("b", Samples.CREATED, new byte[1]));
        assertThat(wrapping.rewrap(content, pointer, Watched.OTHER)).isSameAs(pointer);
        assertThat(wrapping.rewrap(content, trusted, Watched.OTHER)).isSameAs(trusted);
        assertThatIllegalArgumentException().isThrownBy(() -> wrapping.rename(content, pointer, "b@2"));
        assertThat(kms.takeRequests()).isEmpty();
    }

    @Test
    void aServiceThatFailsAtAnyRequestSaysSo() throws Exception {
        Identity identity = Samples.identity();
        DataKeyEntry dataKey = wrapping.addVersion(content, wrapRaw("tokens"));
        PrivateKeyEntry privateKey =
                wrapping.wrap(content, "tls", Watched.DATA, Samples.CONTEXT, identity.key(), identity.chain());
        List<Step> steps = List.of(
                () -> Samples.dataKey(kms, content, "new"),
                () -> wrapRaw("new"),
                () -> wrapping.addVersion(content, dataKey),
                () -> wrapping.wrap(content, "new", Watched.DATA, Map.of(), identity.key(), identity.chain()),
                () -> wrapping.unwrap(content, privateKey),
                () -> wrapping.rename(content, dataKey, "new"),
                () -> wrapping.rename(content, privateKey, "new"),
                () -> wrapping.rewrap(content, dataKey, Watched.OTHER),
                () -> wrapping.rewrap(content, privateKey, Watched.OTHER));
        for (Step step : steps) {
            kms.takeRequests();
            assertThat(step.run()).isNotNull();
            int requests = kms.takeRequests().size();
            assertThat(requests).isBetween(1, 2);
            for (int i = 0; i < requests; i++) {
                kms.failAt(i);
                assertThatThrownBy(step::run).isInstanceOf(KmsUnavailableException.class);
            }
        }
    }

    @Test
    void whatIsAllowedBecomesLessAndNeverMore() throws Exception {
        DataKeyEntry raw =
                wrapping.wrap(content, "raw", Watched.DATA, DataKeyUsage.AES_KW, true, Samples.CONTEXT, 5, RAW);
        DataKeyEntry two = wrapping.addVersion(content, raw);
        kms.takeRequests();

        DataKeyEntry opaque = wrapping.restrict(content, two, "opaque", false, 4);

        assertThat(kms.takeRequests()).containsOnly("reEncrypt").hasSize(2);
        assertThat(opaque.extractable()).isFalse();
        assertThat(opaque.maxMessages()).isEqualTo(4);
        assertThat(opaque.usage()).isEqualTo(DataKeyUsage.AES_KW);
        assertThat(unwrap(content, opaque, 1)).isEqualTo(RAW);
        assertThat(unwrap(content, opaque, 2)).isEqualTo(unwrap(content, two, 2));
        kms.takeRequests();
        assertThatIllegalArgumentException().isThrownBy(() -> wrapping.restrict(content, opaque, "raw", true, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> wrapping.restrict(content, opaque, "raw", false, 5));
        assertThat(kms.takeRequests()).isEmpty();
    }
}
