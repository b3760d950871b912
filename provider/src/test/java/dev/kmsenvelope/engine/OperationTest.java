package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestEngine.AT_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Allocation;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.StubGcm;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import java.security.Provider;
import java.util.Arrays;
import java.util.OptionalInt;
import javax.crypto.ShortBufferException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operation does with nonces, room, keys and memory, above all when something fails. */
class OperationTest {

    private static final byte[] TEXT = TestEngine.randomBytes(100, 1);
    private static final byte[] NONE = {};

    private final InMemoryKeyService service = new InMemoryKeyService().withKey(TestEngine.KEY);
    private final StubGcm gcm = new StubGcm();
    private final EngineSettings settings = settings(16);

    private EngineSettings settings(int frameLength) {
        return new EngineSettings(OptionalInt.of(frameLength), HeaderLimits.DEFAULT, 1 << 20, gcm);
    }

    @AfterEach
    void noDataKeyIsLeft() {
        assertThat(service.handedOut).allMatch(secret -> secret.isDestroyed());
    }

    private MessageEncryptor encryptor() {
        return TestEngine.encryptor(service, EncryptionContext.empty(), settings);
    }

    @Test
    @DisplayName("RULES 7: too little room consumes nothing, neither input nor a frame's number")
    void shortBuffer() throws Exception {
        MessageEncryptor encryptor = encryptor();
        byte[] out = new byte[1000];
        int written = 0;
        for (int at = 0; at < 80; at += 40) {
            int from = at;
            int needed = (int) encryptor.updateSize(40);
            for (int room : new int[] {0, 1, needed - 1}) {
                byte[] small = new byte[room];
                assertThatThrownBy(() -> encryptor.update(TEXT, from, 40, small, 0))
                        .isInstanceOf(ShortBufferException.class);
                assertThat(small).isEqualTo(new byte[room]);
                assertThatThrownBy(() -> encryptor.update(TEXT, from, 40, out, out.length - room))
                        .isInstanceOf(ShortBufferException.class);
            }
            assertThat(encryptor.updateSize(40)).isEqualTo(needed);
            written += encryptor.update(TEXT, at, 40, out, written);
        }
        int needed = (int) encryptor.finishSize(20);
        assertThatThrownBy(() -> encryptor.finish(TEXT, 80, 20, new byte[needed - 1], 0))
                .isInstanceOf(ShortBufferException.class);
        assertThat(encryptor.finishSize(20)).isEqualTo(needed);
        written += encryptor.finish(TEXT, 80, 20, out, written);

        assertThat(TestEngine.decrypt(service, Arrays.copyOf(out, written))).isEqualTo(TEXT);
        assertThat(gcm.distinctEncryptions()).hasSize(8);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 5, 6})
    @DisplayName("RULES 7: a failure ends the message, and no frame's number is used again")
    void failures(int call) {
        MessageEncryptor encryptor = encryptor();
        gcm.callsUntilFailure = call;
        byte[] out = new byte[1000];
        assertThatThrownBy(() -> {
                    encryptor.update(TEXT, 0, 90, out, 0);
                    encryptor.finish(TEXT, 90, 10, out, 0);
                })
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("told to fail");
        int begun = gcm.encryptions.size();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> encryptor.update(TEXT, 0, 100, out, 0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> encryptor.finish(TEXT, 0, 100, out, 0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> encryptor.updateAad(TEXT, 0, 100)).isInstanceOf(IllegalStateException.class);
        }
        assertThat(gcm.encryptions).hasSize(begun);
        gcm.distinctEncryptions();
    }

    @Test
    @DisplayName("RULES 7: a finished or closed message takes nothing more")
    void theEnd() throws Exception {
        byte[] out = new byte[1000];
        MessageEncryptor finished = encryptor();
        finished.finish(TEXT, 0, 100, out, 0);
        MessageEncryptor closed = encryptor();
        closed.close();
        closed.close();
        for (MessageEncryptor encryptor : new MessageEncryptor[] {finished, closed}) {
            assertThatThrownBy(() -> encryptor.update(NONE, 0, 0, out, 0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> encryptor.finish(NONE, 0, 0, out, 0)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    @DisplayName("data keys are wiped when a message starts, well or not")
    void wipedWhenWritingStarts() {
        MessageEncryptor encryptor = encryptor();
        assertThat(service.handedOut).hasSize(1).allMatch(secret -> secret.isDestroyed());
        encryptor.close();

        Provider broken = new Provider("Broken", "1", "offers nothing") {};
        EngineSettings without = new EngineSettings(OptionalInt.empty(), HeaderLimits.DEFAULT, 0, broken);
        assertThatThrownBy(() -> TestEngine.encryptor(service, EncryptionContext.empty(), without))
                .isInstanceOf(RuntimeException.class);
        assertThat(service.handedOut).hasSize(2).allMatch(secret -> secret.isDestroyed());
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("data keys are wiped when reading starts, at whatever step it fails")
    void wipedWhenReadingStarts(Release release) {
        byte[] message = TestEngine.encrypt(service, settings, TEXT);
        for (int call = 0; call <= 8; call++) {
            gcm.callsUntilFailure = call;
            MessageDecryptor decryptor = new MessageDecryptor(TestEngine.recipient(service), settings, release, null);
            Reading reading = Reading.of(decryptor, message, AT_ONCE);
            assertThat(service.handedOut).allMatch(secret -> secret.isDestroyed());
            if (call < 8) {
                assertThat(reading.fault()).isInstanceOf(IllegalStateException.class);
                assertThat(reading.all()).hasSize(release == Release.AT_THE_END ? 0 : Math.max(0, call - 1) * 16);
            } else {
                assertThat(reading.all()).isEqualTo(TEXT);
            }
        }
        gcm.callsUntilFailure = Integer.MAX_VALUE;
        for (int at = 0; at < message.length; at += 7) {
            byte[] changed = message.clone();
            changed[at] ^= 1;
            Reading.of(TestEngine.decryptor(service, release), changed, TestEngine.pieces(60, at));
            assertThat(service.handedOut).allMatch(secret -> secret.isDestroyed());
        }
        MessageDecryptor halfRead = TestEngine.decryptor(service, release);
        halfRead.feed(message, 0, message.length - 1);
        assertThat(service.handedOut).allMatch(secret -> secret.isDestroyed());
        halfRead.close();
    }

    @Test
    @DisplayName("a failure of the service leaves nothing behind and starts nothing")
    void serviceFailure() {
        service.failWith(() -> new KmsUnavailableException("down"));
        assertThatThrownBy(this::encryptor).isInstanceOf(KmsUnavailableException.class);
        assertThat(gcm.encryptions).isEmpty();
    }

    @Test
    void nothingIsNoMessage() {
        for (Release release : Release.values()) {
            Reading reading = Reading.of(TestEngine.decryptor(service, release), NONE, AT_ONCE);
            assertThat(reading.fault())
                    .isInstanceOf(InvalidMessageException.class)
                    .hasMessageContaining("0 bytes");
        }
    }

    @Test
    @DisplayName("256 MiB go through both in the memory of a few frames")
    void constantMemory() throws Exception {
        int piece = 1 << 20;
        byte[] plaintext = TestEngine.randomBytes(piece, 3);
        EngineSettings settings = TestEngine.defaults();
        MessageEncryptor encryptor = TestEngine.encryptor(service, EncryptionContext.empty(), settings);
        MessageDecryptor decryptor = TestEngine.decryptor(service, Release.AT_THE_END);
        byte[] message = new byte[2 * piece];
        byte[] back = new byte[8 * piece];
        long[] read = {0};
        for (int i = 0; i < 16; i++) {
            pump(encryptor, decryptor, plaintext, message, back, read);
        }

        long allocated = Allocation.of(() -> {
            for (int i = 0; i < 240; i++) {
                pump(encryptor, decryptor, plaintext, message, back, read);
            }
        });

        decryptor.feed(message, 0, encryptor.finish(NONE, 0, 0, message, 0));
        decryptor.finish();
        read[0] += decryptor.drain(back, 0);
        assertThat(read[0]).isEqualTo(256L << 20);
        assertThat(allocated)
                .as("what each frame leaves for the collector, and not the data")
                .isLessThan(64L << 20);
    }

    private static void pump(
            MessageEncryptor encryptor,
            MessageDecryptor decryptor,
            byte[] plaintext,
            byte[] message,
            byte[] back,
            long[] read)
            throws ShortBufferException {
        int written = encryptor.update(plaintext, 0, plaintext.length, message, 0);
        decryptor.feed(message, 0, written);
        read[0] += decryptor.drain(back, 0);
    }
}
