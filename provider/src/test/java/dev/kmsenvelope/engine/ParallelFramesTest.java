package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestEngine.AT_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.FixedDataKeys;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.StubGcm;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames that several threads work on are those that one thread makes, and nothing leaves that one thread would keep. */
class ParallelFramesTest {

    private static final int FRAME = 64 * 1024;
    private static final int FRAMES = 12;
    private static final byte[] TEXT = TestEngine.randomBytes(FRAMES * FRAME - 100, 7);

    private final InMemoryKeyService service = new InMemoryKeyService().withKey(TestEngine.KEY);

    private static EngineSettings settings(int frameLength, int parallelism) {
        return TestEngine.frames(frameLength).withParallelism(parallelism);
    }

    private MessageDecryptor decryptor(int parallelism, Release release) {
        return new MessageDecryptor(
                TestEngine.recipient(service), TestEngine.defaults().withParallelism(parallelism), release, null);
    }

    @Test
    @DisplayName("One thread or several, at once or in pieces: the same message, which opens in every way")
    void sameMessage() throws Exception {
        FixedDataKeys keys = new FixedDataKeys(service);
        byte[] id = TestEngine.newMessageId();
        Random random = new Random(11);
        int[] sizes = {5 * FRAME, 5 * FRAME + 1, 20 * FRAME - 1, 300_000 + random.nextInt(1 << 20)};
        for (int size : sizes) {
            byte[] text = TestEngine.randomBytes(size, size);
            for (int frameLength : new int[] {FRAME, 20_000 + random.nextInt(200_000)}) {
                byte[] expected = null;
                for (int parallelism : new int[] {1, 2, 8}) {
                    int most = 1 + random.nextInt(1 << 20);
                    for (IntSupplier pieces : new IntSupplier[] {AT_ONCE, TestEngine.pieces(most, size)}) {
                        keys.used.set(0);
                        byte[] message;
                        StubGcm gcm = new StubGcm(); // SunJCE would notice that a key and a nonce come again
                        EngineSettings settings = new EngineSettings(
                                        OptionalInt.of(frameLength), HeaderLimits.DEFAULT, 1 << 20, gcm)
                                .withParallelism(parallelism);
                        try (MessageEncryptor encryptor = MessageEncryptor.start(
                                keys, KeyId.of(TestEngine.KEY), EncryptionContext.empty(), id, settings)) {
                            message = TestEngine.write(encryptor, text, pieces);
                        }
                        gcm.distinctEncryptions();
                        expected = expected == null ? message : expected;
                        assertThat(Arrays.equals(message, expected)).isTrue();
                        assertThat(keys.used.get()).isEqualTo(size);
                        for (Release release : Release.values()) {
                            Reading reading = Reading.of(decryptor(parallelism, release), message, pieces);
                            assertThat(reading.fault()).isNull();
                            assertThat(Arrays.equals(reading.all(), text)).isTrue();
                        }
                        assertThat(Arrays.equals(direct(message, parallelism, pieces), text))
                                .isTrue();
                    }
                }
            }
        }
    }

