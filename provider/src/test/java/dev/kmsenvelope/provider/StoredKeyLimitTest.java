package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.StoredKeys;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** RULES 10: a process encrypts so many messages with random IVs under a stored key, and no more. */
class StoredKeyLimitTest {

    /** One for each test: what counts is the key, not how it is encrypted. */
    private final byte[] key = fresh();

    private final StoredKeys keys = new StoredKeys();

    @AfterEach
    void close() {
        keys.close();
    }

    private static byte[] fresh() {
        byte[] fresh = new byte[32];
        new SecureRandom().nextBytes(fresh);
        return fresh;
    }

    private static Cipher encrypting(DataKeyUsage usage, KmsStoredKey handle) throws Exception {
        return Ciphers.ours(usage.transformation(), Cipher.ENCRYPT_MODE, handle);
    }

    private static AlgorithmParameterSpec parameters(DataKeyUsage usage, int number) {
        return usage == DataKeyUsage.AES_GCM
                ? new GCMParameterSpec(128, new byte[12 + number])
                : new IvParameterSpec(new byte[16]);
    }

    @ParameterizedTest
    @DisplayName("The limit holds for all handles of the encrypted key together, and across reloads and flushes")
    @EnumSource(names = {"AES_GCM", "AES_CBC", "AES_CTR"})
    void limit(DataKeyUsage usage) throws Exception {
        StoredDataKey stored = keys.stored(usage, key, 5);
        KmsStoredKey handle = keys.handle(stored);
        for (int i = 0; i < 3; i++) {
            encrypting(usage, handle).doFinal(new byte[3]);
        }
        KmsEnvelope.flushDataKeys();
        Cipher cipher = encrypting(usage, keys.handle(stored));
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        byte[] sealed = cipher.doFinal(new byte[3]);
        for (KmsStoredKey any : List.of(handle, keys.handle(stored))) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> encrypting(usage, any))
                    .withMessageContainingAll("tokens", "5", "new version");
        }
        try (StoredKeys reloaded = new StoredKeys(keys.memory)) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> encrypting(usage, reloaded.handle(stored)));
        }
        Cipher decrypting = Ciphers.ours(usage.transformation());
        decrypting.init(Cipher.DECRYPT_MODE, handle, cipher.getParameters());
        assertThat(decrypting.doFinal(sealed)).as("it still decrypts").hasSize(3);
        assertThat(Ciphers.ours(usage.transformation(), Cipher.ENCRYPT_MODE, handle, parameters(usage, 1))
                        .doFinal(new byte[1]))
                .as("a caller's IV is the caller's affair")
                .isNotEmpty();
        encrypting(usage, keys.handle(usage, fresh()));
    }

    @ParameterizedTest
    @DisplayName("The same key under another encryption, of another alias, of other services, counts together with it")
    @EnumSource(names = {"AES_GCM", "AES_CBC", "AES_CTR"})
    void rewrapped(DataKeyUsage usage) throws Exception {
        encrypting(usage, keys.handle(keys.stored(usage, key, 3))).doFinal(new byte[3]);
        StoredDataKey again = keys.stored(usage, key, 3);
        encrypting(usage, keys.handle(again, "cache.max-age", "0s")).doFinal(new byte[3]);
        try (StoredKeys others = new StoredKeys()) {
            StoredDataKey stored = others.stored(usage, key, 3);
            StoredDataKey renamed =
                    new StoredDataKey("moved", 7, usage, 32, stored.key(), stored.blob(), stored.context(), 3, false);
            encrypting(usage, others.handle(renamed)).doFinal(new byte[3]);
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> encrypting(usage, others.handle(renamed)))
                    .withMessageContainingAll("moved", "version 7");
        }
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> encrypting(usage, keys.handle(keys.stored(usage, key, 3))));
        encrypting(usage, keys.handle(keys.stored(usage, key, 4)));
        encrypting(usage, keys.handle(keys.stored(usage, fresh(), 1)));
    }

    @Test
    @DisplayName("A caller's IV is compared with the previous one also when the key was wrapped anew in between")
    void previousIv() throws Exception {
        AlgorithmParameterSpec iv = parameters(DataKeyUsage.AES_GCM, 0);
        KmsStoredKey first = keys.handle(DataKeyUsage.AES_GCM, key);
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, first, iv);
        cipher.doFinal(new byte[1]);
        for (KmsStoredKey same : List.of(
                keys.handle(DataKeyUsage.AES_GCM, key),
                keys.handle(DataKeyUsage.AES_GCM, key, "cache.max-age", "0s"),
                first)) {
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, same, iv))
                    .withMessage("Cannot reuse iv for GCM encryption");
            assertThatIllegalStateException().isThrownBy(() -> cipher.doFinal(new byte[1]));
        }
        cipher.init(Cipher.ENCRYPT_MODE, keys.handle(DataKeyUsage.AES_GCM, fresh()), iv);
        assertThat(cipher.doFinal(new byte[1])).hasSize(17);
        cipher.init(Cipher.ENCRYPT_MODE, first, parameters(DataKeyUsage.AES_GCM, 1));
        assertThat(cipher.doFinal(new byte[1])).hasSize(17);
    }

    @Test
    @DisplayName("To know which key it is takes no call of the service")
    void calls() throws Exception {
        StoredDataKey stored = keys.stored(DataKeyUsage.AES_GCM, key);
        for (int i = 0; i < 5; i++) {
            encrypting(DataKeyUsage.AES_GCM, keys.handle(stored)).doFinal(new byte[1]);
        }
        assertThat(keys.memory.decrypted).hasValue(1);
        KmsStoredKey uncached = keys.handle(stored, "cache.max-age", "0s");
        encrypting(DataKeyUsage.AES_GCM, uncached).doFinal(new byte[1]);
        assertThat(keys.memory.decrypted).hasValue(2);
        assertThat(keys.memory.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("Callers' IVs are not counted, nor is key wrapping, nor an init that failed")
    void notCounted() throws Exception {
        KmsStoredKey gcm = keys.handle(keys.stored(DataKeyUsage.AES_GCM, key, 1), "cache.max-age", "0s");
        for (int i = 0; i < 4; i++) {
            Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, gcm, parameters(DataKeyUsage.AES_GCM, i))
                    .doFinal(new byte[1]);
        }
        keys.memory.failWith(() -> new KmsThrottledException("slow down"));
        for (int i = 0; i < 3; i++) {
            assertThatExceptionOfType(KmsThrottledException.class)
                    .isThrownBy(() -> encrypting(DataKeyUsage.AES_GCM, gcm));
        }
        keys.memory.failWith(() -> null);
        encrypting(DataKeyUsage.AES_GCM, gcm).doFinal(new byte[1]);
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> encrypting(DataKeyUsage.AES_GCM, gcm));
        KmsStoredKey kw = keys.handle(keys.stored(DataKeyUsage.AES_KW, key, 1));
        for (int i = 0; i < 3; i++) {
            assertThat(Ciphers.ours("AESWrap", Cipher.WRAP_MODE, kw).wrap(new SecretKeySpec(new byte[16], "AES")))
                    .hasSize(24);
        }
    }

    @Test
    @DisplayName("Wrapping with GCM and a random IV counts as a message")
    void wrapping() throws Exception {
        KmsStoredKey gcm = keys.handle(keys.stored(DataKeyUsage.AES_GCM, key, 2));
        for (int i = 0; i < 2; i++) {
            Ciphers.ours(Ciphers.GCM, Cipher.WRAP_MODE, gcm).wrap(new SecretKeySpec(new byte[16], "AES"));
        }
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.WRAP_MODE, gcm));
    }

    @Test
    @DisplayName("A Cipher object that was refused takes another key")
    void afterTheLimit() throws Exception {
        KmsStoredKey worn = keys.handle(keys.stored(DataKeyUsage.AES_GCM, key, 1));
        Cipher cipher = encrypting(DataKeyUsage.AES_GCM, worn);
        cipher.doFinal(new byte[1]);
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, worn));
        cipher.init(Cipher.ENCRYPT_MODE, keys.handle(DataKeyUsage.AES_GCM, key));
        assertThat(cipher.doFinal(new byte[1])).hasSize(17);
    }

    @Test
    @DisplayName("Threads that race for the last messages get exactly as many as there are, with IVs of their own")
    void race() throws Exception {
        int most = 1000;
        StoredDataKey stored = keys.stored(DataKeyUsage.AES_GCM, key, most);
        AtomicInteger refused = new AtomicInteger();
        List<Set<String>> ivs = Crowd.each(8, number -> () -> {
            KmsStoredKey handle = keys.handle(stored);
            Set<String> own = new HashSet<>();
            for (int i = 0; i < 200; i++) {
                try {
                    own.add(HexFormat.of()
                            .formatHex(encrypting(DataKeyUsage.AES_GCM, handle).getIV()));
                } catch (InvalidKeyException e) {
                    refused.incrementAndGet();
                }
            }
            return own;
        });
        Set<String> all = new HashSet<>();
        ivs.forEach(all::addAll);
        assertThat(all).hasSize(most).allMatch(iv -> iv.length() == 24);
        assertThat(refused).hasValue(8 * 200 - most);
    }
}
