package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Handles;
import dev.kmsenvelope.testing.StoredKeys;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.Security;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HMAC under handles to stored data keys equals that of other libraries under the same keys. */
class StoredMacTest {

    private static final byte[] KEY = Ciphers.random(48);

    private final StoredKeys keys = new StoredKeys();

    @AfterEach
    void close() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
        keys.close();
    }

    static byte[] jdk(String algorithm, byte[] key, byte[] message) throws Exception {
        Mac mac = Mac.getInstance(algorithm, "SunJCE");
        mac.init(new SecretKeySpec(key, algorithm));
        return mac.doFinal(message);
    }

    @ParameterizedTest
    @DisplayName("Every call form, without a provider named; messages of any length, none too, one after the other")
    @CsvSource({"HMAC_SHA224, 28", "HMAC_SHA256, 32", "HMAC_SHA384, 48", "HMAC_SHA512, 64"})
    void computes(DataKeyUsage usage, int length) throws Exception {
        Security.addProvider(Handles.PROVIDER);
        String algorithm = usage.transformation();
        Mac mac = Mac.getInstance(algorithm);
        mac.init(keys.handle(usage, KEY));
        assertThat(mac.getProvider()).isEqualTo(Handles.PROVIDER);
        assertThat(mac.getMacLength()).isEqualTo(length);
        byte[] message = Ciphers.random(100_000);
        Mac bouncyCastle = Mac.getInstance(algorithm, new BouncyCastleProvider());
        bouncyCastle.init(new SecretKeySpec(KEY, algorithm));
        for (int round = 0; round < 3; round++) {
            mac.update(message[0]);
            mac.update(message, 1, 99);
            mac.update(ByteBuffer.allocateDirect(900).put(message, 100, 900).flip());
            mac.update(ByteBuffer.wrap(message, 1000, 1000).asReadOnlyBuffer());
            byte[] out = new byte[length + 2];
            mac.update(message, 2000, 98_000);
            mac.doFinal(out, 1);
            assertThat(Arrays.copyOfRange(out, 1, 1 + length))
                    .isEqualTo(jdk(algorithm, KEY, message))
                    .isEqualTo(bouncyCastle.doFinal(message));
            assertThat(mac.doFinal()).isEqualTo(jdk(algorithm, KEY, new byte[0]));
        }
        mac.update(new byte[77]);
        mac.reset();
        assertThat(mac.doFinal(new byte[1])).isEqualTo(jdk(algorithm, KEY, new byte[1]));
        assertThat(keys.memory.decrypted).hasValue(1);
    }

    @Test
    @DisplayName("A clone goes its own way, in the middle of a message and between two")
    void clones() throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256", Handles.PROVIDER);
        mac.init(keys.handle(DataKeyUsage.HMAC_SHA256, KEY));
        mac.update(new byte[10]);
        Mac clone = (Mac) mac.clone();
        mac.update(new byte[5]);
        clone.update(new byte[7]);
        assertThat(mac.doFinal()).isEqualTo(jdk("HmacSHA256", KEY, new byte[15]));
        assertThat(clone.doFinal()).isEqualTo(jdk("HmacSHA256", KEY, new byte[17]));
        Mac idle = (Mac) clone.clone();
        assertThat(idle.doFinal(new byte[3])).isEqualTo(jdk("HmacSHA256", KEY, new byte[3]));
        assertThat(clone.doFinal(new byte[4])).isEqualTo(jdk("HmacSHA256", KEY, new byte[4]));
    }

    @Test
    @DisplayName("Raw keys, stored keys and parameters in turn on one object")
    void inTurn() throws Exception {
        Mac mac = Mac.getInstance("HmacSHA384", Handles.PROVIDER);
        KmsStoredKey handle = keys.handle(DataKeyUsage.HMAC_SHA384, KEY);
        byte[] raw = Ciphers.random(20);
        for (int i = 0; i < 2; i++) {
            mac.init(handle);
            mac.update(new byte[5]);
            mac.init(new SecretKeySpec(raw, "HmacSHA384"));
            assertThat(mac.doFinal(new byte[2])).isEqualTo(jdk("HmacSHA384", raw, new byte[2]));
            mac.init(handle);
            assertThat(mac.doFinal(new byte[2])).isEqualTo(jdk("HmacSHA384", KEY, new byte[2]));
        }
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> mac.init(handle, new IvParameterSpec(new byte[16])));
    }

    @Test
    @DisplayName("Before it is initialized it clones, as the JDK's does, and the clone works")
    void clonesBeforeInit() throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256", new KmsEnvelopeProvider());
        Mac clone = (Mac) mac.clone();
        byte[] key = Ciphers.random(32);
        clone.init(new SecretKeySpec(key, "HmacSHA256"));
        assertThat(clone.doFinal(new byte[9])).isEqualTo(jdk("HmacSHA256", key, new byte[9]));
    }
}