    /** Straight into an array, as update does. */
    private byte[] direct(byte[] message, int parallelism, IntSupplier pieces) throws InvalidMessageException {
        byte[] out = new byte[message.length];
        try (MessageDecryptor decryptor = decryptor(parallelism, Release.EACH_FRAME)) {
            int written = 0;
            for (int at = 0; at < message.length; ) {
                int length = Math.min(pieces.getAsInt(), message.length - at);
                long bound = decryptor.availableAfter(message, at, length, length);
                int count = decryptor.feed(message, at, length, out, written);
                assertThat(count).isLessThanOrEqualTo((int) bound);
                written += count;
                at += length;
            }
            decryptor.finish();
            written += decryptor.drain(out, written);
            return Arrays.copyOf(out, written);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    @DisplayName(
            "RULES 6: of a message with a bad frame only what precedes it leaves, and the rest of the output is zero")
    void badFrames(int parallelism) {
        byte[] message = TestEngine.encrypt(service, settings(FRAME, parallelism), TEXT);
        int header = message.length - (FRAMES - 1) * (FRAME + 32) - (FRAME - 100 + 40);
        for (int bad = 0; bad < FRAMES; bad++) {
            byte[] changed = message.clone();
            changed[header + bad * (FRAME + 32) + 1000] ^= 1;
            if (bad < FRAMES - 2) {
                changed[header + (bad + 2) * (FRAME + 32) + 1000] ^= 1;
            }
            byte[] out = new byte[TEXT.length];
            try (MessageDecryptor decryptor = decryptor(parallelism, Release.EACH_FRAME)) {
                int written = decryptor.feed(changed, 0, changed.length, out, 0);
                assertThat(written).isEqualTo(bad * FRAME);
                assertThat(Arrays.equals(out, 0, written, TEXT, 0, written)).isTrue();
                assertThat(Arrays.equals(out, written, out.length, new byte[out.length], written, out.length))
                        .isTrue();
                assertThat(decryptor.feed(message, 0, message.length, out, 0)).isZero();
                assertThatThrownBy(decryptor::finish)
                        .isInstanceOf(InvalidMessageException.class)
                        .hasMessageContaining("part " + (bad + 1) + " ");
            }
            Reading held = Reading.of(decryptor(parallelism, Release.AT_THE_END), changed, AT_ONCE);
            assertThat(held.all()).isEmpty();
            byte[] whole = new byte[TEXT.length + FRAME];
            Arrays.fill(whole, (byte) 1);
            try (MessageDecryptor decryptor = decryptor(parallelism, Release.AT_THE_END)) {
                assertThatThrownBy(() -> decryptor.finish(changed, 0, changed.length, whole))
                        .isInstanceOf(InvalidMessageException.class);
                assertThat(whole).containsOnly(0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 8})
    @DisplayName("RULES 6: the same where the input starts in the middle of a frame, wherever that is")
    void badFramesAfterAPartOfOne(int parallelism) throws Exception {
        byte[] message = TestEngine.encrypt(service, settings(FRAME, parallelism), TEXT);
        int header = message.length - (FRAMES - 1) * (FRAME + 32) - (FRAME - 100 + 40);
        for (int part : new int[] {1, 3, 4, 5, 15, 16, 1000, FRAME, FRAME + 31}) {
            int first = header + 2 * (FRAME + 32) + part;
            for (int bad = 0; bad <= FRAMES; bad++) {
                byte[] changed = message.clone();
                if (bad < FRAMES) {
                    changed[header + bad * (FRAME + 32) + 1000] ^= 1;
                }
                byte[] out = new byte[TEXT.length + FRAME];
                try (MessageDecryptor decryptor = decryptor(parallelism, Release.EACH_FRAME)) {
                    int written = decryptor.feed(changed, 0, first, out, 0);
                    written += decryptor
                            .begin(changed, first, changed.length - first, out, written)
                            .finish();
                    assertThat(written).isEqualTo(Math.min(bad * FRAME, TEXT.length));
                    assertThat(Arrays.equals(out, 0, written, TEXT, 0, written)).isTrue();
                    assertThat(Arrays.equals(out, written, out.length, new byte[out.length], written, out.length))
                            .isTrue();
                    if (bad == FRAMES) {
                        decryptor.finish();
                    } else {
                        assertThatThrownBy(decryptor::finish)
                                .isInstanceOf(InvalidMessageException.class)
                                .hasMessageContaining("part " + (bad + 1) + " ");
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 4, 1000, FRAME + 31})
    @DisplayName("Others begin before the caller does, also where the input starts in the middle of a frame")
    void ahead(int part) throws Exception {
        byte[] message = TestEngine.encrypt(service, settings(FRAME, 8), TEXT);
        int first = message.length - (FRAMES - 1) * (FRAME + 32) - (FRAME - 100 + 40) + FRAME + 32 + part;
        byte[] out = new byte[TEXT.length];
        try (MessageDecryptor decryptor = decryptor(8, Release.EACH_FRAME)) {
            int written = decryptor.feed(message, 0, first, out, 0);
            Ongoing ongoing = decryptor.begin(message, first, message.length - first, out, written);
            for (int i = 0; i < 600 && !Arrays.equals(out, TEXT); i++) {
                Thread.sleep(50);
            }
            assertThat(Arrays.equals(out, TEXT)).isTrue();
            assertThat(written + ongoing.finish()).isEqualTo(TEXT.length);
            decryptor.finish();
        }
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Frames that were swapped, doubled or left out are refused where they stand")
    void order(Release release) {
        byte[] message = TestEngine.encrypt(service, settings(FRAME, 8), TEXT);
        int stride = FRAME + 32;
        int header = message.length - (FRAMES - 1) * stride - (FRAME - 100 + 40);
        byte[] swapped = message.clone();
        System.arraycopy(message, header + 3 * stride, swapped, header + 4 * stride, stride);
        System.arraycopy(message, header + 4 * stride, swapped, header + 3 * stride, stride);
        byte[] without = Arrays.copyOf(message, message.length - stride);
        System.arraycopy(
                message, header + 4 * stride, without, header + 3 * stride, message.length - header - 4 * stride);
        byte[] truncated = Arrays.copyOf(message, header + 6 * stride);
        byte[] longer = Arrays.copyOf(message, message.length + 1);
        for (byte[] wrong : List.of(swapped, without, truncated, longer)) {
            Reading reading = Reading.of(decryptor(8, release), wrong, AT_ONCE);
            assertThat(reading.fault()).isInstanceOf(InvalidMessageException.class);
            int good = Arrays.equals(wrong, truncated) ? 6 : 3;
            if (!Arrays.equals(wrong, longer)) {
                assertThat(reading.all()).hasSize(release == Release.AT_THE_END ? 0 : good * FRAME);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 9, 12})
    @DisplayName("RULES 7: a failure on one thread ends the message, and no nonce is used twice")
    void failures(int call) {
        StubGcm gcm = new StubGcm();
        EngineSettings settings =
                new EngineSettings(OptionalInt.of(FRAME), HeaderLimits.DEFAULT, 1 << 20, gcm).withParallelism(8);
        MessageEncryptor encryptor = TestEngine.encryptor(service, EncryptionContext.empty(), settings);
        gcm.callsUntilFailure = call;
        byte[] out = new byte[2 * TEXT.length];
        assertThatThrownBy(() -> encryptor.finish(TEXT, 0, TEXT.length, out, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("told to fail");
        int begun = gcm.encryptions.size();
        assertThatThrownBy(() -> encryptor.finish(TEXT, 0, TEXT.length, out, 0))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ended");
        assertThat(gcm.encryptions).hasSize(begun);
        gcm.distinctEncryptions();
    }

    @Test
    @DisplayName(
            "Many operations at once, from more threads than there are helpers, within a pool of their own; interrupts stay")
    void manyAtOnce() throws Exception {
        ExecutorService callers = Executors.newFixedThreadPool(12);
        try {
            List<Future<Boolean>> results = new ArrayList<>();
            for (int i = 0; i < 24; i++) {
                boolean interrupted = i % 3 == 0;
                results.add(callers.submit(() -> {
                    if (interrupted) {
                        Thread.currentThread().interrupt();
                    }
                    byte[] message = TestEngine.encrypt(service, settings(FRAME, 8), TEXT);
                    boolean same = Arrays.equals(
                            Reading.of(decryptor(8, Release.EACH_FRAME), message, AT_ONCE)
                                    .all(),
                            TEXT);
                    return same && Thread.interrupted() == interrupted;
                }));
            }
            for (Future<Boolean> result : results) {
                assertThat(result.get()).isTrue();
            }
        } finally {
            callers.shutdownNow();
        }
    }

    @Test
    @DisplayName("Helpers are daemons without a context class loader, and vanish when there is nothing to do")
    void helpersVanish() throws Exception {
        for (int i = 0; i < 100 && helpers().isEmpty(); i++) {
            TestEngine.encrypt(service, settings(FRAME, 8), TEXT);
        }
        for (Thread helper : helpers()) {
            assertThat(helper.isDaemon()).isTrue();
            assertThat(helper.getContextClassLoader()).isNull();
        }
        while (!helpers().isEmpty()) {
            Thread.sleep(100);
        }
    }

    private static List<Thread> helpers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("kms-envelope-frames-"))
                .toList();
    }
}
