package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestEngine.AT_ONCE;
import static dev.kmsenvelope.testing.TestEngine.BYTE_BY_BYTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.FixedLease;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoundTripTest {

    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "a", "ä", "ö"));

    private final InMemoryKeyService service = new InMemoryKeyService().withKey(TestEngine.KEY);

    /** Hands out one and the same data key, as a cache would: for two writers whose results can be compared. */
    private static DataKeySource cached(InMemoryKeyService service) {
        var pair = service.generateDataKey(KeyId.of(TestEngine.KEY), 32, CONTEXT);
        return new DataKeySource() {
            @Override
            public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
                return new FixedLease(pair.plaintext().copy(), List.of(pair.encrypted()));
            }

            @Override
            public DataKeyLease forDecryption(
                    KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
                return new DirectDataKeySource(service).forDecryption(key, use, encrypted, context);
            }
        };
    }

    private static List<Integer> sizesAround(int frameLength) {
        TreeSet<Integer> sizes = new TreeSet<>(List.of(0, 1, 15, 16, 17));
        for (int frames = 1; frames <= 4; frames++) {
            for (int more = -1; more <= 1; more++) {
                sizes.add(frames * frameLength + more);
            }
        }
        return List.copyOf(sizes);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 16, 100, 1024, 4096})
    void streamingEqualsOneShotHoweverTheInputIsCut(int frameLength) {
        DataKeySource source = cached(service);
        for (int size : sizesAround(frameLength)) {
            byte[] plaintext = TestEngine.randomBytes(size, size);
            byte[] id = TestEngine.newMessageId();
            byte[] atOnce = write(source, id, TestEngine.frames(frameLength), plaintext, size + 1, 0);
            long frames = Math.max(0, (size - 1) / frameLength);
            assertThat(atOnce).hasSize((int) (header(atOnce) + size + frames * 32 + 40));
            for (int seed = 0; seed < 4; seed++) {
                int most = Math.max(1, (seed + 1) * frameLength * 2 / 3);
                assertThat(write(source, id, TestEngine.frames(frameLength), plaintext, most, seed))
                        .isEqualTo(atOnce);
            }
            for (Release release : Release.values()) {
                for (int seed = 0; seed < 4; seed++) {
                    Reading reading = Reading.of(
                            TestEngine.decryptor(service, release),
                            atOnce,
                            seed == 0 ? AT_ONCE : TestEngine.pieces(seed * (frameLength + 10), seed));
                    assertThat(reading.fault()).isNull();
                    assertThat(reading.all()).isEqualTo(plaintext);
                    assertThat(reading.early()).hasSize(release == Release.AT_THE_END ? 0 : size);
                }
            }
        }
    }

    private static byte[] write(
            DataKeySource source, byte[] id, EngineSettings settings, byte[] plaintext, int most, int seed) {
        try (MessageEncryptor encryptor =
                MessageEncryptor.start(source, KeyId.of(TestEngine.KEY), CONTEXT, id, settings)) {
            return TestEngine.write(encryptor, plaintext, seed == 0 ? AT_ONCE : TestEngine.pieces(most, seed));
        }
    }

    private static int header(byte[] message) {
        try {
            return MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT)
                            .withoutTag()
                            .length
                    + 16;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 16",
        "1, 16",
        "16, 16",
        "17, 32",
        "16368, 16368",
        "65521, 65536",
        "65535, 65536",
        "65536, 65536",
        "65537, 65536",
        "200000, 65536"
    })
    void aMessageOfOneFrameHasNoLargerFrameLengthThanItNeeds(int size, int frameLength) throws Exception {
        byte[] plaintext = TestEngine.randomBytes(size, 1);
        for (var pieces : List.of(AT_ONCE, TestEngine.pieces(40_000, size))) {
            try (MessageEncryptor encryptor =
                    TestEngine.encryptor(service, EncryptionContext.empty(), TestEngine.defaults())) {
                byte[] message = TestEngine.write(encryptor, plaintext, pieces);
                MessageHeader header = MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT);

                assertThat(header.frameLength()).isEqualTo(frameLength);
                assertThat(TestEngine.decrypt(service, message)).isEqualTo(plaintext);
            }
        }
    }

    @Test
    void aMessageCanBeReadByteByByte() {
        byte[] plaintext = TestEngine.randomBytes(1000, 2);
        byte[] message = TestEngine.encrypt(service, CONTEXT, TestEngine.frames(64), new byte[0], plaintext);

        Reading reading = Reading.of(TestEngine.decryptor(service, Release.EACH_FRAME), message, BYTE_BY_BYTE);

        assertThat(reading.all()).isEqualTo(plaintext);
    }

    @Test
    void inputAndOutputAreTakenAtOffsetsAndNothingElseIsTouched() throws Exception {
        byte[] plaintext = TestEngine.randomBytes(100, 3);
        byte[] in = new byte[130];
        System.arraycopy(plaintext, 0, in, 17, 100);
        MessageEncryptor encryptor = TestEngine.encryptor(service, CONTEXT, TestEngine.frames(16));
        byte[] out = new byte[2000];
        java.util.Arrays.fill(out, (byte) 0x55);
        int first = encryptor.update(in, 17, 60, out, 11);
        int second = encryptor.finish(in, 77, 40, out, 11 + first);

        int end = 11 + first + second;
        byte[] message = java.util.Arrays.copyOfRange(out, 11, end);
        assertThat(java.util.Arrays.copyOf(out, 11)).containsOnly(0x55);
        assertThat(java.util.Arrays.copyOfRange(out, end, out.length)).containsOnly(0x55);
        byte[] around = new byte[message.length + 20];
        System.arraycopy(message, 0, around, 9, message.length);
        MessageDecryptor decryptor = TestEngine.decryptor(service, Release.AT_THE_END);
        decryptor.feed(around, 9, message.length);
        decryptor.finish();
        byte[] opened = new byte[decryptor.available() + 4];
        assertThat(decryptor.drain(opened, 3)).isEqualTo(100);
        assertThat(java.util.Arrays.copyOfRange(opened, 3, 103)).isEqualTo(plaintext);
        assertThat(decryptor.drain(opened, 0)).isZero();
    }

    @Test
    void everyMessageHasAnotherDataKey() throws Exception {
        List<EncryptedDataKey> keys = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            byte[] message = TestEngine.encrypt(service, TestEngine.defaults(), new byte[1]);
            keys.addAll(MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT)
                    .encryptedDataKeys());
        }
        assertThat(keys).hasSize(20).doesNotHaveDuplicates();
        assertThat(service.generated).hasValue(20);
    }
}
