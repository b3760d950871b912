package dev.kmsenvelope.benchmarks.keyservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DelayedKeyServiceTest {

    private static final KeyId KEY = KeyId.of("alias/one");
    private static final KeyId OTHER = KeyId.of("alias/two");
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "a"));

    private final DelayedKeyService service = DelayedKeyService.inMemory(Latency.NONE, List.of(KEY, OTHER));

    @Test
    void givesDataKeysThatOnlyItsKeyAndContextOpen() {
        try (DataKeyPair pair = service.generateDataKey(KEY, 32, CONTEXT);
                SecretBytes opened = service.decrypt(KEY, pair.encrypted(), CONTEXT)) {
            assertThat(opened.copy()).isEqualTo(pair.plaintext().copy()).hasSize(32);
            assertThat(service.keyOf(pair.encrypted())).contains(KEY);
            assertThatThrownBy(() -> service.decrypt(KEY, pair.encrypted(), EncryptionContext.empty()))
                    .isInstanceOf(InvalidCiphertextException.class);
            assertThatThrownBy(() -> service.decrypt(OTHER, pair.encrypted(), CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
            EncryptedDataKey moved = service.reEncrypt(KEY, pair.encrypted(), CONTEXT, OTHER, CONTEXT);
            assertThat(service.keyOf(service.fromBlob(OTHER, service.toBlob(moved))))
                    .contains(OTHER);
        }
    }

    @Test
    void countsWhatTakesARequest() {
        try (DataKeyPair pair = service.generateDataKey(KEY, 32, CONTEXT)) {
            service.encrypt(KEY, new byte[16], CONTEXT);
            service.decrypt(KEY, pair.encrypted(), CONTEXT).close();
            service.decrypt(KEY, pair.encrypted(), CONTEXT).close();
            service.describe(KEY);
            service.list();
            service.decryptionKeys(KEY);
            service.keyOf(pair.encrypted());
        }

        CallCounts counts = service.counts();
        assertThat(counts).isEqualTo(new CallCounts(1, 1, 2, 2, 0, 1));
        assertThat(counts.cryptographic()).isEqualTo(4);
        service.encrypt(KEY, new byte[16], CONTEXT);
        assertThat(service.counts().since(counts)).isEqualTo(new CallCounts(0, 1, 0, 0, 0, 1));
    }

    @Test
    void failsAsToldAndCountsThat() {
        service.setFailures(1, DelayedKeyService.Failure.UNAVAILABLE);
        assertThatThrownBy(() -> service.generateDataKey(KEY, 32, CONTEXT)).isInstanceOf(KmsUnavailableException.class);
        service.setFailures(1, DelayedKeyService.Failure.THROTTLED);
        assertThatThrownBy(() -> service.describe(KEY)).isInstanceOf(KmsThrottledException.class);
        service.setFailures(1, DelayedKeyService.Failure.DENIED);
        assertThatThrownBy(() -> service.encrypt(KEY, new byte[1], CONTEXT))
                .isInstanceOf(KeyAccessDeniedException.class);
        assertThat(service.counts().failed()).isEqualTo(3);

        service.setFailures(0, DelayedKeyService.Failure.DENIED);
        service.encrypt(KEY, new byte[1], CONTEXT);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> service.setFailures(1.1, DelayedKeyService.Failure.DENIED));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> service.setFailures(Double.NaN, DelayedKeyService.Failure.DENIED));
    }

    @Test
    void failsAShareOfTheRequestsTheSameForTheSameSeed() {
        assertThat(failures(7)).isEqualTo(failures(7)).isBetween(150L, 350L);
    }

    private static long failures(long seed) {
        try (DelayedKeyService some = new DelayedKeyService(new FreshKeyService(List.of(KEY)), Latency.NONE, seed)) {
            some.setFailures(0.25, DelayedKeyService.Failure.UNAVAILABLE);
            for (int i = 0; i < 1000; i++) {
                try {
                    some.describe(KEY);
                } catch (KmsUnavailableException e) {
                    assertThat(e.isRetryable()).isTrue();
                }
            }
            return some.counts().failed();
        }
    }

    @Test
    void interruptionEndsTheWaitAsUnavailable() {
        service.setLatency(Latency.parse("1000s"));
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> service.describe(KEY))
                .isInstanceOf(KmsUnavailableException.class)
                .hasCauseInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void refusesKeysThatThereAreNotAndUseAfterClosing() {
        assertThatThrownBy(() -> service.generateDataKey(KeyId.of("alias/none"), 32, CONTEXT))
                .isInstanceOf(KeyNotFoundException.class);
        service.close();
        assertThatThrownBy(() -> service.generateDataKey(KEY, 32, CONTEXT)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void drawsLatenciesOfItsDistribution() {
        assertThat(draws("5ms")).containsOnly(5_000_000);
        assertThat(LongStream.of(draws("200us..1ms"))).allMatch(nanos -> nanos >= 200_000 && nanos <= 1_000_000);
        assertThat(quantile("200us..1ms", 0.5)).isBetween(570_000L, 630_000L);
        assertThat(quantile("5ms~40ms", 0.5)).isBetween(4_700_000L, 5_300_000L);
        assertThat(quantile("5ms~40ms", 0.99)).isBetween(35_000_000L, 46_000_000L);
    }

    private static long[] draws(String latency) {
        Random random = new Random(1);
        Latency parsed = Latency.parse(latency);
        return LongStream.generate(() -> parsed.nanos(random))
                .limit(20_000)
                .sorted()
                .toArray();
    }

    private static long quantile(String latency, double share) {
        long[] draws = draws(latency);
        return draws[(int) (share * draws.length)];
    }

    @ParameterizedTest
    @ValueSource(strings = {"0ms", "5ms", "250us", "1ms..20ms", "5ms~40ms"})
    void writesALatencyAsItReadsIt(String text) {
        assertThat(Latency.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "ms", "-5ms", "5 ms", "20ms..1ms", "5ms~1ms", "0ms~1ms", "1h", "1ms..2ms..3ms"})
    void refusesWhatIsNoLatency(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Latency.parse(text));
    }

    @Test
    void isABackendThatTheProviderUses() throws GeneralSecurityException {
        Configuration configuration =
                Configuration.of(Map.of("backend", "delayed", "delayed.latency", "0ms", "delayed.seed", "3"));
        try (KeyService backend = Backends.openService(configuration)) {
            KeyId key = DelayedBackendFactory.DEFAULT_KEY;
            KmsSecretKey handle = KmsSecretKey.of(backend, key, KeyPolicy.of(configuration, key));
            Cipher cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
            cipher.init(Cipher.ENCRYPT_MODE, handle);
            byte[] message = cipher.doFinal(new byte[] {1, 2, 3});
            cipher.init(Cipher.DECRYPT_MODE, handle);
            assertThat(cipher.doFinal(message)).containsExactly(1, 2, 3);
            assertThat(backend.name()).startsWith("delayed ");
        }
    }

    @Test
    void refusesWrongSettings() {
        for (Map<String, String> wrong : List.of(
                Map.of("delayed.latency", "fast"),
                Map.of("delayed.failure-percent", "101"),
                Map.of("delayed.keys", "alias/a,,alias/b"))) {
            assertThatThrownBy(() -> new DelayedBackendFactory().openService(Configuration.of(wrong)))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContaining(wrong.keySet().iterator().next());
        }
        assertThatThrownBy(() -> new DelayedBackendFactory().openAdministration(Configuration.empty()))
                .isInstanceOf(UnsupportedOperationException.class);
    }
}
