package dev.kmsenvelope.local;

import static dev.kmsenvelope.local.TestStore.CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyDescription.KeyVersion;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.RotationStatus;
import dev.kmsenvelope.kms.RotationStatus.Cause;
import dev.kmsenvelope.kms.RotationStatus.Rotation;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotationByAgeTest {

    private static final byte[] PLAINTEXT = new byte[32];

    @TempDir
    Path directory;

    private TestStore store;
    private LocalKeyAdministration admin;
    private KeyId key;
    private Instant created;

    @BeforeEach
    void open() {
        store = new TestStore(directory);
        admin = store.administration();
        created = store.now;
        key = admin.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
    }

    @AfterEach
    void close() {
        store.close();
    }

    private List<String> versions() {
        return admin.describe(key).versions().stream().map(KeyVersion::id).toList();
    }

    @Test
    void aKeyIsRotatedBeforeTheFirstUseAtThatAge() {
        LocalKeyService service = store.service();
        EncryptedDataKey first = service.encrypt(key, PLAINTEXT, CONTEXT);
        admin.enableRotation(key, 90);
        assertThat(admin.rotationStatus(key))
                .isEqualTo(new RotationStatus(90, created.plus(Duration.ofDays(90)), List.of()));
        store.pass(Duration.ofDays(90).minusMillis(1));
        assertThat(service.versionOf(key, service.encrypt(key, PLAINTEXT, CONTEXT), CONTEXT))
                .contains("1");
        store.pass(Duration.ofMillis(1));
        assertThat(versions()).as("nobody encrypted yet").containsExactly("1");
        assertThat(service.decrypt(key, first, CONTEXT).length()).isEqualTo(32);
        assertThat(versions()).as("decrypting rotates nothing").containsExactly("1");
        // There are uses left of version 1's block, and it is not used for them.
        EncryptedDataKey second = service.encrypt(key, PLAINTEXT, CONTEXT);
        assertThat(service.versionOf(key, second, CONTEXT)).contains("2");
        assertThat(versions()).containsExactly("1", "2");
        service.decrypt(key, first, CONTEXT).close();
        store.service().decrypt(key, second, CONTEXT).close();

        Instant rotated = store.now;
        assertThat(admin.rotationStatus(key))
                .isEqualTo(new RotationStatus(
                        90, rotated.plus(Duration.ofDays(90)), List.of(new Rotation(rotated, Cause.AGE))));
        store.pass(Duration.ofDays(1000));
        service.encrypt(key, PLAINTEXT, CONTEXT);
        service.encrypt(key, PLAINTEXT, CONTEXT);
        assertThat(versions()).as("once, however late").containsExactly("1", "2", "3");
    }

    @Test
    void eachRotationTellsItsCause() {
        store.maxUses = 64;
        LocalKeyService service = store.service();
        admin.rotate(key);
        for (int i = 0; i < 65; i++) {
            service.encrypt(key, PLAINTEXT, CONTEXT);
        }
        admin.enableRotation(key, 2560);
        store.pass(Duration.ofDays(2560));
        service.encrypt(key, PLAINTEXT, CONTEXT);
        assertThat(store.administration().rotationStatus(key).history())
                .containsExactly(
                        new Rotation(created, Cause.ON_DEMAND),
                        new Rotation(created, Cause.USES),
                        new Rotation(store.now, Cause.AGE));
    }

    @Test
    void theAgeIsThatOfTheMaterial() {
        LocalKeyService service = store.service();
        store.pass(Duration.ofDays(400));
        admin.enableRotation(key, 365);
        assertThat(admin.rotationStatus(key).next()).isBefore(store.now);
        service.encrypt(key, PLAINTEXT, CONTEXT);
        assertThat(versions()).containsExactly("1", "2");
        store.pass(Duration.ofDays(364));
        admin.rotate(key);
        store.pass(Duration.ofDays(364));
        service.encrypt(key, PLAINTEXT, CONTEXT);
        assertThat(versions()).as("rotated on demand in between").containsExactly("1", "2", "3");
        admin.disableRotation(key);
        admin.disableRotation(key);
        assertThat(admin.rotationStatus(key).isAutomatic()).isFalse();
        assertThat(admin.rotationStatus(key).next()).isNull();
        store.pass(Duration.ofDays(5000));
        service.encrypt(key, PLAINTEXT, CONTEXT);
        assertThat(versions()).hasSize(3);
    }

    @Test
    void periodsHaveALimitAndKeysMustBeEnabled() {
        for (int days : new int[] {-1, 0, 89, 2561, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> admin.enableRotation(key, days))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("90 to 2560");
        }
        admin.enableRotation(key, 90);
        admin.disable(key);
        assertThatThrownBy(() -> admin.enableRotation(key, 365)).isInstanceOf(KeyDisabledException.class);
        assertThatThrownBy(() -> admin.disableRotation(key)).isInstanceOf(KeyDisabledException.class);
        assertThat(admin.rotationStatus(key)).isEqualTo(new RotationStatus(90, null, List.of()));
        store.pass(Duration.ofDays(91));
        assertThatThrownBy(() -> store.service().encrypt(key, PLAINTEXT, CONTEXT))
                .isInstanceOf(KeyDisabledException.class);
        assertThat(versions()).containsExactly("1");
        admin.scheduleDeletion(key, 7);
        assertThatThrownBy(() -> admin.disableRotation(key)).isInstanceOf(KeyDisabledException.class);
        KeyId absent = KeyId.of("alias/absent");
        assertThatThrownBy(() -> admin.enableRotation(absent, 90)).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> admin.rotationStatus(absent)).isInstanceOf(KeyNotFoundException.class);
    }

    @Test
    @DisplayName("A rotation that is due and cannot be written: nothing is encrypted, everything is decrypted")
    void withoutWriteAccessADueRotationFailsClosed() {
        LocalKeyService service = store.service();
        EncryptedDataKey encrypted = service.encrypt(key, PLAINTEXT, CONTEXT);
        admin.enableRotation(key, 90);
        service.encrypt(key, PLAINTEXT, CONTEXT);
        store.pass(Duration.ofDays(90));
        store.files.failAt = "write keys.p7m.tmp";
        assertThatThrownBy(() -> service.encrypt(key, PLAINTEXT, CONTEXT))
                .isInstanceOf(KmsUnavailableException.class)
                .matches(e -> ((KmsException) e).isRetryable());
        service.decrypt(key, encrypted, CONTEXT).close();
        store.files.failAt = null;
        assertThat(versions()).containsExactly("1");
        assertThat(service.versionOf(key, service.encrypt(key, PLAINTEXT, CONTEXT), CONTEXT))
                .contains("2");
    }

    @Test
    void manyThreadsAndProcessesRotateOnce() throws Exception {
        admin.enableRotation(key, 90);
        List<LocalKeyService> services = List.of(store.service(), store.service(), store.service());
        for (LocalKeyService each : services) {
            each.encrypt(key, PLAINTEXT, CONTEXT);
        }
        store.pass(Duration.ofDays(90));
        int threads = 9;
        CyclicBarrier together = new CyclicBarrier(threads);
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<EncryptedDataKey>> work = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                LocalKeyService mine = services.get(i % services.size());
                work.add(() -> {
                    together.await();
                    return mine.encrypt(key, PLAINTEXT, CONTEXT);
                });
            }
            for (Future<EncryptedDataKey> done : pool.invokeAll(work)) {
                assertThat(services.get(0).versionOf(key, done.get(), CONTEXT)).contains("2");
            }
        } finally {
            pool.shutdown();
        }
        assertThat(versions()).containsExactly("1", "2");
    }
}
