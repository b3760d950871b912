package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** After everything was shut down: what is typed, what goes on, and that nothing is left. */
class ShutdownTest {

    private static final KeyId ORDERS = KeyId.of("alias/orders");
    private static final byte[] TEXT = {1, 2, 3};

    @TempDir
    private Path directory;

    private Configuration configuration;

    @BeforeEach
    void createKey() {
        configuration = Configuration.of(Map.of("local.directory", directory.toString()));
        try (KeyAdministration keys = Backends.openAdministration(configuration)) {
            keys.createKey(KeySpec.SYMMETRIC_DEFAULT, ORDERS);
        }
    }

    private KmsSecretKey open(String... settings) {
        Configuration all = settings.length == 0
                ? configuration
                : Configuration.of(Map.of(settings[0], settings[1])).orElse(configuration);
        return KmsSecretKey.of(KeyServices.open(all), KeyReference.ofMain(ORDERS), KeyPolicy.of(all, ORDERS));
    }

    @Test
    void aHandleFromBeforeIsRefusedWithATypeOfItsOwn() throws Exception {
        KmsSecretKey cached = open();
        KmsSecretKey direct = open("cache.max-age", "0s");
        byte[] message = Ciphers.encrypt(cached, TEXT);
        Ciphers.decrypt(cached, message);
        KmsEnvelope.shutdown();
        for (KmsSecretKey handle : new KmsSecretKey[] {cached, direct}) {
            assertThatThrownBy(() -> Ciphers.encrypt(handle, TEXT)).isInstanceOf(KeyServiceClosedException.class);
            assertThatThrownBy(() -> Ciphers.decrypt(handle, message)).isInstanceOf(KeyServiceClosedException.class);
        }
        Cipher cipher = Ciphers.ours(Ciphers.WRAP);
        assertThatThrownBy(() -> {
                    cipher.init(Cipher.WRAP_MODE, cached);
                    cipher.wrap(new javax.crypto.spec.SecretKeySpec(new byte[16], "AES"));
                })
                .isInstanceOf(KeyServiceClosedException.class);
    }

    @Test
    void whatIsOpenedAfterwardsWorksAndIsCountedOn() throws Exception {
        byte[] message = Ciphers.encrypt(open(), TEXT);
        long calls = KmsEnvelope.statistics().kms().calls();
        assertThat(calls).isPositive();
        KmsEnvelope.shutdown();
        KmsEnvelope.shutdown();
        assertThat(KmsEnvelope.statistics().kms().calls()).isEqualTo(calls);
        assertThat(Ciphers.decrypt(open(), message)).isEqualTo(TEXT);
        assertThat(KmsEnvelope.statistics().kms().calls()).isGreaterThan(calls);
    }

    @Test
    void aServiceThatAProgramMadeItselfStaysOpenButItsCachesDoNot() throws Exception {
        InMemoryKeyService own = new InMemoryKeyService().withKey("k");
        KmsSecretKey handle = Ciphers.handle(own, "k");
        byte[] message = Ciphers.encrypt(handle, TEXT);
        KmsEnvelope.shutdown();
        assertThatThrownBy(() -> Ciphers.encrypt(handle, TEXT)).isInstanceOf(KeyServiceClosedException.class);
        assertThat(own.key("k")).as("not wiped").isNotEqualTo(new byte[32]);
        assertThat(Ciphers.decrypt(Ciphers.handle(own, "k"), message)).isEqualTo(TEXT);
    }

    @Test
    void allAreClosedAlsoWhenOneFails() {
        AtomicInteger closed = new AtomicInteger();
        for (int i = 0; i < 2; i++) {
            KmsEnvelope.measured(dev.kmsenvelope.testing.KeyServices.failingAt(
                    "close",
                    new InMemoryKeyService(),
                    () -> new IllegalStateException("close " + closed.incrementAndGet())));
        }
        KeyService good = KmsEnvelope.measured(new InMemoryKeyService().withKey("k"));
        assertThatThrownBy(KmsEnvelope::shutdown)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("close")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
        assertThat(closed).hasValue(2);
        assertThatThrownBy(good::list).isInstanceOf(KeyServiceClosedException.class);
        KmsEnvelope.shutdown();
    }

    /** While an application is being unloaded, a class may be missing. */
    @Test
    void allAreClosedAlsoWhenOneEndsWithAnError() {
        for (int i = 0; i < 3; i++) {
            KmsEnvelope.measured((KeyService) java.lang.reflect.Proxy.newProxyInstance(
                    KeyService.class.getClassLoader(),
                    new Class<?>[] {KeyService.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("close")) {
                            throw new NoClassDefFoundError("gone");
                        }
                        return "name";
                    }));
        }
        assertThatThrownBy(KmsEnvelope::shutdown)
                .isInstanceOf(NoClassDefFoundError.class)
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(2));
        KmsEnvelope.shutdown();
    }

    @Test
    void nothingOpenMeansNothingToDo() {
        KmsEnvelope.shutdown();
        KmsEnvelope.flushDataKeys();
        assertThat(KmsEnvelope.statistics().cache().entries()).isZero();
    }
}
