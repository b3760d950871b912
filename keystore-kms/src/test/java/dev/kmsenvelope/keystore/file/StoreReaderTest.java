package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Text that breaks the grammar, with a right seal and without one: only ever a StoreFileException, and no wild allocation. */
class StoreReaderTest {

    private static final String POINTER =
            "{\"alias\":\"a\",\"kind\":\"key\",\"created\":\"2026-01-31T23:59:59Z\",\"key\":\"alias/x\"}";
    private static final String DATA_KEY =
            "{\"alias\":\"a\",\"kind\":\"data-key\",\"created\":\"2026-01-31T23:59:59Z\",\"key\":\"alias/x\","
                    + "\"context\":{\"c\":\"d\"},\"usage\":\"AES_GCM\",\"length\":32,\"extractable\":false,"
                    + "\"max-messages\":7,\"versions\":[{\"version\":1,\"created\":\"2026-01-31T23:59:59Z\","
                    + "\"encrypted-key\":\"AAAA\"}]}";
    private static final String PRIVATE_KEY =
            "{\"alias\":\"a\",\"kind\":\"private-key\",\"created\":\"2026-01-31T23:59:59Z\",\"key\":\"alias/x\","
                    + "\"context\":{},\"algorithm\":\"EC\",\"message\":\"AAAA\",\"certificates\":[\"AAAA\"]}";
    private static final String CERTIFICATE =
            "{\"alias\":\"a\",\"kind\":\"certificate\",\"created\":\"2026-01-31T23:59:59Z\",\"certificate\":\"AAAA\"}";

    private static final Pattern FIELDS = Pattern.compile("(?<=[\"}\\]]),(?=\")");

    @TempDir
    private static Path directory;

    private static Watched kms;

    @BeforeAll
    static void open() {
        kms = new Watched(directory);
    }

    @AfterAll
    static void close() {
        kms.close();
    }

    private static StoreContent read(String entries) throws StoreFileException {
        return kms.seal().open(Forge.file(kms, entries));
    }

    private static void assertMalformed(String entries, String... texts) {
        StoreFileException refusal = catchThrowableOfType(StoreFileException.class, () -> read(entries));
        assertThat(refusal).as("it is refused: %s", entries).isNotNull();
        assertThat(refusal.reason()).isEqualTo(Reason.MALFORMED);
        for (String text : texts) {
            assertThat(refusal).hasMessageContaining(text);
        }
        assertThat(refusal.getMessage()).matches("[ -~]+").hasSizeLessThan(500);
    }

    @ParameterizedTest
    @ValueSource(strings = {POINTER, DATA_KEY, PRIVATE_KEY, CERTIFICATE})
    void eachKindIsReadAndNothingElse(String entry) throws Exception {
        assertThat(read(entry).entries()).hasSize(1);
        assertThat(read(entry.replace("\"a\"", "\"\\u0061\"")).find("a")).isPresent();

        assertMalformed(entry + "," + entry, "same alias");
        assertMalformed(entry.substring(0, entry.length() - 1) + ",\"colour\":\"red\"}", "'colour'");
        assertMalformed(entry.replaceFirst("\\{", "{\"colour\":\"red\","), "'colour'", "'alias'");
        assertMalformed(entry.replaceFirst("\\{", "{\"alias\":\"b\","), "'alias'");
        assertMalformed(entry.replace("23:59:59Z", "23:59:59.5Z"), "'created'");
        assertMalformed(entry.replace("-31T", "-32T"));
        assertMalformed(entry.replace("2026-", "0026-"), "1970");
        assertMalformed(entry.replace("\"a\"", "7"), "string");
        assertMalformed(entry.replace("\"a\"", "null"), "string");
        assertMalformed(entry.replace("\"a\"", "[\"a\"]"));
        assertMalformed(entry.replace("\"a\"", "'a'"));
        assertMalformed(entry.replace("\"a\"", "a"));
        assertMalformed(entry.replace("\"a\"", "\"\""), "alias");
        assertMalformed(entry.replace("\"a\"", "\"\\ud800\""), "alias");
        assertMalformed(entry.replace("\"a\"", "\"a\u0001\""));
        assertMalformed(entry.replace("\"a\"", "\"\\q\""));
        if (!entry.equals(CERTIFICATE)) {
            assertMalformed(entry.replace("alias/x", "alias/\u00fc"), "ASCII");
            assertMalformed(entry.replace("alias/x", ""));
        }
        assertMalformed(entry.replaceFirst("\"kind\":\"[a-z-]+\"", "\"kind\":\"k\\\\u001b[31m\""), "'k\\u001b[31m'");
        assertMalformed(entry + "/* */");
        assertMalformed(entry + "#");
        assertMalformed(entry + ",");
        assertMalformed(entry + "]}{");
        for (String field : FIELDS.splitAsStream(entry).toList()) {
            assertMalformed(entry.replace(field, "").replace(",,", ","));
        }
    }

