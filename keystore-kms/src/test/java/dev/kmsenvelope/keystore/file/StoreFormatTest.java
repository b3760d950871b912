package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.provider.DataKeyUsage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is sealed opens to the same, in the text that is documented, with the requests that are documented. */
class StoreFormatTest {

    private static final List<DataKeyUsage> USAGES = List.of(DataKeyUsage.values());

    @TempDir
    private Path directory;

    private Watched kms;

    @BeforeEach
    void open() {
        kms = new Watched(directory);
    }

    @AfterEach
    void close() {
        kms.close();
    }

    @Test
    void everyKindOfEntryComesBackInItsPlace() throws Exception {
        StoreContent content = Samples.all(kms);

        StoreContent opened = kms.seal().open(kms.seal().seal(content));

        assertThat(opened).isEqualTo(content.next());
        assertThat(opened.entries())
                .extracting(StoreEntry::alias)
                .containsExactly("orders", "tokens", "cookies", "tls", "ca");
    }

    @Test
    void eachWriteIsTheNextGenerationOfTheSameFile() throws Exception {
        StoreContent content = Samples.few(kms);
        for (int i = 1; i <= 3; i++) {
            content = kms.seal().open(kms.seal().seal(content));
            assertThat(content.generation()).isEqualTo(i);
        }
    }

    @Test
    void sealingAndOpeningTakeOneRequestEach() throws Exception {
        StoreContent content = Samples.all(kms);
        kms.takeRequests();

        byte[] file = kms.seal().seal(content);
        assertThat(kms.takeRequests()).containsExactly("generateDataKey");

        kms.seal().open(file);
        assertThat(kms.takeRequests()).containsExactly("decrypt");
    }

    @Test
    void aServiceThatFailsIsToldFromABadFile() throws Exception {
        StoreContent content = Samples.few(kms);
        byte[] file = kms.seal().seal(content);

        kms.failAt(0);
        assertThatThrownBy(() -> kms.seal().open(file)).isInstanceOf(KmsUnavailableException.class);
        kms.failAt(0);
        assertThatThrownBy(() -> kms.seal().seal(content)).isInstanceOf(KmsUnavailableException.class);

        assertThat(kms.seal().open(file)).isEqualTo(content.next());
    }

    @Test
    void anEntryMoreIsAFewLinesMoreAndThreeOthers() throws Exception {
        StoreContent content = kms.seal().open(kms.seal().seal(Samples.all(kms)));
        List<String> before = Forge.text(kms.seal().seal(content)).lines().toList();
        StoreContent more = content.next().with(new KeyPointer("more", Samples.CREATED, Watched.OTHER));
        List<String> after =
                new ArrayList<>(Forge.text(kms.seal().seal(more)).lines().toList());

        assertThat(after).hasSize(before.size() + 6);
        List<String> old = new ArrayList<>(before);
        after.forEach(old::remove);
        assertThat(old)
                .hasSize(3)
                .allMatch(line -> line.contains("\"generation\"")
                        || line.contains("\"encrypted-key\"")
                        || line.startsWith("mac "));
    }

    @Test
    void theTextIsThatOfTheDocumentation() throws Exception {
        StoreContent content = new StoreContent(Forge.ID, 6, List.of())
                .with(new KeyPointer("orders", Samples.CREATED, KeyId.of("alias/orders")));

        List<String> lines = Forge.text(kms.seal().seal(content)).lines().toList();

        assertThat(lines).hasSize(18);
        assertThat(lines.subList(0, 5))
                .containsExactly(
                        "kms-envelope-keystore 1",
                        "{",
                        "  \"id\": \"" + Forge.ID + "\",",
                        "  \"generation\": 7,",
                        "  \"seal\": {");
        assertThat(lines.get(5)).matches("    \"key\": \"[0-9a-f-]{36}\",");
        assertThat(lines.get(6)).matches("    \"encrypted-key\": \"[A-Za-z0-9+/]+=*\"");
        assertThat(lines.subList(7, 17))
                .containsExactly(
                        "  },",
                        "  \"entries\": [",
                        "    {",
                        "      \"alias\": \"orders\",",
                        "      \"kind\": \"key\",",
                        "      \"created\": \"2026-01-31T23:59:59Z\",",
                        "      \"key\": \"alias/orders\"",
                        "    }",
                        "  ]",
                        "}");
        assertThat(lines.get(17)).matches("mac [A-Za-z0-9+/]{43}=");
    }

    @Test
    void whatCannotBeSeenIsWrittenAsEscapes() throws Exception {
        String alias = "gr\u00fc\u00dfe\u202e\u200b\u00a0x\ud83d\ude00\"\\";
        StoreContent content = StoreContent.create().with(new KeyPointer(alias, Samples.CREATED, Watched.DATA));

        byte[] file = kms.seal().seal(content);

        assertThat(Forge.text(file)).contains("\"gr\u00fc\u00dfe\\u202e\\u200b\\u00a0x\ud83d\ude00\\\"\\\\\"");
        assertThat(kms.seal().open(file)).isEqualTo(content.next());
    }

    @Test
    void anythingAtAllComesBack() throws Exception {
        Random random = new Random(18);
        for (int i = 0; i < 100; i++) {
            StoreContent content = StoreContent.create();
            for (int j = random.nextInt(12); j > 0; j--) {
                content = content.with(anything(random));
            }
            assertThat(kms.seal().open(kms.seal().seal(content))).isEqualTo(content.next());
        }
    }

