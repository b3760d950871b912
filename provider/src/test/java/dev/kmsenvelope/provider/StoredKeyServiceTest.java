package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.Handles;
import dev.kmsenvelope.testing.KeyServices;
import dev.kmsenvelope.testing.StoredKeys;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stored data keys ask of the service, what the cache saves, and what comes of trouble. */
class StoredKeyServiceTest {

    private static final byte[] KEY = Ciphers.random(32);

    private final StoredKeys keys = new StoredKeys();

    @AfterEach
    void close() {
        keys.close();
    }

    private static byte[] roundTrip(KmsStoredKey writer, KmsStoredKey reader, byte[] plaintext) throws Exception {
        Cipher encrypting = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, writer);
        byte[] sealed = encrypting.doFinal(plaintext);
        Cipher decrypting = Ciphers.ours(Ciphers.GCM);
        decrypting.init(Cipher.DECRYPT_MODE, reader, encrypting.getParameters());
        return decrypting.doFinal(sealed);
    }

    @Test
    @DisplayName("Handles of the same services ask once, and what the service handed out is wiped")
    void sharing() throws Exception {
        StoredDataKey stored = keys.stored(DataKeyUsage.AES_GCM, KEY);
        for (int i = 0; i < 20; i++) {
            assertThat(roundTrip(keys.handle(stored), keys.handle(stored), Ciphers.random(i)))
                    .isEqualTo(Ciphers.random(i));
        }
        assertThat(keys.memory.decrypted).hasValue(1);
        assertThat(keys.memory.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("Without a cache, every init asks, and every further message without init")
    void uncached() throws Exception {
        KmsStoredKey handle = keys.handle(DataKeyUsage.AES_GCM, KEY, "cache.max-age", "0s");
        Cipher encrypting = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        encrypting.updateAAD(new byte[4]);
        encrypting.update(new byte[0]);
        byte[] sealed = encrypting.doFinal(new byte[40]);
        assertThat(keys.memory.decrypted).hasValue(1);
        Cipher decrypting = Ciphers.ours(Ciphers.GCM);
        decrypting.init(Cipher.DECRYPT_MODE, handle, encrypting.getParameters());
        for (int i = 2; i < 5; i++) {
            decrypting.updateAAD(new byte[4]);
            assertThat(decrypting.doFinal(sealed)).hasSize(40);
            assertThat(keys.memory.decrypted).hasValue(i);
        }
        Mac mac = Mac.getInstance("HmacSHA256", Handles.PROVIDER);
        mac.init(keys.handle(DataKeyUsage.HMAC_SHA256, KEY, "cache.max-age", "0s"));
        for (int i = 5; i < 8; i++) {
            mac.update(new byte[10]);
            mac.doFinal(new byte[10]);
            assertThat(keys.memory.decrypted).hasValue(i);
        }
        assertThat(keys.memory.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("RULES 9, 13: the same encrypted key is kept apart by usage, context and length, and from messages")
    void apart() throws Exception {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key); // one that no other test encrypts under: the entries allow 10 messages
        StoredDataKey gcm = keys.stored(DataKeyUsage.AES_GCM, key);
        StoredDataKey cbc = new StoredDataKey(
                "tokens", 1, DataKeyUsage.AES_CBC, 32, StoredKeys.MASTER, gcm.blob(), StoredKeys.CONTEXT, 10);
        Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, keys.handle(gcm));
        Ciphers.ours("AES/CBC/PKCS5Padding", Cipher.ENCRYPT_MODE, keys.handle(cbc));
        assertThat(keys.memory.decrypted).hasValue(2);
        StoredDataKey otherContext = new StoredDataKey(
                "tokens", 1, DataKeyUsage.AES_GCM, 32, StoredKeys.MASTER, gcm.blob(), EncryptionContext.empty(), 10);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, keys.handle(otherContext)));
        StoredDataKey otherLength = new StoredDataKey(
                "tokens", 1, DataKeyUsage.AES_GCM, 16, StoredKeys.MASTER, gcm.blob(), StoredKeys.CONTEXT, 10);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, keys.handle(otherLength)));
        byte[] message = Ciphers.encrypt(
                KmsSecretKey.of(
                        keys.services,
                        dev.kmsenvelope.spi.KeyReference.ofMain(StoredKeys.MASTER),
                        keys.handle(gcm).policy()),
                new byte[3]);
        assertThat(message.length).isGreaterThan(100);
        assertThat(keys.memory.generated).as("no stored key writes messages").hasValue(1);
    }

    @Test
    @DisplayName("After a flush the next message asks again, also of a Cipher object that was used before")
    void flush() throws Exception {
        KmsStoredKey handle = keys.handle(DataKeyUsage.AES_GCM, KEY);
        Cipher encrypting = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        byte[] sealed = encrypting.doFinal(new byte[9]);
        Cipher decrypting = Ciphers.ours(Ciphers.GCM);
        decrypting.init(Cipher.DECRYPT_MODE, handle, encrypting.getParameters());
        decrypting.doFinal(sealed);
        KmsEnvelope.flushDataKeys();
        assertThat(decrypting.doFinal(sealed)).hasSize(9);
        assertThat(keys.memory.decrypted).hasValue(2);
        KmsEnvelope.flushDataKeys();
        keys.memory.failWith(() -> new KeyAccessDeniedException("taken back"));
        assertThatExceptionOfType(KeyAccessDeniedException.class).isThrownBy(() -> decrypting.doFinal(sealed));
        assertThatExceptionOfType(KeyAccessDeniedException.class).isThrownBy(() -> decrypting.update(sealed));
        keys.memory.failWith(() -> null);
        KmsEnvelope.flushDataKeys();
        assertThat(decrypting.doFinal(sealed)).as("it works again without init").hasSize(9);
    }

    @Test
    @DisplayName("A message that has begun is finished, whatever happens to the cache and the service")
    void messageInWork() throws Exception {
        KmsStoredKey handle = keys.handle(DataKeyUsage.AES_GCM, KEY);
        Cipher encrypting = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        byte[] first = encrypting.update(new byte[64]);
        KmsEnvelope.flushDataKeys();
        keys.memory.failWith(() -> new KmsUnavailableException("down"));
        byte[] rest = encrypting.doFinal();
        assertThat(first.length + rest.length).isEqualTo(80);
    }

    static Stream<KmsException> failures() {
        return Stream.of(
                new KeyAccessDeniedException("m"),
                new KeyDisabledException("m"),
                new KeyNotFoundException("m"),
                new KmsThrottledException("m"),
                new KmsUnavailableException("m"));
    }

    @ParameterizedTest
    @DisplayName("RULES 19: trouble of the service leaves init and extract as what it is, at whichever call it comes")
    @MethodSource("failures")
    void trouble(KmsException failure) throws Exception {
        for (String call : List.of("fromBlob", "keyOf", "decryptionKeys", "decrypt")) {
            try (StoredKeys failing = new StoredKeys(KeyServices.failingAt(call, keys.memory, () -> failure))) {
                KmsStoredKey gcm = failing.handle(keys.stored(DataKeyUsage.AES_GCM, KEY), "cache.max-age", "0s");
                KmsStoredKey hmac = failing.handle(keys.stored(DataKeyUsage.HMAC_SHA256, KEY), "cache.max-age", "0s");
                assertThat(catchThrowable(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, gcm)))
                        .as(call)
                        .isSameAs(failure);
                assertThat(catchThrowable(() ->
                                Mac.getInstance("HmacSHA256", Handles.PROVIDER).init(hmac)))
                        .as(call)
                        .isSameAs(failure);
                assertThat(catchThrowable(gcm::extract)).as(call).isSameAs(failure);
            }
        }
    }

    @Test
    @DisplayName("RULES 12: every change of an encrypted key, and every cut, is an InvalidKeyException with one text")
    void damaged() throws Exception {
        StoredDataKey good = keys.stored(DataKeyUsage.AES_GCM, KEY);
        byte[] blob = good.blob();
        Function<byte[], StoredDataKey> with = bytes -> new StoredDataKey(
                "tokens", 1, DataKeyUsage.AES_GCM, 32, StoredKeys.MASTER, bytes, StoredKeys.CONTEXT, 10, true);
        Set<String> texts = new java.util.HashSet<>();
        for (int i = 0; i < blob.length; i++) {
            for (byte[] bad : i == 0
                    ? List.of(Ciphers.flipped(blob, i))
                    : List.of(Ciphers.flipped(blob, i), Arrays.copyOf(blob, i))) {
                KmsStoredKey handle = keys.handle(with.apply(bad), "cache.max-age", "0s");
                Throwable refused = catchThrowable(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle));
                assertThat(refused).as("byte %d", i).isInstanceOf(InvalidKeyException.class);
                texts.add(refused.getMessage());
                assertThatExceptionOfType(InvalidCiphertextException.class).isThrownBy(handle::extract);
            }
        }
        assertThat(texts).hasSize(1);
        KmsStoredKey longer = keys.handle(with.apply(Arrays.copyOf(blob, blob.length + 1)));
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, longer));
    }

    @Test
    @DisplayName("RULES 14: a key of the service that the entry does not name decrypts nothing")
    void otherKey() throws Exception {
        byte[] blob = keys.memory.toBlob(keys.memory.encrypt(KeyId.of("other"), KEY, StoredKeys.CONTEXT));
        KmsStoredKey handle = keys.handle(new StoredDataKey(
                "tokens", 1, DataKeyUsage.AES_GCM, 32, StoredKeys.MASTER, blob, StoredKeys.CONTEXT, 10));
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle));
        assertThat(keys.memory.decrypted).as("the service is not even asked").hasValue(0);
    }

    @Test
    @DisplayName("A failed init leaves a Cipher object that takes the next key")
    void afterAFailure() throws Exception {
        KmsStoredKey handle = keys.handle(DataKeyUsage.AES_GCM, KEY, "cache.max-age", "0s");
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        keys.memory.failWith(() -> new KmsThrottledException("slow down"));
        assertThatExceptionOfType(KmsThrottledException.class)
                .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle));
        assertThatIllegalStateException().isThrownBy(() -> cipher.doFinal(new byte[1]));
        keys.memory.failWith(() -> null);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        assertThat(cipher.doFinal(new byte[1])).hasSize(17);
    }

    @Test
    @DisplayName("When the services are closed, handles say so, and the cache is gone")
    void closed() throws Exception {
        KmsStoredKey used = keys.handle(DataKeyUsage.AES_GCM, KEY);
        KmsStoredKey unused = keys.handle(DataKeyUsage.HMAC_SHA256, KEY);
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, used);
        cipher.doFinal(new byte[1]);
        int open = DataKeyCache.all().size();
        keys.close();
        assertThat(DataKeyCache.all()).hasSizeLessThan(open);
        assertThatIllegalStateException()
                .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, used))
                .withMessageContaining("closed");
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> Mac.getInstance("HmacSHA256", Handles.PROVIDER).init(unused))
                .withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(unused::extract).withMessageContaining("closed");
    }

    @Test
    @DisplayName("What is done is counted with all data keys: misses, hits, calls")
    void figures() throws Exception {
        StoredDataKey stored = keys.stored(DataKeyUsage.AES_GCM, KEY);
        for (int i = 0; i < 3; i++) {
            roundTrip(keys.handle(stored), keys.handle(stored), new byte[100]);
        }
        DataKeyCache cache =
                keys.services.companion(keys.handle(stored).policy().cache(), () -> {
                    throw new IllegalStateException("there is no cache");
                });
        assertThat(cache.statistics().kmsCalls()).isEqualTo(1);
        assertThat(cache.statistics().misses()).isEqualTo(1);
        assertThat(cache.statistics().hits()).isEqualTo(5);
        assertThat(cache.statistics().entries()).isEqualTo(1);
    }

    @ParameterizedTest
    @DisplayName("Many threads with one handle: one call, and every message opens")
    @ValueSource(ints = {8})
    void concurrency(int threads) throws Exception {
        KmsStoredKey gcm = keys.handle(DataKeyUsage.AES_GCM, KEY);
        KmsStoredKey hmac = keys.handle(DataKeyUsage.HMAC_SHA512, KEY);
        byte[] expected = StoredMacTest.jdk("HmacSHA512", KEY, Ciphers.random(500));
        Crowd.each(threads, number -> () -> {
            Cipher decrypting = Ciphers.ours(Ciphers.GCM);
            Mac mac = Mac.getInstance("HmacSHA512", Handles.PROVIDER);
            mac.init(hmac);
            for (int i = 0; i < 200; i++) {
                byte[] plaintext = Ciphers.random(i);
                Cipher encrypting = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, gcm);
                byte[] sealed = encrypting.doFinal(plaintext);
                decrypting.init(Cipher.DECRYPT_MODE, gcm, new GCMParameterSpec(128, encrypting.getIV()));
                assertThat(decrypting.doFinal(sealed)).isEqualTo(plaintext);
                assertThat(mac.doFinal(Ciphers.random(500))).isEqualTo(expected);
                if (i % 50 == number) {
                    KmsEnvelope.flushDataKeys();
                }
            }
            return null;
        });
        assertThat(keys.memory.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("Callers who come together make one call")
    void singleFlight() throws Exception {
        KmsStoredKey gcm = keys.handle(DataKeyUsage.AES_GCM, KEY);
        Crowd.each(8, number -> () -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, gcm));
        assertThat(keys.memory.decrypted).hasValue(1);
    }

    @Test
    @DisplayName("The context that the service is given is the entry's, whole")
    void context() throws Exception {
        List<Object> contexts = new java.util.ArrayList<>();
        try (StoredKeys watched =
                new StoredKeys(KeyServices.watching("decrypt", keys.memory, arguments -> contexts.add(arguments[2])))) {
            Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, watched.handle(keys.stored(DataKeyUsage.AES_GCM, KEY)));
        }
        assertThat(contexts).containsExactly(EncryptionContext.of(Map.of("alias", "tokens", "kind", "data-key")));
    }
}
