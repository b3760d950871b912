package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestEngine.AT_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.StubGcm;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is bound by a message's id, associated data and context, and in which order it is looked at. */
class HeaderRulesTest {

    private static final byte[] TEXT = TestEngine.randomBytes(40, 1);
    private static final byte[] NO_AAD = {};

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey(TestEngine.KEY).withKey("other");

    private byte[] withAad(byte[] aad) {
        return TestEngine.encrypt(service, EncryptionContext.empty(), TestEngine.frames(16), aad, TEXT);
    }

    private Reading read(byte[] message, byte[]... aad) {
        MessageDecryptor decryptor = TestEngine.decryptor(service, Release.EACH_FRAME);
        for (byte[] piece : aad) {
            decryptor.updateAad(Grammar.join(new byte[1], piece), 1, piece.length);
        }
        return Reading.of(decryptor, message, AT_ONCE);
    }

    private static void assertRefused(Reading reading, Reason reason) {
        assertThat(reading.all()).isEmpty();
        assertThat(reading.fault())
                .isInstanceOfSatisfying(
                        InvalidMessageException.class,
                        e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 14, 15, 16})
    @DisplayName("RULES 1: a message id is 16 or more random bytes and then the IV")
    void messageIds(int ivLength) {
        byte[] iv = HandMadeMessage.ascending(ivLength, 1);
        int[] asked = {0};
        byte[] id = MessageId.create(
                length -> {
                    asked[0] = length;
                    return HandMadeMessage.ascending(length, 100);
                },
                iv);
        assertThat(asked[0]).isEqualTo(32 - ivLength).isGreaterThanOrEqualTo(16);
        assertThat(id).isEqualTo(Grammar.join(HandMadeMessage.ascending(32 - ivLength, 100), iv));
        assertThat(MessageId.iv(id, ivLength)).isEqualTo(iv);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 11, 17, 32})
    @DisplayName("RULES 1: an IV that leaves fewer random bytes, or is too short, is refused")
    void otherIvs(int ivLength) {
        assertThatThrownBy(() -> MessageId.create(RandomSource.operatingSystem(), new byte[ivLength]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("RULES 1: under the same all-zero IV, ids, keys and nonces of many messages differ")
    void zeroIvForManyMessages() throws Exception {
        StubGcm gcm = new StubGcm();
        EngineSettings settings = new EngineSettings(OptionalInt.of(16), HeaderLimits.DEFAULT, 1 << 20, gcm);
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 500; i++) {
            byte[] message = TestEngine.encrypt(service, settings, new byte[40]);
            MessageHeader header = MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT);
            assertThat(MessageId.iv(header.messageId(), 12)).containsOnly(0);
            ids.add(HexFormat.of().formatHex(header.messageId()));
        }
        assertThat(ids).hasSize(500);
        Set<String> keys = new HashSet<>();
        gcm.distinctEncryptions().forEach(used -> keys.add(used.substring(0, 64)));
        assertThat(keys).hasSize(500);
        assertThat(gcm.encryptions).hasSize(500 * 4);
    }

    @Test
    @DisplayName("RULES 1: the header's tag has the nonce zero and frame n the nonce n, whatever the caller's IV is")
    void nonces() {
        StubGcm gcm = new StubGcm();
        byte[] id = MessageId.create(RandomSource.operatingSystem(), HandMadeMessage.ascending(16, 0xA0));
        EngineSettings settings = new EngineSettings(OptionalInt.of(16), HeaderLimits.DEFAULT, 1 << 20, gcm);
        TestEngine.write(
                MessageEncryptor.start(
                        new DirectDataKeySource(service),
                        KeyId.of(TestEngine.KEY),
                        EncryptionContext.empty(),
                        id,
                        settings),
                TEXT,
                AT_ONCE);
        assertThat(gcm.encryptions.stream().map(used -> used.substring(65)).toList())
                .containsExactly(
                        "000000000000000000000000",
                        "000000000000000000000001",
                        "000000000000000000000002",
                        "000000000000000000000003");
    }

    @Test
    @DisplayName("RULES 1: the caller's IV is compared, and only after the tag was verified")
    void theIvIsCompared() {
        byte[] message = withAad(NO_AAD);
        byte[] wrong = TestEngine.ZERO_IV.clone();
        wrong[11] = 1;
        assertThat(readWithIv(TestEngine.ZERO_IV, message).all()).isEqualTo(TEXT);
        Reading reading = readWithIv(wrong, message);
        assertRefused(reading, Reason.NOT_AUTHENTIC);
        byte[] changed = message.clone();
        changed[34] ^= 1; // the last byte of the id, so that the IV fits
        assertThat(readWithIv(wrong, changed).fault().getMessage())
                .isNotEqualTo(reading.fault().getMessage())
                .isEqualTo(readWithIv(TestEngine.ZERO_IV, changed).fault().getMessage());
    }

    private Reading readWithIv(byte[] iv, byte[] message) {
        return Reading.of(
                new MessageDecryptor(
                        TestEngine.recipient(service), TestEngine.defaults(), Release.AT_THE_END, iv.clone()),
                message,
                AT_ONCE);
    }

    static List<byte[]> associatedData() {
        return List.of(
                new byte[] {1},
                new byte[] {0, 0},
                new byte[2000],
                new Grammar().u16(1).pairs("tenant", "a").done(),
                "ordinary".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @MethodSource("associatedData")
    @DisplayName("RULES 2: the header's tag covers header, 0000 and AAD")
    void aadIsWrittenAsDocumented(byte[] aad) {
        HandMadeMessage byHand = new HandMadeMessage().to(service, TestEngine.KEY);
        byHand.afterHeader = Grammar.join(new byte[2], aad);
        assertThat(read(Grammar.join(byHand.header(), byHand.last(1, new byte[5])), aad)
                        .all())
                .hasSize(5);

        byte[] message = withAad(aad);
        assertThat(read(message, aad).all()).isEqualTo(TEXT);
        int half = aad.length / 2;
        assertThat(read(message, Arrays.copyOf(aad, half), NO_AAD, Arrays.copyOfRange(aad, half, aad.length))
                        .all())
                .isEqualTo(TEXT);
        assertRefused(read(message), Reason.NOT_AUTHENTIC);
        assertRefused(read(message, Grammar.join(aad, new byte[1])), Reason.NOT_AUTHENTIC);
        assertRefused(read(withAad(NO_AAD), aad), Reason.NOT_AUTHENTIC);
        assertRefused(read(withAad(Grammar.join(aad, aad)), aad), Reason.NOT_AUTHENTIC);
    }

    @Test
    @DisplayName("RULES 2: a message with required context is not taken for one with AAD, nor the reverse")
    void aadThatImitatesRequiredContext() {
        byte[] required = new Grammar().u16(1).pairs("tenant", "a").done();
        HandMadeMessage byHand = new HandMadeMessage().to(service, TestEngine.KEY);
        byHand.afterHeader = required;
        byte[] message = Grammar.join(byHand.header(), byHand.last(1, new byte[5]));

        assertRefused(read(message, required), Reason.NOT_AUTHENTIC);
        assertRefused(read(message), Reason.NOT_AUTHENTIC);
    }

    @Test
    @DisplayName("RULES 2: the AWS Encryption SDK refuses messages with AAD and opens all others")
    void theSdkRefusesAad() {
        JceMasterKey master = JceMasterKey.getInstance(
                new SecretKeySpec(service.key(TestEngine.KEY), "AES"),
                InMemoryKeyService.NAMESPACE,
                TestEngine.KEY,
                "AES/GCM/NoPadding");
        AwsCrypto sdk = AwsCrypto.standard();
        assertThat(sdk.decryptData(master, withAad(NO_AAD)).getResult()).isEqualTo(TEXT);
        for (byte[] aad : associatedData()) {
            byte[] message = withAad(aad);
            assertThatThrownBy(() -> sdk.decryptData(master, message)).isInstanceOf(RuntimeException.class);
        }
    }

    @Test
    @DisplayName("RULES 2: AAD comes before the data")
    void aadComesFirst() throws Exception {
        MessageEncryptor encryptor = TestEngine.encryptor(service, EncryptionContext.empty(), TestEngine.defaults());
        encryptor.update(TEXT, 0, 1, new byte[0], 0);
        assertThatThrownBy(() -> encryptor.updateAad(TEXT, 0, 1)).isInstanceOf(IllegalStateException.class);
        MessageDecryptor decryptor = TestEngine.decryptor(service, Release.AT_THE_END);
        decryptor.feed(new byte[] {2}, 0, 1);
        assertThatThrownBy(() -> decryptor.updateAad(TEXT, 0, 1)).isInstanceOf(IllegalStateException.class);
    }

    static List<Map<String, String>> missingContext() {
        return List.of(
                Map.of("tenant", "b"),
                Map.of("other", "a"),
                Map.of("tenant", "a", "other", "b"),
                Map.of("Tenant", "a"),
                Map.of("tenant", "a\0"));
    }

    @ParameterizedTest
    @MethodSource("missingContext")
    @DisplayName("RULES 3: a message without the required context is refused before any call of the service")
    void requiredContext(Map<String, String> required) {
        EncryptionContext context = EncryptionContext.of(Map.of("tenant", "a", "x", "y"));
        byte[] message = TestEngine.encrypt(service, context, TestEngine.frames(16), NO_AAD, TEXT);
        assertThat(readRequiring(Map.of("tenant", "a"), message).all()).isEqualTo(TEXT);
        assertThat(readRequiring(Map.of(), message).all()).isEqualTo(TEXT);
        int before = service.decrypted.get();
        service.failWith(() -> new KmsUnavailableException("any call fails"));

        assertRefused(readRequiring(required, message), Reason.WRONG_CONTEXT);
        assertThat(service.decrypted).hasValue(before);
    }

    private Reading readRequiring(Map<String, String> required, byte[] message) {
        return Reading.of(
                new MessageDecryptor(
                        TestEngine.recipient(service, EncryptionContext.of(required)),
                        TestEngine.defaults(),
                        Release.EACH_FRAME,
                        null),
                message,
                AT_ONCE);
    }

    @Test
    @DisplayName("RULES 4: limits and grammar are checked before any call of the service")
    void limitsComeFirst() {
        HandMadeMessage seventeen = new HandMadeMessage();
        HandMadeMessage wide = new HandMadeMessage().to(service, TestEngine.KEY).framed((16 << 20) + 1);
        HandMadeMessage unsigned = new HandMadeMessage().to(service, TestEngine.KEY);
        unsigned.context = EncryptionContext.ofMessage(Map.of("aws-crypto-public-key", "AAAA"));
        for (int i = 0; i < 17; i++) {
            seventeen.to(service, TestEngine.KEY);
        }
        service.failWith(() -> new KmsUnavailableException("any call fails"));

        assertRefused(read(seventeen.header()), Reason.NOT_ALLOWED);
        assertRefused(read(wide.header()), Reason.NOT_ALLOWED);
        assertRefused(read(unsigned.header()), Reason.MALFORMED);
    }

    @Test
    @DisplayName("RULES 4: a frame of 16 MiB is allowed")
    void theWidestFrame() {
        HandMadeMessage message =
                new HandMadeMessage().to(service, TestEngine.KEY).framed(16 << 20);
        assertThat(read(Grammar.join(message.header(), message.last(1, TEXT))).all())
                .isEqualTo(TEXT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AA==",
                "BA==",
                "AAAA",
                "not base64!",
                "Ag==",
                "A/////////////////////////////////////////////////////////////////w=="
            })
    @DisplayName(
            "RULES 12: whatever stands in place of a signature's public key, the message is malformed, and nothing else is thrown")
    void publicKeys(String encoded) {
        HandMadeMessage message = new HandMadeMessage();
        message.suite = 0x0578;
        message.context = EncryptionContext.ofMessage(Map.of("aws-crypto-public-key", encoded));
        message.to(service, TestEngine.KEY);
        assertRefused(read(message.header()), Reason.MALFORMED);

        HandMadeMessage without = new HandMadeMessage();
        without.suite = 0x0578;
        assertRefused(read(without.to(service, TestEngine.KEY).header()), Reason.MALFORMED);
    }

    @Test
    @DisplayName("RULES 12: the public key is a compressed point, as the format says")
    void uncompressedPoints() {
        var generator = org.bouncycastle.asn1.x9.ECNamedCurveTable.getByName("secp384r1")
                .getG();
        assertThat(uncheckedKey(generator.getEncoded(true))).isEqualTo(Reason.TRUNCATED);
        assertThat(uncheckedKey(generator.getEncoded(false))).isEqualTo(Reason.MALFORMED);
    }

    private Reason uncheckedKey(byte[] point) {
        HandMadeMessage message = new HandMadeMessage();
        message.suite = 0x0578;
        message.context = EncryptionContext.ofMessage(
                Map.of("aws-crypto-public-key", java.util.Base64.getEncoder().encodeToString(point)));
        message.to(service, TestEngine.KEY);
        byte[] unsigned = Grammar.join(message.header(), message.last(1, new byte[5]));
        return ((InvalidMessageException) read(unsigned).fault()).reason();
    }
}
