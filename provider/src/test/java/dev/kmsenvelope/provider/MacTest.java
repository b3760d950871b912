package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.EveryKindService;
import dev.kmsenvelope.testing.Handles;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Security;
import javax.crypto.Mac;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Message authentication codes computed in the service, which equal the JDK's. */
class MacTest {

    private final EveryKindService service = new EveryKindService()
            .withKey("key224", KeySpec.HMAC_224)
            .withKey("key256", KeySpec.HMAC_256)
            .withKey("key384", KeySpec.HMAC_384)
            .withKey("key512", KeySpec.HMAC_512);

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
    }

    private KmsMacKey key(int bits) {
        return Handles.macKey(service, "key" + bits, KeySpec.valueOf("HMAC_" + bits));
    }

    private static Mac ours(String algorithm) throws Exception {
        return Mac.getInstance(algorithm, Handles.PROVIDER);
    }

    private static byte[] jdk(String algorithm, byte[] key, byte[] message) throws Exception {
        Mac mac = Mac.getInstance(algorithm, "SunJCE");
        mac.init(new SecretKeySpec(key, algorithm));
        return mac.doFinal(message);
    }

    @ParameterizedTest
    @DisplayName("Without a provider named, a handle reaches the service, in every call form")
    @CsvSource({"224, 28", "256, 32", "384, 48", "512, 64"})
    void computes(int bits, int length) throws Exception {
        Security.addProvider(Handles.PROVIDER);
        String algorithm = "HmacSHA" + bits;
        Mac mac = Mac.getInstance(algorithm);
        mac.init(key(bits));
        assertThat(mac.getProvider()).isEqualTo(Handles.PROVIDER);
        assertThat(mac.getMacLength()).isEqualTo(length);
        byte[] message = Ciphers.random(4096);
        for (int round = 0; round < 2; round++) {
            mac.update(message[0]);
            mac.update(message, 1, 99);
            mac.update(ByteBuffer.allocateDirect(900).put(message, 100, 900).flip());
            byte[] out = new byte[length + 2];
            mac.update(message, 1000, 3096);
            mac.doFinal(out, 1);
            assertThat(java.util.Arrays.copyOfRange(out, 1, 1 + length))
                    .isEqualTo(jdk(algorithm, service.macKey("key" + bits), message));
        }
        mac.update(new byte[77]);
        mac.reset();
        assertThat(mac.doFinal(new byte[1])).isEqualTo(jdk(algorithm, service.macKey("key" + bits), new byte[1]));
        assertThat(service.calls)
                .allMatch(call -> call.startsWith("generateMac"))
                .hasSize(3);
    }

    @Test
    @DisplayName("An empty message and one of more than 4096 bytes are refused before the service is asked")
    void lengths() throws Exception {
        Mac mac = ours("HmacSHA256");
        mac.init(key(256));
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(mac::doFinal)
                .withMessageContaining("4096");
        mac.update(new byte[4096]);
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> mac.update((byte) 1))
                .withMessageContaining("hash of the message");
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(mac::doFinal);
        assertThat(service.calls).isEmpty();
        assertThat(mac.doFinal(new byte[2])).hasSize(32);
    }

    @Test
    @DisplayName("What is wrong with the key or the parameters is said by init; no state of ours can be cloned")
    void wrongUse() throws Exception {
        Mac mac = ours("HmacSHA256");
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> mac.init(key(384)));
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> mac.init(key(256), new IvParameterSpec(new byte[16])));
        mac.init(key(256));
        assertThatExceptionOfType(CloneNotSupportedException.class).isThrownBy(mac::clone);
        service.without(MacService.class);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> mac.init(key(256)))
                .withMessageContaining("every-kind");
    }

    @Test
    @DisplayName(
            "RULES 19: trouble of the service leaves doFinal as it is, and the object is ready for the next message")
    void serviceFails() throws Exception {
        Mac mac = ours("HmacSHA256");
        mac.init(key(256));
        service.failWith(() -> new KmsThrottledException("slow down"));
        assertThatExceptionOfType(KmsThrottledException.class).isThrownBy(() -> mac.doFinal(new byte[5]));
        service.failWith(() -> null);
        assertThat(mac.doFinal(new byte[2])).isEqualTo(jdk("HmacSHA256", service.macKey("key256"), new byte[2]));
    }

    @ParameterizedTest
    @DisplayName("With the provider named, or first and pinned by getMacLength, raw keys go to the JDK, clones too")
    @ValueSource(booleans = {true, false})
    void rawKeys(boolean named) throws Exception {
        if (!named) {
            Security.insertProviderAt(Handles.PROVIDER, 1);
        }
        byte[] bytes = Ciphers.random(20);
        Mac mac = named ? ours("HmacSHA512") : Mac.getInstance("HmacSHA512");
        assertThat(mac.getMacLength()).isEqualTo(64);
        assertThat(mac.getProvider()).isEqualTo(Handles.PROVIDER);
        mac.init(new SecretKeySpec(bytes, "HmacSHA512"));
        mac.update(new byte[10_000]);
        Mac clone = (Mac) mac.clone();
        mac.update(ByteBuffer.allocate(1));
        assertThat(mac.doFinal()).isEqualTo(jdk("HmacSHA512", bytes, new byte[10_001]));
        assertThat(clone.doFinal()).isEqualTo(jdk("HmacSHA512", bytes, new byte[10_000]));
        assertThat(mac.doFinal()).isEqualTo(jdk("HmacSHA512", bytes, new byte[0]));
        mac.init(key(512));
        assertThat(mac.doFinal(new byte[3])).isEqualTo(jdk("HmacSHA512", service.macKey("key512"), new byte[3]));
        mac.init(new SecretKeySpec(bytes, "HmacSHA512"));
        mac.update(new byte[4]);
        mac.reset();
        assertThat(mac.doFinal(new byte[3])).isEqualTo(jdk("HmacSHA512", bytes, new byte[3]));
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> mac.init(new SecretKeySpec(bytes, "HmacSHA512"), new IvParameterSpec(new byte[16])));
    }

    @Test
    @DisplayName("At the front and not pinned, a raw key goes to the JDK at once")
    void rawKeysPassByAtTheFront() throws Exception {
        Security.insertProviderAt(Handles.PROVIDER, 1);
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(new byte[3], "HmacSHA256"));
        assertThat(mac.getProvider().getName()).isEqualTo("SunJCE");
    }
}
