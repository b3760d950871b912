package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.dek.KeyIdentity;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.StoredKeys;
import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** RULES 10: the memory of the counts is bounded, and no count is ever lower than the truth. */
class MessageCountsTest {

    private static final int KEPT = 8;

    private final MessageCounts counts = new MessageCounts(KEPT);

    private static KeyIdentity key(int number) {
        return KeyIdentity.of(ByteBuffer.allocate(16).putInt(number).array());
    }

    private static StoredDataKey with(long maxMessages) {
        return new StoredDataKey(
                "tokens", 1, DataKeyUsage.AES_GCM, 16, StoredKeys.MASTER, new byte[1], StoredKeys.CONTEXT, maxMessages);
    }

    private boolean allows(int number, long maxMessages) {
        try {
            counts.add(key(number), with(maxMessages));
            return true;
        } catch (InvalidKeyException e) {
            return false;
        }
    }

    private void add(int number, int times) throws InvalidKeyException {
        for (int i = 0; i < times; i++) {
            counts.add(key(number), with(StoredDataKey.MOST_MESSAGES));
        }
    }

    @Test
    @DisplayName("A refused message is not counted: an entry of the same key that allows more goes on")
    void refused() {
        assertThat(allows(1, 2)).isTrue();
        assertThat(allows(1, 2)).isTrue();
        for (int i = 0; i < 5; i++) {
            assertThat(allows(1, 2)).isFalse();
        }
        assertThat(allows(1, 3)).isTrue();
        assertThat(allows(1, 3)).isFalse();
        assertThat(allows(2, 1)).isTrue();
    }

    @Test
    @DisplayName(
            "What was much used keeps its count whatever comes, and what was dropped starts from no less than it had")
    void dropped() throws Exception {
        add(0, 100);
        for (int number = 1; number <= 20 * KEPT; number++) {
            add(number, 3);
            assertThat(counts.size()).isLessThanOrEqualTo(2 * KEPT);
        }
        assertThat(allows(0, 100)).isFalse();
        assertThat(allows(0, 101)).isTrue();
        assertThat(allows(1, 3)).as("dropped with 3").isFalse();
        assertThat(allows(1, 1 + (100 + 60 * KEPT) / KEPT)).isTrue();
    }

    @Test
    @DisplayName("Under any mixture of keys: never below the truth, and above it by no more than all messages / kept")
    void bounds() throws Exception {
        Random random = new Random(7);
        Map<Integer, Integer> truth = new HashMap<>();
        long all = 0;
        for (int i = 0; i < 20_000; i++) {
            int number = (int) Math.abs(random.nextGaussian() * 30);
            long most = 1 + truth.getOrDefault(number, 0) + all / KEPT;
            assertThatExceptionOfType(InvalidKeyException.class)
                    .as("as many as it really had are too many")
                    .isThrownBy(() -> requireRefused(number, truth.getOrDefault(number, 0)));
            assertThat(allows(number, most)).as("message %d", i).isTrue();
            truth.merge(number, 1, Integer::sum);
            all++;
            assertThat(counts.size()).isLessThanOrEqualTo(2 * KEPT);
        }
    }

    private void requireRefused(int number, int had) throws InvalidKeyException {
        if (had == 0) {
            throw new InvalidKeyException("there is no such limit");
        }
        counts.add(key(number), with(had));
    }

    @Test
    @DisplayName("Threads that count and drop at once lose nothing")
    void race() throws Exception {
        int each = 4000;
        int threads = 6;
        List<Integer> allowed = Crowd.each(threads, thread -> () -> {
            int own = 0;
            for (int i = 0; i < each; i++) {
                own += allows(-1, threads * each / 2) ? 1 : 0;
                add(thread * each + i, 1 + i % 3);
            }
            return own;
        });
        assertThat(allowed.stream().mapToInt(Integer::intValue).sum())
                .as("never more than the limit")
                .isLessThanOrEqualTo(threads * each / 2);
        assertThat(allows(-1, threads * each / 2)).isFalse();
        assertThat(counts.size()).isLessThanOrEqualTo(2 * KEPT + threads);
    }
}
