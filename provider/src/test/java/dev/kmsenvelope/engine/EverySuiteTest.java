package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestEngine.AT_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.BodyLayout;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.Messages;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Messages of every algorithm suite: written, read, and refused when anything is changed. */
class EverySuiteTest {

    private static final int FRAME = 32;
    private static final byte[] NO_AAD = {};
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("a", "b"));

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey(TestEngine.KEY).withKey("other");

    private byte[] message(AlgorithmSuite suite, byte[] plaintext) {
        return TestEngine.encrypt(
                service, new MessageOptions(suite, CONTEXT, Set.of()), TestEngine.frames(FRAME), NO_AAD, plaintext);
    }

    private MessageDecryptor decryptor(Release release) {
        return new MessageDecryptor(TestEngine.recipient(service), TestEngine.everySuite(), release, null);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("any length, written and read in any pieces")
    void roundTrips(AlgorithmSuite suite) {
        for (int size : new int[] {0, 1, FRAME - 1, FRAME, FRAME + 1, 5 * FRAME, 5 * FRAME + 3}) {
            byte[] plaintext = TestEngine.randomBytes(size, size);
            for (IntSupplier pieces : List.of(AT_ONCE, TestEngine.BYTE_BY_BYTE, TestEngine.pieces(50, size))) {
                byte[] message = TestEngine.encrypt(
                        service,
                        new MessageOptions(suite, CONTEXT, Set.of()),
                        TestEngine.frames(FRAME),
                        NO_AAD,
                        plaintext,
                        pieces);
                MessageHeader header = Messages.header(message);
                assertThat(header.suite()).isEqualTo(suite);
                assertThat(header.context().containsName("aws-crypto-public-key"))
                        .isEqualTo(suite.isSigned());
                for (Release release : Release.values()) {
                    Reading reading = Reading.of(decryptor(release), message, pieces);
                    assertThat(reading.fault()).isNull();
                    assertThat(reading.all()).isEqualTo(plaintext);
                    if (suite.isSigned()) {
                        assertThat(reading.early()).isEmpty();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName(
            "RULES 4, 6: every truncation and every flipped bit is refused; a signed message releases nothing before")
    void tampering(AlgorithmSuite suite) {
        byte[] plaintext = TestEngine.randomBytes(FRAME + 9, 1);
        byte[] message = message(suite, plaintext);
        int body = Messages.header(message).length();
        int footer = body + BodyLayout.REGULAR_OVERHEAD + BodyLayout.FINAL_OVERHEAD + plaintext.length;
        assertThat(footer < message.length).isEqualTo(suite.isSigned());
        byte[] changed = message.clone();
        for (int at = 0; at < message.length; at++) {
            assertRefused(suite, plaintext, body, Arrays.copyOf(message, at), at);
            for (int bit = 0; bit < 8; bit++) {
                changed[at] ^= (byte) (1 << bit);
                assertRefused(suite, plaintext, body, changed, at);
                changed[at] ^= (byte) (1 << bit);
            }
        }
        assertRefused(suite, plaintext, body, Grammar.join(message, new byte[1]), message.length);
    }

    private void assertRefused(AlgorithmSuite suite, byte[] plaintext, int body, byte[] changed, int at) {
        Reading reading = Reading.of(decryptor(Release.EACH_FRAME), changed, AT_ONCE);
        assertThat(reading.fault()).as("%s at %d", suite, at).isInstanceOf(InvalidMessageException.class);
        int intact = suite.isSigned() ? 0 : Math.min(plaintext.length, Math.max(0, at - body));
        assertThat(reading.all()).as("%s at %d", suite, at).hasSizeLessThanOrEqualTo(intact);
        assertThat(reading.all()).isEqualTo(Arrays.copyOf(plaintext, reading.all().length));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("RULES 8: by default, what does not commit to its key is refused as soon as its suite is read")
    void thePolicyComesFirst(AlgorithmSuite suite) {
        byte[] message = message(suite, new byte[5]);
        service.failWith(() -> new KmsUnavailableException("any call fails"));
        int start = suite.messageVersion() == 1 ? 4 : 3;
        for (byte[] input : List.of(message, Arrays.copyOf(message, start))) {
            Reading reading = Reading.of(TestEngine.decryptor(service, Release.EACH_FRAME), input, AT_ONCE);
            if (suite.isCommitting()) {
                assertThat(reading.fault()).hasMessageNotContaining("esdk.commitment-policy");
            } else {
                assertThat(reading.fault())
                        .isInstanceOfSatisfying(
                                InvalidMessageException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.NOT_ALLOWED))
                        .hasMessageContaining(suite.hexId())
                        .hasMessageContaining("esdk.commitment-policy = require-encrypt-allow-decrypt");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("RULES 2: associated data is bound to messages of every suite")
    void associatedData(AlgorithmSuite suite) {
        byte[] aad = {1, 2, 3};
        byte[] message = TestEngine.encrypt(
                service, new MessageOptions(suite, CONTEXT, Set.of()), TestEngine.frames(FRAME), aad, new byte[5]);
        MessageDecryptor with = decryptor(Release.EACH_FRAME);
        with.updateAad(aad, 0, aad.length);
        assertThat(Reading.of(with, message, AT_ONCE).all()).hasSize(5);
        MessageDecryptor other = decryptor(Release.EACH_FRAME);
        other.updateAad(aad, 0, 2);
        for (MessageDecryptor wrong : List.of(decryptor(Release.EACH_FRAME), other)) {
            Reading reading = Reading.of(wrong, message, AT_ONCE);
            assertThat(reading.all()).isEmpty();
            assertThat(((InvalidMessageException) reading.fault()).reason()).isEqualTo(Reason.NOT_AUTHENTIC);
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a service that fails, another key, a data key of another length")
    void failures(AlgorithmSuite suite) {
        byte[] message = message(suite, new byte[5]);
        MessageDecryptor other = new MessageDecryptor(
                new Recipient(
                        service,
                        new DirectDataKeySource(service),
                        KeyId.of("other"),
                        List.of(),
                        EncryptionContext.empty()),
                TestEngine.everySuite(),
                Release.EACH_FRAME,
                null);
        assertThat(((InvalidMessageException)
                                Reading.of(other, message, AT_ONCE).fault())
                        .reason())
                .isEqualTo(Reason.WRONG_KEY);
        service.failWith(() -> new KmsUnavailableException("down"));
        Reading reading = Reading.of(decryptor(Release.EACH_FRAME), message, AT_ONCE);
        assertThat(reading.all()).isEmpty();
        assertThat(reading.fault()).isInstanceOf(KmsUnavailableException.class);
        assertThatThrownBy(() -> message(suite, new byte[5])).isInstanceOf(KmsUnavailableException.class);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("a message id has as many bytes as its suite says, all fresh; another length is refused")
    void messageIds(AlgorithmSuite suite) {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            byte[] id = Messages.header(message(suite, new byte[1])).messageId();
            assertThat(id).hasSize(suite.messageVersion() == 1 ? 16 : 32);
            ids.add(Arrays.toString(id));
        }
        assertThat(ids).hasSize(20);
        assertThatThrownBy(() -> MessageEncryptor.start(
                        new DirectDataKeySource(service),
                        KeyId.of(TestEngine.KEY),
                        new MessageOptions(suite, CONTEXT, Set.of()),
                        new byte[suite.messageVersion() == 1 ? 32 : 16],
                        TestEngine.defaults()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("what goes to the service: the public key of a signed message, and pairs that do not stand in it")
    void theServiceSeesAllOfTheContext() {
        EncryptionContext context = EncryptionContext.of(Map.of("tenant", "a", "secret", "s"));
        AlgorithmSuite suite = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384;
        EncryptionContext[] seen = new EncryptionContext[1];
        DirectDataKeySource direct = new DirectDataKeySource(service);
        MessageOptions options = new MessageOptions(suite, context, Set.of("secret"));
        byte[] id = MessageId.create(RandomSource.operatingSystem(), suite);
        try (MessageEncryptor encryptor = MessageEncryptor.start(
                new WatchedSource(direct, seen), KeyId.of(TestEngine.KEY), options, id, TestEngine.defaults())) {
            byte[] message = TestEngine.write(encryptor, new byte[7], AT_ONCE, false);
            EncryptionContext stored = Messages.header(message).context();
            assertThat(stored.asMap()).containsOnlyKeys("tenant", "aws-crypto-public-key");
            assertThat(seen[0]).isEqualTo(stored.plus(EncryptionContext.of(Map.of("secret", "s"))));
        }
    }

    private record WatchedSource(DirectDataKeySource source, EncryptionContext[] seen) implements DataKeySource {

        @Override
        public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
            seen[0] = context;
            assertThat(use.servesMany()).isFalse();
            return source.forEncryption(key, use, context);
        }

        @Override
        public DataKeyLease forDecryption(
                KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
            return source.forDecryption(key, use, encrypted, context);
        }
    }
}
