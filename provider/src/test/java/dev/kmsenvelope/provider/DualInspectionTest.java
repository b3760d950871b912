package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.testing.DualMessages;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a dual-layer message to show its inner header. */
class DualInspectionTest {

    private final KmsSecretKey handle = DualMessages.handle(DualMessages.service());

    /** Never ends. */
    private static final class Endless extends InputStream {

        private final AtomicLong count = new AtomicLong();

        @Override
        public int read() {
            count.incrementAndGet();
            return 0x55;
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            count.addAndGet(length);
            Arrays.fill(into, offset, offset + length, (byte) 0x55);
            return length;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 500, 900})
    @DisplayName("Nothing more is read once the outer layer is seen to be bad, however much there is")
    void stopsAtTheFault(int good) throws Exception {
        byte[] message = DualMessages.encrypt(handle, new byte[100]);
        Endless garbage = new Endless();
        InputStream changed = new SequenceInputStream(
                new ByteArrayInputStream(message, 0, Math.min(good, message.length / 2)), garbage);
        assertThatThrownBy(() -> DualInspection.innerHeader(
                        handle, EnvelopeParameterSpec.builder().build(), new byte[0], changed))
                .isInstanceOf(AEADBadTagException.class);
        assertThat(garbage.count.get()).isLessThan(20_000_000);
    }
}
