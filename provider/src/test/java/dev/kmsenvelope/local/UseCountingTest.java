package dev.kmsenvelope.local;

import static dev.kmsenvelope.local.TestStore.CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDescription.KeyVersion;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** RULES 10: encryptions are counted per key version before they happen. */
class UseCountingTest {

    private static final byte[] PLAINTEXT = new byte[32];

    @TempDir
    Path directory;

    private TestStore store;
    private KeyId key;

    @BeforeEach
    void open() {
        store = new TestStore(directory);
        key = store.administration().createKey(KeySpec.SYMMETRIC_DEFAULT).id();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private long reserved() {
        return store.service().describe(key).currentVersion().orElseThrow().reservedUses();
    }

    @Test
    void blocksStartSmallAndDouble() {
        assertThat(reserved()).isZero();
        LocalKeyService service = store.service();
        long expected = 0;
        long used = 0;
        for (long block = 64; block <= 1024; block *= 2) {
            expected += block;
            for (long i = 0; i < block; i++) {
                service.encrypt(key, PLAINTEXT, CONTEXT);
                used++;
                assertThat(service.describe(key).currentVersion().orElseThrow().reservedUses())
                        .isEqualTo(expected)
                        .isGreaterThanOrEqualTo(used);
            }
        }
    }

    @Test
    void blocksEndAtAMillion() {
        UseCounter counter = new UseCounter(StoreSettings.DEFAULT_MAX_USES);
        StoreState state = StoreState.empty(StoredKey.randomId(store.settings().random()));
        StoredKey stored = store.administration().state().keys().get(key.value());
        for (int i = 0; i < 14; i++) {
            UseCounter.Reservation reservation = counter.reserve(stored, store.now, cause -> null);
            assertThat(reservation.uses()).isEqualTo(64L << i);
            counter.credit(state, state, reservation);
        }
        assertThat(counter.reserve(stored, store.now, cause -> null).uses()).isEqualTo(64L << 14);
        counter.credit(state, state, counter.reserve(stored, store.now, cause -> null));
        assertThat(counter.reserve(stored, store.now, cause -> null).uses()).isEqualTo(1L << 20);
    }

    @Test
    void eachProcessReservesForItself() {
        store.service().encrypt(key, PLAINTEXT, CONTEXT);
        store.service().encrypt(key, PLAINTEXT, CONTEXT);
        assertThat(reserved()).isEqualTo(128);
    }

    @Test
    @DisplayName("RULES 10: a key version that is used up is rotated")
    void aUsedUpVersionIsRotatedByItself() throws Exception {
        store.maxUses = 50;
        LocalKeyService one = store.service();
        LocalKeyService two = store.service();
        List<EncryptedDataKey> encrypted = new ArrayList<>();
        Map<String, Integer> uses = new HashMap<>();
        for (int i = 0; i < 60; i++) {
            EncryptedDataKey each = (i % 3 == 0 ? one : two).encrypt(key, PLAINTEXT, CONTEXT);
            encrypted.add(each);
            uses.merge(RawAesKeyInfo.parse(each.providerInfo()).keyName(), 1, Integer::sum);
        }
        KeyDescription description = one.describe(key);
        assertThat(description.versions()).hasSizeGreaterThanOrEqualTo(5);
        for (KeyVersion version : description.versions()) {
            assertThat(version.reservedUses()).isLessThanOrEqualTo(50);
            assertThat(uses.getOrDefault(key + "/" + version.id(), 0))
                    .isLessThanOrEqualTo((int) version.reservedUses());
        }
        for (EncryptedDataKey each : encrypted) {
            two.decrypt(key, each, CONTEXT).close();
        }
    }

    @Test
    @DisplayName("RULES 10: an old file put in place voids what was reserved")
    void anOldFilePutInPlaceVoidsWhatWasReserved() throws Exception {
        LocalKeyService service = store.service();
        service.encrypt(key, PLAINTEXT, CONTEXT);
        byte[] old = Files.readAllBytes(store.keyFile());
        store.administration().rotate(key);
        service.encrypt(key, PLAINTEXT, CONTEXT);
        store.files.replace(store.keyFile(), old);
        try (Warnings warnings = new Warnings()) {
            // Not one of the 63 uses that were left of the first block: they may have been given to others since.
            service.encrypt(key, PLAINTEXT, CONTEXT);
            assertThat(warnings.texts)
                    .singleElement()
                    .asString()
                    .contains(store.keyFile().toString(), "went back from generation 4 to 2");
        }
        assertThat(reserved()).isGreaterThan(64);
    }
}
