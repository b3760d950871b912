package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayName("RULES 18: what was changed is refused as a whole, and so is what another key sealed")
class StoreTamperTest {

    private static final int MAGIC = "kms-envelope-keystore ".length();

    @TempDir
    private static Path directory;

    private static Watched kms;
    private static StoreContent content;
    private static byte[] file;
    private static String text;

    @BeforeAll
    static void seal() throws Exception {
        kms = new Watched(directory);
        content = Samples.few(kms);
        file = kms.seal().seal(content);
        text = Forge.text(file);
    }

    @AfterAll
    static void close() {
        kms.close();
    }

    private static Reason refusal(StoreSeal seal, byte[] bytes) {
        StoreFileException refusal = catchThrowableOfType(StoreFileException.class, () -> seal.open(bytes));
        assertThat(refusal).as("it is refused").isNotNull();
        assertThat(refusal.getMessage()).matches("[ -~]+");
        return refusal.reason();
    }

    private static Reason refusal(byte[] bytes) {
        return refusal(kms.seal(), bytes);
    }

    private static Reason refusal(String changed) {
        assertThat(changed).isNotEqualTo(text);
        return refusal(changed.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    @DisplayName(
            "Under an RSA key anyone with its certificate could seal: nothing is sealed or opened, and nobody asked to")
    void keysThatBindNothing() throws Exception {
        kms.takeRequests();
        kms.bindContext(false);
        try {
            assertThatThrownBy(() -> kms.seal().seal(content)).isInstanceOf(KmsConfigurationException.class);
            assertThatThrownBy(() -> kms.seal().open(file))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContaining("cannot be used for seals of keystore files: it is an RSA key");
        } finally {
            kms.bindContext(true);
        }
        assertThat(kms.takeRequests()).doesNotContain("generateDataKey", "decrypt");
        kms.seal().open(file);
    }

    @Test
    void everyTruncationIsRefused() {
        kms.takeRequests();
        for (int length = 0; length < file.length; length++) {
            assertThat(refusal(Arrays.copyOf(file, length)))
                    .isEqualTo(length < MAGIC ? Reason.NOT_A_KEYSTORE : Reason.MALFORMED);
        }
        assertThat(kms.takeRequests()).as("not worth a request").isEmpty();
    }

    @Test
    void everyTruncationFromTheFrontIsRefused() {
        kms.takeRequests();
        for (int start = 1; start < file.length; start++) {
            assertThat(refusal(Arrays.copyOfRange(file, start, file.length))).isEqualTo(Reason.NOT_A_KEYSTORE);
        }
        assertThat(kms.takeRequests()).isEmpty();
    }

    @Test
    void everyBitFlipIsRefused() {
        Set<Reason> seen = EnumSet.noneOf(Reason.class);
        for (int bit = 0; bit < 8 * file.length; bit++) {
            byte[] flipped = file.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            kms.takeRequests();

            Reason reason = refusal(flipped);

            seen.add(reason);
            if (bit / 8 < MAGIC) {
                assertThat(reason).isEqualTo(Reason.NOT_A_KEYSTORE);
            }
            assertThat(kms.takeRequests())
                    .as("requests for a flip at %d", bit / 8)
                    .hasSizeLessThanOrEqualTo(bit / 8 < MAGIC + 2 ? 0 : 1);
        }
        assertThat(seen).contains(Reason.NOT_A_KEYSTORE, Reason.UNKNOWN_VERSION, Reason.MALFORMED, Reason.BAD_SEAL);
    }

    @Test
    void everyByteRemovedOrDoubledIsRefused() {
        for (int i = 0; i < file.length; i++) {
            StringBuilder shorter = new StringBuilder(text).deleteCharAt(i);
            StringBuilder longer = new StringBuilder(text).insert(i, text.charAt(i));
            refusal(shorter.toString());
            refusal(longer.toString());
        }
    }

    @Test
    void anotherVersionIsRefusedWithoutARequest() {
        kms.takeRequests();
        for (String version : List.of("0", "2", "10", "01", "1 ", " 1", "", "1.0", "-1", "one\u202e")) {
            assertThat(refusal(text.replaceFirst("1\n", version + "\n"))).isEqualTo(Reason.UNKNOWN_VERSION);
        }
        assertThat(kms.takeRequests()).isEmpty();
    }

    @Test
    void convertedLineEndsAreNamed() {
        kms.takeRequests();
        StoreFileException refusal = catchThrowableOfType(
                StoreFileException.class, () -> kms.seal().open(Forge.bytes(text.replace("\n", "\r\n"))));

        assertThat(refusal.reason()).isEqualTo(Reason.LINE_ENDS);
        assertThat(refusal).hasMessageContaining("text eol=lf").hasMessageContaining(".gitattributes");
        assertThat(refusal(text.replaceFirst("\n", "\r\n"))).isEqualTo(Reason.LINE_ENDS);
        assertThat(kms.takeRequests()).isEmpty();
    }

    @Test
    void aByteOrderMarkIsNamed() {
        byte[] marked = Forge.bytes("\ufeff" + text);
        StoreFileException refusal =
                catchThrowableOfType(StoreFileException.class, () -> kms.seal().open(marked));

        assertThat(refusal).hasMessageContaining("byte order mark");
        assertThat(StoreCodec.hasMagic(marked))
                .as("so that this text is what people see")
                .isTrue();
        assertThat(refusal(text.getBytes(StandardCharsets.UTF_16))).isEqualTo(Reason.NOT_A_KEYSTORE);
    }

    @Test
    void whatFollowsTheEndIsRefused() {
        for (String more : List.of("\n", " ", "x", "\u0000", "mac ", text)) {
            assertThat(refusal(text + more)).isIn(Reason.MALFORMED, Reason.BAD_SEAL);
        }
    }

    @Test
    void otherEntriesThanTheSealedOnesAreRefused() throws Exception {
        String pointer = entry("orders");
        String tokens = entry("tokens");
        String between = ",\n    ";

        assertThat(refusal(text.replace(pointer + between + tokens, tokens + between + pointer)))
                .as("swapped")
                .isEqualTo(Reason.BAD_SEAL);
        assertThat(refusal(text.replace(pointer + between, ""))).as("dropped").isEqualTo(Reason.BAD_SEAL);
        assertThat(refusal(text.replace(pointer, pointer + between + pointer)))
                .as("doubled")
                .isEqualTo(Reason.BAD_SEAL);
        assertThat(refusal(text.replace("\"tokens\"", "\"cookies\"")))
                .as("renamed")
                .isEqualTo(Reason.BAD_SEAL);
        assertThat(refusal(text.replace("\"extractable\": false", "\"extractable\": true")))
                .as("made extractable")
                .isEqualTo(Reason.BAD_SEAL);
        StoreContent later = content.next().with(Samples.dataKey(kms, content, "tokens"));
        String rolledBack = Forge.text(kms.seal().seal(later)).replace(entry("tokens", later), tokens);
        assertThat(rolledBack).contains(tokens);
        assertThat(refusal(rolledBack)).as("one entry rolled back").isEqualTo(Reason.BAD_SEAL);
    }

    private static String entry(String alias) throws Exception {
        return entry(alias, content);
    }

    /** An entry as it stands in the file. */
    private static String entry(String alias, StoreContent in) throws Exception {
        StoreContent alone = new StoreContent(in.id(), 1, List.of(in.find(alias).orElseThrow()));
        String json = Forge.json(kms.seal().seal(alone));
        int start = json.indexOf("{\n      \"alias\"");
        return json.substring(start, json.lastIndexOf("\n  ]"));
    }

    @Test
    void theEntriesOfAnotherFileUnderTheSameKeyAreRefused() throws Exception {
        String other = Forge.text(kms.seal().seal(Samples.few(kms)));
        int mine = text.indexOf("\"entries\"");
        int others = other.indexOf("\"entries\"");

        assertThat(refusal(text.substring(0, mine) + other.substring(others))).isEqualTo(Reason.BAD_SEAL);
    }

    @Test
    void theSealOfAnotherFileOrGenerationIsRefused() throws Exception {
        String other = Forge.text(kms.seal().seal(Samples.few(kms)));
        String later = Forge.text(kms.seal().seal(content.next()));

        for (String foreign : List.of(other, later)) {
            assertThat(refusal(text.replace(blob(text), blob(foreign)))).isEqualTo(Reason.BAD_SEAL);
            assertThat(refusal(text.replace(mac(text), mac(foreign)))).isEqualTo(Reason.BAD_SEAL);
            assertThat(refusal(text.replace(blob(text), blob(foreign)).replace(mac(text), mac(foreign))))
                    .isEqualTo(Reason.BAD_SEAL);
        }
        assertThat(refusal(text.replace("\"generation\": 1,", "\"generation\": 2,")))
                .isEqualTo(Reason.BAD_SEAL);
        assertThat(refusal(text.replace(content.id(), Forge.ID))).isEqualTo(Reason.BAD_SEAL);
    }

    private static String blob(String of) {
        int start = of.indexOf("\"encrypted-key\"");
        return of.substring(start, of.indexOf('\n', start));
    }

    private static String mac(String of) {
        return of.substring(of.lastIndexOf("mac "));
    }

    @Test
    void anotherPinnedKeyIsRefusedWhateverTheFileSays() throws Exception {
        kms.takeRequests();
        StoreSeal others = new StoreSeal(kms.service(), Watched.OTHER, 0);
        assertThat(refusal(others, file)).isEqualTo(Reason.FOREIGN_KEY);

        byte[] substituted = Forge.file(kms, Watched.OTHER, Forge.ID, 1, ",\"entries\":[]}");
        assertThat(others.open(substituted).entries()).isEmpty();
        kms.takeRequests();
        assertThat(refusal(substituted)).isEqualTo(Reason.FOREIGN_KEY);
        String claimed = Forge.text(substituted).replace(Watched.OTHER.value(), Watched.PINNED.value());
        assertThat(refusal(claimed)).isEqualTo(Reason.FOREIGN_KEY);
        assertThat(kms.takeRequests()).as("a foreign key is not asked").isEmpty();
    }

    @Test
    void anotherServiceDoesNotOpenIt(@TempDir Path elsewhere) {
        try (Watched other = new Watched(elsewhere)) {
            assertThat(refusal(other.seal(), file)).isEqualTo(Reason.FOREIGN_KEY);
        }
    }

    @Test
    void aWholeOldFileIsRefusedOnlyBelowTheMinimum() throws Exception {
        assertThat(new StoreSeal(kms.service(), Watched.PINNED, 1).open(file).generation())
                .isEqualTo(1);
        kms.takeRequests();

        assertThat(refusal(new StoreSeal(kms.service(), Watched.PINNED, 2), file))
                .isEqualTo(Reason.OLD_GENERATION);
        assertThat(kms.takeRequests()).isEmpty();
        String lied = text.replace("\"generation\": 1,", "\"generation\": 2,");
        assertThat(refusal(new StoreSeal(kms.service(), Watched.PINNED, 2), Forge.bytes(lied)))
                .isEqualTo(Reason.BAD_SEAL);
    }

    @Test
    void anAliasThatWasPointedElsewhereStillOpensWhatItSealed(@TempDir Path elsewhere) throws Exception {
        try (Watched moved = new Watched(elsewhere);
                KeyAdministration keys = moved.administration()) {
            StoreContent few = Samples.few(moved);
            byte[] sealed = moved.seal().seal(few);
            keys.updateAlias(Watched.PINNED, keys.describe(Watched.OTHER).id());
            keys.rotate(Watched.OTHER);

            StoreContent opened = moved.seal().open(sealed);
            byte[] again = moved.seal().seal(opened);

            assertThat(new StoreSeal(moved.service(), Watched.OTHER, 0).open(again))
                    .isEqualTo(opened.next());
        }
    }
}