    @Test
    void numbersAreIntegersInTheirRange() throws Exception {
        for (String number : new String[] {
            "0",
            "-1",
            "07",
            "7.0",
            "7e0",
            "\"7\"",
            "4294967297",
            "9223372036854775808",
            "1e999999999",
            "NaN",
            "0x7",
            "9".repeat(100_000),
            "true",
            "null",
            "{}",
            ""
        }) {
            assertMalformed(DATA_KEY.replace(":7,", ":" + number + ","));
        }
        assertThat(read(DATA_KEY.replace(":7,", ":4294967296,")).entries()).hasSize(1);
        for (String number : new String[] {"0", "15", "33", "4294967328", "-32"}) {
            assertMalformed(DATA_KEY.replace(":32,", ":" + number + ","));
        }
        for (String number : new String[] {"0", "2147483648", "4294967297"}) {
            assertMalformed(DATA_KEY.replace("\"version\":1,", "\"version\":" + number + ","));
        }
        assertMalformed(DATA_KEY.replace(":false,", ":\"false\","), "true or false");
        assertMalformed(DATA_KEY.replace(":false,", ":0,"), "true or false");
    }

    @Test
    void usagesAndKindsAreExact() {
        assertMalformed(DATA_KEY.replace("AES_GCM", "aes_gcm"), "'aes_gcm'");
        assertMalformed(DATA_KEY.replace("AES_GCM", "AES/GCM/NoPadding"), "usage");
        assertMalformed(POINTER.replace("\"key\",", "\"KEY\","), "'KEY'");
    }

    @Test
    void base64IsCanonical() {
        for (String text : new String[] {"", "AAA", "AAAB=", "AB==", "AAA=A", "AA-_", "AA AA", "AAAA\\n", "!"}) {
            assertMalformed(CERTIFICATE.replace("AAAA", text));
            assertMalformed(DATA_KEY.replace("AAAA", text));
            assertMalformed(PRIVATE_KEY.replace("AAAA", text));
        }
    }

    @Test
    void contextsAreThoseOfCallers() {
        assertMalformed(DATA_KEY.replace("\"c\":", "\"kms-envelope-alias\":"), "reserved");
        assertMalformed(DATA_KEY.replace("\"c\":", "\"aws-crypto-public-key\":"), "reserved");
        assertMalformed(DATA_KEY.replace("\"c\":\"d\"", "\"c\":\"d\",\"c\":\"d\""), "twice");
        assertMalformed(DATA_KEY.replace("\"d\"", "\"\""));
        assertMalformed(DATA_KEY.replace("\"d\"", "7"));
        assertMalformed(DATA_KEY.replace("\"d\"", "{\"e\":\"f\"}"));
        StringBuilder many = new StringBuilder("\"c\":\"d\"");
        for (int i = 0; i < StoreLimits.CONTEXT_PAIRS; i++) {
            many.append(",\"c").append(i).append("\":\"d\"");
        }
        assertMalformed(DATA_KEY.replace("\"c\":\"d\"", many), "64");
        assertMalformed(DATA_KEY.replace("\"d\"", "\"" + "d".repeat(40_000) + "\""));
    }

