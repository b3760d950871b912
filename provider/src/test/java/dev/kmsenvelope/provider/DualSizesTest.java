package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.DualMessages;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What can be told of the length of a dual-layer message before it is decrypted, and what the cipher says. */
class DualSizesTest {

    private static final int FRAME = 50;

    private final InMemoryKeyService service = DualMessages.service();
    private final KmsSecretKey handle = DualMessages.handle(service, "frame-length", "" + FRAME);

    private MessageReader reader(Release release) throws Exception {
        return EnvelopeCodec.of(EnvelopeFormat.DUAL)
                .read(handle, EnvelopeParameterSpec.builder().build(), EncryptionContext.empty(), release);
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Wherever the message is split: enough before the inner header was read, and exact from there on")
    void everySplit(Release release) throws Exception {
        boolean[] seen = new boolean[2];
        for (int size : new int[] {0, 1, FRAME - 1, FRAME, FRAME + 1, 5 * FRAME + 7}) {
            byte[] text = Ciphers.random(size);
            byte[] message = DualMessages.encrypt(handle, text);
            for (int split = 0; split <= message.length; split++) {
                int rest = message.length - split;
                try (MessageReader reader = reader(release)) {
                    reader.feed(message, 0, split);
                    boolean known = reader.verifiedContext() != null;
                    long told = reader.availableAtTheEnd(message, split, rest, rest);
                    long most = reader.mostAtTheEnd(message, split, rest, rest);
                    long between = reader.availableAfter(message, split, rest, rest);
                    reader.feed(message, split, rest);
                    assertThat((long) reader.available()).as("at %d", split).isLessThanOrEqualTo(between);
                    reader.finish();
                    assertThat((long) size).as("at %d", split).isLessThanOrEqualTo(most);
                    if (known) {
                        assertThat(told)
                                .as("at %d of %d", split, message.length)
                                .isEqualTo(size);
                    } else {
                        assertThat(told).as("at %d", split).isBetween((long) size, (long) message.length);
                    }
                    assertThat(reader.drain()).isEqualTo(text);
                    seen[known ? 1 : 0] = true;
                }
            }
        }
        assertThat(seen).containsExactly(true, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, FRAME, 1000})
    @DisplayName("getOutputSize is enough room, always; exact room is, as soon as the inner header was read")
    void outputSize(int size) throws Exception {
        byte[] text = Ciphers.random(size);
        byte[] message = DualMessages.encrypt(handle, text);
        Cipher cipher = Ciphers.ours(DualMessages.DUAL, Cipher.DECRYPT_MODE, handle);
        assertThat(cipher.getOutputSize(message.length)).isEqualTo(message.length);
        for (int split = 0; split <= message.length; split += 7) {
            byte[] first = cipher.update(message, 0, split);
            int given = first == null ? 0 : first.length;
            int rest = message.length - split;
            byte[] room = new byte[cipher.getOutputSize(rest)];
            assertThat(room.length).isGreaterThanOrEqualTo(size - given);
            if (cipher.getIV() != null) {
                room = new byte[size - given];
            } else {
                byte[] exact = new byte[size];
                int from = split;
                assertThatExceptionOfType(ShortBufferException.class)
                        .isThrownBy(() -> cipher.doFinal(message, from, rest, exact, 0));
                assertThat(exact).containsOnly(new byte[size == 0 ? 0 : 1]);
            }
            int written = cipher.doFinal(message, split, rest, room, 0);
            assertThat(Arrays.copyOf(room, written)).isEqualTo(Arrays.copyOfRange(text, given, size));
            cipher.init(Cipher.DECRYPT_MODE, handle);
        }
    }
}
