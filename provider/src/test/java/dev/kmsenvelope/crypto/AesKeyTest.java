package dev.kmsenvelope.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.util.Arrays;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A key that can be wiped. */
class AesKeyTest {

    private static final int ROUNDS = 3000;

    private static byte[] ones(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) 1);
        return bytes;
    }

    @Test
    @DisplayName("RULES 16: while one thread wipes it, others get all of it or an exception, never a part")
    void neverHalfWiped() throws Exception {
        byte[] whole = ones(32);
        CyclicBarrier start = new CyclicBarrier(2);
        AesKey[] keys = new AesKey[ROUNDS];
        Arrays.setAll(keys, i -> new AesKey(whole));
        FutureTask<Void> wiping = new FutureTask<>(() -> {
            for (AesKey key : keys) {
                start.await();
                key.destroy();
            }
            return null;
        });
        new Thread(wiping).start();
        int refused = 0;
        for (AesKey key : keys) {
            start.await();
            try {
                for (int i = 0; i < 100; i++) {
                    assertThat(Arrays.equals(key.getEncoded(), whole)).isTrue();
                }
            } catch (IllegalStateException e) {
                refused++;
            }
        }
        wiping.get();
        assertThat(refused).as("rounds in which the two met").isPositive();
    }

    @Test
    void copiesAndForgets() {
        byte[] given = ones(16);
        AesKey key = new AesKey(given);
        given[0] = 5;
        key.getEncoded()[1] = 6;
        assertThat(key.getEncoded()).isEqualTo(ones(16));
        assertThat(key.toString()).isEqualTo("AesKey[128 bits]");
        key.destroy();
        key.destroy();
        assertThat(key.isDestroyed()).isTrue();
        assertThatIllegalStateException().isThrownBy(key::getEncoded);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 17, 31, 33})
    void otherLengthsAreRefused(int length) {
        assertThatIllegalArgumentException().isThrownBy(() -> new AesKey(new byte[length]));
    }
}
