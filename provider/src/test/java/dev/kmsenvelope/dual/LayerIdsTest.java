package dev.kmsenvelope.dual;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.crypto.RandomSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayerIdsTest {

    @Test
    @DisplayName("RULES 1, 21: the last 16 bytes are shared, the first 16 are each layer's own, and none comes again")
    void withoutIv() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            LayerIds ids = LayerIds.create(RandomSource.operatingSystem(), null);
            assertThat(ids.inner()).hasSize(32);
            assertThat(ids.outer()).hasSize(32);
            assertThat(ids.iv(16)).isEqualTo(part(ids.inner(), 16, 32)).isEqualTo(part(ids.outer(), 16, 32));
            assertThat(ids.iv(12)).isEqualTo(part(ids.inner(), 20, 32));
            seen.add(Arrays.toString(ids.iv(16)));
            seen.add(Arrays.toString(part(ids.inner(), 0, 16)));
            seen.add(Arrays.toString(part(ids.outer(), 0, 16)));
        }
        assertThat(seen).hasSize(300);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 16})
    @DisplayName("RULES 1: both end with the caller's IV; everything before it is drawn, every byte once")
    void withIv(int length) {
        byte[] iv = new byte[length];
        Arrays.fill(iv, (byte) 99);
        LayerIds ids = LayerIds.create(LayerIdsTest::numbers, iv);
        int drawn = 32 - length;
        assertThat(ids.iv(length)).isEqualTo(iv);
        for (byte[] id : new byte[][] {ids.inner(), ids.outer()}) {
            assertThat(part(id, drawn, 32)).isEqualTo(iv);
        }
        Set<Byte> each = new HashSet<>();
        for (byte b : part(ids.inner(), 0, drawn)) {
            each.add(b);
        }
        for (byte b : part(ids.outer(), 0, 16)) {
            each.add(b);
        }
        assertThat(each).hasSize(drawn + 16).doesNotContain((byte) 99);
        assertThat(part(ids.outer(), 16, drawn)).isEqualTo(part(ids.inner(), 16, drawn));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 11, 17, 32})
    @DisplayName("An IV of another length is refused")
    void wrongLength(int length) {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> LayerIds.create(RandomSource.operatingSystem(), new byte[length]));
    }

    private static byte[] numbers(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    private static byte[] part(byte[] bytes, int from, int to) {
        return Arrays.copyOfRange(bytes, from, to);
    }
}
