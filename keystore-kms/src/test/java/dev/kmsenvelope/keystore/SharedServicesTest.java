package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.provider.KmsEnvelope;
import dev.kmsenvelope.spi.KeyServices;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loading a KMS KeyStore again, as some code does for every request, must not open the service again. */
class SharedServicesTest {

    @TempDir
    private Path home;

    @Test
    void theSameSettingsShareAService() {
        KeyServices one = SharedServices.open(Fixture.settings(home));
        KeyServices other = SharedServices.open(Fixture.settings(home));

        assertThat(other).isSameAs(one);
    }

    @Test
    void otherSettingsDoNot() {
        KeyServices one = SharedServices.open(Fixture.settings(home));
        KeyServices other = SharedServices.open(Fixture.settings(home.resolve("other")));
        KeyServices third = SharedServices.open(
                Configuration.of(Map.of("local.directory", home.toString(), "key.alias/demo.usage", "encrypt")));

        assertThat(List.of(one, other, third)).doesNotHaveDuplicates();
    }

    @Test
    void handlesOutOfTwoLoadsAreEqual() throws Exception {
        Fixture.create(home, "alias/demo");
        KeyStore one = Fixture.load(home);
        KeyStore other = Fixture.load(home);

        assertThat(one.getKey("alias/demo", null))
                .isEqualTo(other.getKey("alias/demo", null))
                .hasSameHashCodeAs(other.getKey("alias/demo", null));
        assertThat(Fixture.load("local.directory=" + home + "\ndecrypt.hold=1MiB")
                        .getKey("alias/demo", null))
                .isNotEqualTo(one.getKey("alias/demo", null));
    }

    @Test
    void aHandleOutlivesItsKeyStore() throws Exception {
        Fixture.create(home, "alias/demo");
        var handle = Fixture.load(home).getKey("alias/demo", null);

        System.gc();

        assertThat(Fixture.open(handle, Fixture.seal(handle))).isEqualTo(Fixture.TEXT);
    }

    @Test
    void afterShutdownAKeyStoreIsLoadedWithServicesThatAreOpen() throws Exception {
        Fixture.create(home, "alias/demo");
        var before = Fixture.load(home).getKey("alias/demo", null);
        byte[] sealed = Fixture.seal(before);

        KmsEnvelope.shutdown();

        assertThatThrownBy(() -> Fixture.seal(before)).isInstanceOf(KeyServiceClosedException.class);
        assertThat(Fixture.open(Fixture.load(home).getKey("alias/demo", null), sealed))
                .isEqualTo(Fixture.TEXT);
    }

    @Test
    void manyThreadsMayLoadAtOnce() throws Exception {
        Fixture.create(home, "alias/demo");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<byte[]>> loads = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                loads.add(() -> {
                    var key = Fixture.load(home).getKey("alias/demo", null);
                    return Fixture.open(key, Fixture.seal(key));
                });
            }
            for (Future<byte[]> opened : threads.invokeAll(loads)) {
                assertThat(opened.get()).isEqualTo(Fixture.TEXT);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