    private static StoreEntry anything(Random random) {
        String alias = anyText(random, 1 + random.nextInt(40));
        Instant created = Instant.ofEpochSecond(random.nextLong(253_402_300_800L));
        KeyId key = KeyId.of("alias/" + random.nextInt(9));
        return switch (random.nextInt(4)) {
            case 0 -> new KeyPointer(alias, created, key);
            case 1 -> new CertificateEntry(alias, created, anyBytes(random));
            case 2 ->
                new PrivateKeyEntry(
                        alias,
                        created,
                        key,
                        anyContext(random),
                        "RSA",
                        anyBytes(random),
                        List.of(anyBytes(random), anyBytes(random)));
            default ->
                new DataKeyEntry(
                        alias,
                        created,
                        key,
                        anyContext(random),
                        USAGES.get(random.nextInt(USAGES.size())),
                        32,
                        random.nextBoolean(),
                        1 + random.nextLong(1L << 32),
                        List.of(
                                new DataKeyEntry.Version(1 + random.nextInt(9), created, anyBytes(random)),
                                new DataKeyEntry.Version(Integer.MAX_VALUE, created, anyBytes(random))));
        };
    }

    private static byte[] anyBytes(Random random) {
        byte[] bytes = new byte[1 + random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Map<String, String> anyContext(Random random) {
        Map<String, String> context = new TreeMap<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            context.put(anyText(random, 1 + random.nextInt(9)), anyText(random, 1 + random.nextInt(99)));
        }
        return context;
    }

    private static String anyText(Random random, int length) {
        StringBuilder text = new StringBuilder("a");
        while (text.length() < length) {
            int c = random.nextInt(10) == 0 ? random.nextInt(0x110000) : ' ' + random.nextInt(0x60);
            if (!Character.isISOControl(c) && (c < 0xD800 || c > 0xDFFF)) {
                text.appendCodePoint(c);
            }
        }
        return text.append('z').toString();
    }

    @Test
    void aliasesAreCaseSensitiveAndUnique() {
        StoreEntry small = new KeyPointer("orders", Samples.CREATED, Watched.DATA);
        StoreEntry large = new KeyPointer("Orders", Samples.CREATED, Watched.OTHER);
        StoreContent both = StoreContent.create().with(small).with(large);

        assertThat(both.find("orders")).contains(small);
        assertThat(both.find("Orders")).contains(large);
        assertThat(both.find("ORDERS")).isEmpty();
        assertThat(both.without("orders").entries()).containsExactly(large);
        assertThat(both.without("ORDERS")).isSameAs(both);
        assertThatIllegalArgumentException().isThrownBy(() -> new StoreContent(both.id(), 0, List.of(small, small)));
    }

    @Test
    void anEntryIsReplacedWhereItIs() {
        StoreContent content = StoreContent.create()
                .with(new KeyPointer("a", Samples.CREATED, Watched.DATA))
                .with(new KeyPointer("b", Samples.CREATED, Watched.DATA));
        StoreEntry other = new KeyPointer("a", Samples.CREATED, Watched.OTHER);

        assertThat(content.with(other).entries().get(0)).isEqualTo(other);
        assertThat(content.with(other).entries()).hasSize(2);
    }

    @Test
    void aliasesThatWouldMisleadAreRefused() {
        for (String alias : List.of("", " a", "a ", "a\nb", "a\u0000", "a\ud800b", "a".repeat(257), "tokens@1", "@0")) {
            assertThatIllegalArgumentException().isThrownBy(() -> new KeyPointer(alias, Samples.CREATED, Watched.DATA));
        }
        for (String alias : List.of("a", "a b", "tokens@", "tokens@1x", "user@example", "a".repeat(256))) {
            assertThat(new KeyPointer(alias, Samples.CREATED, Watched.DATA).alias())
                    .isEqualTo(alias);
        }
    }

    @Test
    void entriesCopyWhatTheyHold() {
        byte[] bytes = {1};
        CertificateEntry trusted = new CertificateEntry("a", Samples.CREATED, bytes);
        PrivateKeyEntry key =
                new PrivateKeyEntry("a", Samples.CREATED, Watched.DATA, Map.of(), "EC", bytes, List.of(bytes));
        DataKeyEntry.Version version = new DataKeyEntry.Version(1, Samples.CREATED, bytes);
        bytes[0] = 2;
        trusted.certificate()[0] = 2;
        key.message()[0] = 2;
        key.chain().get(0)[0] = 2;
        version.blob()[0] = 2;

        assertThat(trusted.certificate()).containsExactly(1);
        assertThat(key.message()).containsExactly(1);
        assertThat(key.chain().get(0)).containsExactly(1);
        assertThat(version.blob()).containsExactly(1);
    }

    @Test
    void neitherContextsNorBytesShowInTexts() throws Exception {
        assertThat(Samples.all(kms).toString()).doesNotContain("blue").contains("tokens");
    }

    @Test
    void theMagicIsSeenInTheFirstBytes() throws Exception {
        byte[] file = kms.seal().seal(Samples.few(kms));

        assertThat(StoreCodec.hasMagic(file)).isTrue();
        assertThat(StoreCodec.hasMagic(Arrays.copyOf(file, StoreCodec.MAGIC_LENGTH)))
                .isTrue();
        assertThat(StoreCodec.hasMagic(Forge.bytes("kms-envelope-keystore 2\n")))
                .isTrue();
        for (String other :
                List.of("", "kms-envelope", "backend = local\n", "# kms-envelope-keystore 1\n", "\u00fe\u00ed")) {
            assertThat(StoreCodec.hasMagic(Forge.bytes(other))).isFalse();
        }
    }
}
