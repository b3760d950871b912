package dev.kmsenvelope.dek;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.testing.FixedLease;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class KeyIdentityTest {

    private static final byte[] KEY = new byte[32];

    @Test
    @DisplayName("Every bit and the length count, and nothing else does")
    void equality() {
        Set<KeyIdentity> all = new HashSet<>();
        all.add(KeyIdentity.of(KEY));
        for (int bit = 0; bit < 256; bit++) {
            byte[] other = KEY.clone();
            other[bit / 8] ^= (byte) (1 << bit % 8);
            all.add(KeyIdentity.of(other));
        }
        for (int length = 1; length < 32; length++) {
            all.add(KeyIdentity.of(Arrays.copyOf(KEY, length)));
        }
        assertThat(all).hasSize(1 + 256 + 31);
        assertThat(KeyIdentity.of(KEY.clone())).isEqualTo(KeyIdentity.of(KEY)).hasSameHashCodeAs(KeyIdentity.of(KEY));
        assertThat(KEY).containsOnly(0);
        assertThat(KeyIdentity.of(KEY)).hasToString("KeyIdentity");
    }

    @Test
    @DisplayName("A cached key tells its identity for every lease, a closed lease does not")
    void leases() {
        EncryptedDataKey encrypted = new EncryptedDataKey("p", new byte[0], new byte[4]);
        try (TestCache testing = new TestCache()) {
            DataKeyLease closed = testing.decrypt(encrypted);
            byte[] key = closed.copyKey();
            closed.close();
            assertThatIllegalStateException().isThrownBy(closed::identity);
            try (DataKeyLease one = testing.decrypt(encrypted);
                    DataKeyLease other = testing.decrypt(encrypted)) {
                assertThat(one.identity()).isEqualTo(KeyIdentity.of(key));
                assertThat(other.identity()).as("it is computed once").isSameAs(one.identity());
            }
        }
    }

    @Test
    @DisplayName("The copy of the key that an identity is computed from is wiped")
    void wiped() {
        AtomicInteger copies = new AtomicInteger();
        byte[] copy = {1, 2, 3};
        DataKeyLease lease = new DataKeyLease() {
            @Override
            public byte[] copyKey() {
                copies.incrementAndGet();
                return copy;
            }

            @Override
            public int length() {
                return copy.length;
            }

            @Override
            public List<EncryptedDataKey> encrypted() {
                return List.of();
            }

            @Override
            public void used(long bytes) {}

            @Override
            public void close() {}
        };
        assertThat(lease.identity()).isEqualTo(new FixedLease(new byte[] {1, 2, 3}, List.of()).identity());
        assertThat(copy).containsOnly(0);
        assertThat(copies).hasValue(1);
    }
}
