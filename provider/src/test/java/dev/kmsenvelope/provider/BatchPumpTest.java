package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.engine.Ongoing;
import dev.kmsenvelope.engine.Scratch;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What the pump does with the arrays that it takes and gives back. */
class BatchPumpTest {

    private static final int ARRAYS = 40;

    /** Wants an output as large as there is an array for, and then one that no machine can make. */
    private static final class Greedy implements BatchPump.Message {

        private long size = Scratch.LENGTH;

        @Override
        public long size(byte[] in, int length) {
            long now = size;
            size = Integer.MAX_VALUE;
            return now;
        }

        @Override
        public Ongoing begin(byte[] in, int length, byte[] out) {
            return () -> 0;
        }

        @Override
        public boolean hasFailed() {
            return false;
        }

        @Override
        public byte[] end() {
            return new byte[0];
        }
    }

    @Test
    @DisplayName("An array is given back once, also where there is no memory for a larger one")
    void givenBackOnce() {
        byte[] input = new byte[5 << 20];
        for (int i = 0; i < 3; i++) {
            BatchPump pump = new BatchPump(
                    new Greedy(),
                    ByteSource.of(new ByteArrayInputStream(input)),
                    OutputStream.nullOutputStream()::write);
            assertThatThrownBy(pump::run).isInstanceOf(OutOfMemoryError.class);
        }
        Set<byte[]> taken = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < ARRAYS; i++) {
            byte[] array = Scratch.take(Scratch.LENGTH);
            assertThat(taken.add(array)).as("array " + i + " is nobody else's").isTrue();
            assertThat(array).containsOnly(0);
        }
    }
}
