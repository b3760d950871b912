package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Messages and contexts from outside whose hash codes are the same do not make the maps of data keys slow. */
class CollidingKeysTest {

    private static final int COUNT = 2048;

    /** More than the height of a tree of so many, with two comparisons for each; far fewer than there are. */
    private static final int FEW = 60;

    private final TestCache testing = new TestCache();
    private int comparisons;

    /** Equal to another one, and counts how often that is asked. */
    private final class Reader {
        @Override
        public boolean equals(Object other) {
            comparisons++;
            return other instanceof Reader;
        }

        @Override
        public int hashCode() {
            return 1;
        }
    }

    @AfterEach
    void close() {
        testing.close();
    }

    private CachingDataKeySource source() {
        return new CachingDataKeySource(testing.cache, testing.origin, new Reader(), (key, encrypted) -> true);
    }

    private DataKeyRequest request(EncryptedDataKey encrypted, EncryptionContext context) {
        return new DataKeyRequest(source(), ScriptedSource.KEY, ScriptedSource.USE, encrypted, context);
    }

    /** Encrypted data keys that differ in front of what the hash code looks at. */
    private DataKeyRequest message(int number) {
        byte[] ciphertext = ByteBuffer.allocate(184).putInt(number).array();
        return request(new EncryptedDataKey("p", new byte[3], ciphertext), EncryptionContext.empty());
    }

    /** The same, of another key. */
    private DataKeyRequest messageOfAKey(int number) {
        byte[] info = ByteBuffer.allocate(10).putInt(number).array();
        return request(new EncryptedDataKey("p", info, new byte[184]), EncryptionContext.empty());
    }

    /** Contexts of pieces that have the same hash code, as {@code Aa} and {@code BB} have. */
    private DataKeyRequest context(int number) {
        return request(null, EncryptionContext.of(Map.of("tenant", colliding(number))));
    }

    private DataKeyRequest provider(int number) {
        return request(new EncryptedDataKey(colliding(number), new byte[3], new byte[8]), EncryptionContext.empty());
    }

    private static String colliding(int number) {
        StringBuilder value = new StringBuilder();
        for (int bit = 1; bit < COUNT; bit <<= 1) {
            value.append((number & bit) == 0 ? "Aa" : "BB");
        }
        return value.toString();
    }

    private List<IntFunction<DataKeyRequest>> kinds() {
        return List.of(this::message, this::messageOfAKey, this::context, this::provider);
    }

    @SuppressWarnings("UnnecessaryAsync") // the kind of map that Caffeine has inside
    @Test
    @DisplayName("Among thousands with one hash code, each is found by a few comparisons, and none that is not there")
    void found() {
        for (IntFunction<DataKeyRequest> kind : kinds()) {
            Map<DataKeyRequest, Integer> map = new ConcurrentHashMap<>();
            Cache<DataKeyRequest, Integer> cache =
                    Caffeine.newBuilder().maximumSize(COUNT).build();
            for (int i = 0; i < COUNT / 2; i++) {
                assertThat(kind.apply(i)).hasSameHashCodeAs(kind.apply(0));
                map.put(kind.apply(i), i);
                cache.put(kind.apply(i), i);
            }
            for (int i = 0; i < COUNT; i++) {
                Integer expected = i < COUNT / 2 ? i : null;
                comparisons = 0;
                assertThat(map.get(kind.apply(i))).isEqualTo(expected);
                assertThat(cache.getIfPresent(kind.apply(i))).isEqualTo(expected);
                assertThat(comparisons).as("request %d", i).isLessThan(2 * FEW);
            }
        }
    }

    @Test
    @DisplayName("The order is one: the same both ways round, and equal ones are not apart in it")
    void order() {
        for (IntFunction<DataKeyRequest> kind : kinds()) {
            for (int i = 0; i < 40; i++) {
                for (int j = 0; j < 40; j++) {
                    int order = kind.apply(i).compareTo(kind.apply(j));
                    assertThat(Integer.signum(order))
                            .isEqualTo(-Integer.signum(kind.apply(j).compareTo(kind.apply(i))));
                    assertThat(order == 0).isEqualTo(i == j);
                }
            }
        }
        DataKeyRequest writing = request(null, EncryptionContext.empty());
        assertThat(Integer.signum(writing.compareTo(message(0))))
                .isEqualTo(-Integer.signum(message(0).compareTo(writing)))
                .isNotZero();
    }
}