    @Test
    void listsAreBounded() throws Exception {
        String version = "{\"version\":1,\"created\":\"2026-01-31T23:59:59Z\",\"encrypted-key\":\"AAAA\"}";
        assertMalformed(DATA_KEY.replace(version, ""), "versions");
        assertMalformed(DATA_KEY.replace(version, version + "," + version), "increase");
        StringBuilder versions = new StringBuilder(version);
        for (int i = 2; i <= StoreLimits.VERSIONS; i++) {
            versions.append(',').append(version.replace(":1,", ":" + i + ","));
        }
        assertThat(read(DATA_KEY.replace(version, versions)).entries()).hasSize(1);
        versions.append(',').append(version.replace(":1,", ":1001,"));
        assertMalformed(DATA_KEY.replace(version, versions), "more than 1000");

        assertMalformed(PRIVATE_KEY.replace("[\"AAAA\"]", "[]"), "certificates");
        String chain = "\"AAAA\"" + ",\"AAAA\"".repeat(StoreLimits.CHAIN);
        assertMalformed(PRIVATE_KEY.replace("[\"AAAA\"]", "[" + chain + "]"), "more than 32");

        StringBuilder entries = new StringBuilder(POINTER);
        for (int i = 1; i < StoreLimits.ENTRIES; i++) {
            entries.append(',').append(POINTER.replace("\"a\"", "\"a" + i + "\""));
        }
        assertThat(read(entries.toString()).entries()).hasSize(StoreLimits.ENTRIES);
        assertMalformed(entries + "," + POINTER.replace("\"a\"", "\"b\""), "more than 10000");
    }

    @Test
    void valuesAreBounded() throws Exception {
        String most = Base64Text.encode(new byte[StoreLimits.CERTIFICATE]);
        String more = Base64Text.encode(new byte[StoreLimits.CERTIFICATE + 1]);
        assertThat(read(CERTIFICATE.replace("AAAA", most)).entries()).hasSize(1);
        assertMalformed(CERTIFICATE.replace("AAAA", more), "65536");
        assertMalformed(PRIVATE_KEY.replace("[\"AAAA\"]", "[\"" + more + "\"]"), "65536");
        assertMalformed(DATA_KEY.replace("AAAA", more), "65536");
        String message = Base64Text.encode(new byte[StoreLimits.MESSAGE + 1]);
        assertMalformed(PRIVATE_KEY.replaceFirst("AAAA", message), "1048576");
    }

    @Test
    void theWholeIsBounded() {
        byte[] longest = Arrays.copyOf(Forge.bytes("kms-envelope-keystore 1\n{"), StoreCodec.MAX_LENGTH + 1);
        StoreFileException refusal =
                catchThrowableOfType(StoreFileException.class, () -> kms.seal().open(longest));
        assertThat(refusal.reason()).isEqualTo(Reason.TOO_LARGE);

        StoreContent large = StoreContent.create();
        for (int i = 0; i < 200; i++) {
            large = large.with(new CertificateEntry("c" + i, Samples.CREATED, new byte[StoreLimits.CERTIFICATE]));
        }
        StoreContent tooLarge = large;
        StoreFileException unwritten =
                catchThrowableOfType(StoreFileException.class, () -> kms.seal().seal(tooLarge));
        assertThat(unwritten.reason()).isEqualTo(Reason.TOO_LARGE);
    }

