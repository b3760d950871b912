package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.Messages;
import dev.kmsenvelope.testing.StormyKeyService;
import dev.kmsenvelope.testing.Weather;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Ciphers of many threads under several keys and contexts, while the service and the cache have a bad day. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class CipherStressTest {

    private static final int THREADS = 16;
    private static final int MAX_MESSAGES = 3;
    private static final int LEAST_ROUNDS = 40;
    private static final Duration USUALLY = Duration.ofMillis(1500);
    private static final List<String> KEYS = List.of("key-0", "key-1", "key-2");

    private static final Map<String, String> SETTINGS = Map.of(
            "cache.max-age", "15ms",
            "cache.max-messages", Integer.toString(MAX_MESSAGES),
            "cache.max-bytes", "9000",
            "cache.max-entries", "16",
            "cache.max-failure-age", "1ms",
            "cache.grace", "10ms",
            "frame-length", "512");

    private final StormyKeyService service = new StormyKeyService()
            .withLatency(300)
            .withKey("key-0")
            .withKey("key-1")
            .withKey("key-2");
    private final KeyServices services = KeyServices.of(service, Map.of());
    private final Map<EncryptedDataKey, AtomicInteger> messagesByKey = new ConcurrentHashMap<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();

    private KmsSecretKey handle(String alias, String tenant) {
        Map<String, String> settings = new LinkedHashMap<>(SETTINGS);
        settings.put("key." + alias + ".context.tenant", tenant);
        KeyId key = KeyId.of(alias);
        return KmsSecretKey.of(services, KeyReference.ofMain(key), KeyPolicy.of(Configuration.of(settings), key));
    }

    private List<KmsSecretKey> handles() {
        List<KmsSecretKey> handles = new ArrayList<>();
        for (String alias : List.of("alias/a", "alias/b")) {
            service.withAlias(alias, KEYS.get(handles.size() % KEYS.size()));
            for (String tenant : List.of("one", "two")) {
                handles.add(handle(alias, tenant));
            }
        }
        handles.add(handle("alias/a", "three").withRecipients(List.of(handle("alias/b", "three"))));
        return handles;
    }

    /** A message and what reads it. */
    private record Written(KmsSecretKey handle, byte[] plaintext, byte[] message) {}

    @Test
    @DisplayName("Every message that is written opens to its plaintext, no data key serves too many, and all are wiped")
    void storm() throws Exception {
        List<KmsSecretKey> handles = handles();
        DataKeyCache cache = services.companion(
                handles.get(0).policy().cache(),
                () -> new DataKeyCache(handles.get(0).policy().cache(), () -> {}));
        Weather weather = new Weather(service, KEYS, List.of("alias/a", "alias/b"), cache::flush, () -> {});
        Thread sky = new Thread(weather, "weather");
        open(write(handles.get(0), Ciphers.random(100))); // the JVM's first message takes long
        sky.start();
        try {
            long deadline = Crowd.deadline(Crowd.stress(USUALLY));
            List<List<Written>> all = Crowd.each(THREADS, i -> () -> work(handles, deadline));
            weather.end();
            sky.join();
            cache.flush();
            for (List<Written> some : all) {
                for (Written one : some) {
                    open(one); // also what could not be opened in the storm
                }
            }
        } finally {
            weather.end();
            services.close();
        }
        assertThat(refused.get()).as("there was a storm").isPositive();
        assertThat(opened.get()).as("and work was done").isGreaterThan(THREADS);
        assertThat(cache.statistics().hits()).as("and the cache was used").isPositive();
        for (int i = 0; i < 1000 && service.alive() > 0; i++) {
            Thread.sleep(10); // Calls that were under way when the services were closed end by themselves.
        }
        assertThat(service.alive()).as("data keys that nobody wiped").isZero();
    }

    private List<Written> work(List<KmsSecretKey> handles, long deadline) throws GeneralSecurityException {
        List<Written> written = new ArrayList<>();
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int i = 0; i < LEAST_ROUNDS || System.nanoTime() - deadline < 0; i++) {
            try {
                KmsSecretKey handle = handles.get(random.nextInt(handles.size()));
                if (random.nextInt(8) == 0) {
                    abandon(handle);
                }
                Written one = write(handle, Ciphers.random(random.nextInt(3000)));
                if (written.size() < 1000) {
                    written.add(one);
                }
                open(written.get(random.nextInt(written.size())));
            } catch (KmsException e) {
                refused.incrementAndGet();
            }
        }
        return written;
    }

    private void abandon(KmsSecretKey handle) throws GeneralSecurityException {
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        count(cipher.update(new byte[700]));
    }

    private Written write(KmsSecretKey handle, byte[] plaintext) throws GeneralSecurityException {
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        int middle = ThreadLocalRandom.current().nextInt(plaintext.length + 1);
        byte[] first = cipher.update(plaintext, 0, middle);
        if (first != null) {
            message.writeBytes(first);
        }
        message.writeBytes(cipher.doFinal(plaintext, middle, plaintext.length - middle));
        count(message.toByteArray());
        return new Written(handle, plaintext, message.toByteArray());
    }

    private void count(byte[] message) {
        EncryptedDataKey dataKey = Messages.header(message).encryptedDataKeys().get(0);
        assertThat(messagesByKey
                        .computeIfAbsent(dataKey, absent -> new AtomicInteger())
                        .incrementAndGet())
                .as("messages under one data key")
                .isLessThanOrEqualTo(MAX_MESSAGES);
    }

    private void open(Written one) throws GeneralSecurityException {
        assertThat(Ciphers.decrypt(one.handle, one.message)).isEqualTo(one.plaintext);
        opened.incrementAndGet();
    }
}