    @Test
    void depthIsBounded() {
        for (String nested : new String[] {"[", "{\"a\":"}) {
            assertMalformed(nested.repeat(1_000_000));
            byte[] unsealed = Forge.bytes("kms-envelope-keystore 1\n" + nested.repeat(1_000_000) + "\nmac "
                    + Base64Text.encode(new byte[32]) + "\n");
            assertThat(catchThrowableOfType(
                                    StoreFileException.class, () -> kms.seal().open(unsealed))
                            .reason())
                    .isEqualTo(Reason.MALFORMED);
        }
    }

    @Test
    void headsAreReadStrictly() throws Exception {
        String head = head(Forge.json(Forge.file(kms, "")));
        assertThat(catchHead(head)).isNull();
        for (String[] change : new String[][] {
            {"\"generation\":1", "\"generation\":0"},
            {"\"generation\":1", "\"generation\":9223372036854775808"},
            {"\"generation\":1", "\"generation\":1,\"x\":1"},
            {Forge.ID, Forge.ID.toUpperCase(Locale.ROOT)},
            {Forge.ID, ""},
            {Forge.ID, Forge.ID + "0"},
            {"\"seal\":{", "\"seal\":{\"x\":1,"},
            {"\"seal\"", "\"Seal\""},
            {"\"}", "\",\"x\":1}"},
            {"\"encrypted-key\":\"", "\"encrypted-key\":\"*"},
        }) {
            assertThat(head).contains(change[0]);
            assertThat(catchHead(head.replace(change[0], change[1])))
                    .as(change[1])
                    .isNotNull();
        }
    }

    private static String head(String json) {
        return json.substring(0, json.indexOf(",\"entries\""));
    }

    private static Exception catchHead(String head) {
        try {
            new StoreReader(head).head();
            return null;
        } catch (StoreFileException e) {
            assertThat(e.reason()).isEqualTo(Reason.MALFORMED);
            return e;
        }
    }

    /** What throws anything else, an Error too, fails the test. */
    @Test
    void chaosIsOnlyEverAStoreFileException() throws Exception {
        Random random = new Random(18);
        String all = Forge.json(Forge.file(
                kms,
                POINTER + "," + DATA_KEY.replace("\"a\"", "\"b\"") + "," + PRIVATE_KEY.replace("\"a\"", "\"c\"") + ","
                        + CERTIFICATE.replace("\"a\"", "\"d\"")));
        String[] tokens = {
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "null", "true", "0", "-", "1e9", " ", "\n", "\u0000", "/*",
            "//", "#", "'", "\ud800", "\u2028", "=", "NaN", ")]}'\n", "\"x\":"
        };
        int refused = 0;
        for (int i = 0; i < 30_000; i++) {
            StringBuilder text = new StringBuilder(all);
            for (int j = random.nextInt(3); j >= 0; j--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(4)) {
                    case 0 -> text.insert(at, tokens[random.nextInt(tokens.length)]);
                    case 1 -> text.setCharAt(at, (char) random.nextInt(0x180));
                    case 2 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(20)));
                    default -> {
                        int from = random.nextInt(all.length());
                        text.insert(at, all, from, Math.min(all.length(), from + random.nextInt(60)));
                    }
                }
            }
            try {
                StoreReader reader = new StoreReader(text.toString());
                reader.content(reader.head());
            } catch (StoreFileException e) {
                refused++;
                assertThat(e.getMessage()).matches("[ -~]+");
            }
        }
        assertThat(refused).isGreaterThan(20_000);
    }

    @Test
    void noiseIsOnlyEverAStoreFileException() {
        Random random = new Random(19);
        byte[] start = "kms-envelope-keystore 1\n".getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i < 5_000; i++) {
            byte[] noise = new byte[random.nextInt(400)];
            random.nextBytes(noise);
            if (random.nextBoolean()) {
                System.arraycopy(start, 0, noise, 0, Math.min(start.length, noise.length));
            }
            assertThat(catchThrowableOfType(
                            StoreFileException.class, () -> kms.seal().open(noise)))
                    .isNotNull();
        }
    }
}
