package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Handles;
import dev.kmsenvelope.testing.StoredKeys;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a handle to a stored data key is, and what it lets be done with it: one thing. */
class StoredKeyHandleTest {

    private static final byte[] KEY = Ciphers.random(32);

    private final StoredKeys keys = new StoredKeys();

    @AfterEach
    void close() {
        keys.close();
    }

    private static AlgorithmParameterSpec parameters(DataKeyUsage usage) {
        return switch (usage) {
            case AES_GCM -> new GCMParameterSpec(128, new byte[12]);
            case AES_CBC, AES_CTR -> new IvParameterSpec(new byte[16]);
            default -> null;
        };
    }

    private static void use(DataKeyUsage under, KmsStoredKey handle) throws Exception {
        if (under.algorithm().equals("AES")) {
            boolean wraps = under == DataKeyUsage.AES_KW || under == DataKeyUsage.AES_KWP;
            Cipher cipher = Ciphers.ours(under.transformation());
            cipher.init(wraps ? Cipher.WRAP_MODE : Cipher.ENCRYPT_MODE, handle, parameters(under));
        } else {
            Mac.getInstance(under.transformation(), Handles.PROVIDER).init(handle);
        }
    }

    @Test
    @DisplayName("A handle is opaque, equal by stored key, service and policy, and does not leave the process")
    void handle() throws Exception {
        StoredDataKey stored = keys.stored(DataKeyUsage.AES_GCM, KEY);
        KmsStoredKey handle = keys.handle(stored);
        assertThat(handle.getEncoded()).isNull();
        assertThat(handle.getFormat()).isNull();
        assertThat(handle.getAlgorithm()).isEqualTo("AES");
        assertThat(keys.handle(DataKeyUsage.HMAC_SHA384, KEY).getAlgorithm()).isEqualTo("HmacSHA384");
        assertThat(handle.name()).isEqualTo("tokens");
        assertThat(handle.version()).isEqualTo(1);
        assertThat(handle.usage()).isSameAs(DataKeyUsage.AES_GCM);
        assertThat(handle).isEqualTo(keys.handle(stored)).hasSameHashCodeAs(keys.handle(stored));
        try (StoredKeys others = new StoredKeys()) {
            assertThat(handle)
                    .isNotEqualTo(others.handle(stored))
                    .isNotEqualTo(keys.handle(stored, "key.tokens.usage", "encrypt"))
                    .isNotEqualTo(keys.handle(DataKeyUsage.AES_GCM, KEY))
                    .isNotEqualTo(null);
        }
        assertThat(handle.toString())
                .contains("tokens@1", "AES/GCM/NoPadding", "master")
                .doesNotContain("data-key");
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatExceptionOfType(NotSerializableException.class).isThrownBy(() -> out.writeObject(handle));
        }
        assertThat(keys.memory.decrypted).as("making it asks nothing").hasValue(0);
    }

    @ParameterizedTest
    @DisplayName("Settings that would mean nothing are refused, not ignored")
    @ValueSource(strings = {"context.tenant", "decrypt-keys", "recipients", "discovery.accounts"})
    void settings(String setting) {
        String value = setting.startsWith("discovery") ? "111122223333" : "other";
        StoredDataKey stored = keys.stored(DataKeyUsage.AES_GCM, KEY);
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> keys.handle(stored, "key.tokens." + setting, value))
                .withMessageContaining("tokens");
    }

    @ParameterizedTest
    @DisplayName(
            "RULES 9: under every other transformation, InvalidKeyException naming both, before the service is asked")
    @EnumSource(DataKeyUsage.class)
    void oneUsage(DataKeyUsage usage) throws Exception {
        KmsStoredKey handle = keys.handle(usage, KEY);
        for (DataKeyUsage other : DataKeyUsage.values()) {
            if (other != usage) {
                assertThatExceptionOfType(InvalidKeyException.class)
                        .as("%s", other)
                        .isThrownBy(() -> use(other, handle))
                        .withMessageContainingAll(usage.transformation(), other.transformation());
            }
        }
        for (String service : new String[] {"Envelope", "Envelope/ESDK/NoPadding", "RSA/ECB/OAEPPadding"}) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> Ciphers.ours(service, Cipher.ENCRYPT_MODE, handle))
                    .withMessageContaining(usage.transformation());
        }
        if (usage != DataKeyUsage.AES_KW) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> Ciphers.ours("AESWrap", Cipher.WRAP_MODE, handle))
                    .withMessageContainingAll(usage.transformation(), "AESWrap");
        }
        assertThat(keys.memory.decrypted).hasValue(0);
        use(usage, handle);
        assertThat(keys.memory.decrypted).hasValue(1);
    }

    @ParameterizedTest
    @DisplayName("RULES 11: a key of a service does none of what is for stored keys, and says what it does")
    @ValueSource(
            strings = {
                "AES/CBC/PKCS5Padding",
                "AES/CTR/NoPadding",
                "AES/KW/NoPadding",
                "AES/KWP/NoPadding",
                "AES_128/GCM/NoPadding",
                "AES_192/GCM/NoPadding"
            })
    void keysOfAService(String transformation) throws Exception {
        KmsSecretKey key = Ciphers.handle(keys.memory, "master");
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE, Cipher.WRAP_MODE, Cipher.UNWRAP_MODE}) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> Ciphers.ours(transformation, mode, key))
                    .withMessageContainingAll("AES/GCM/NoPadding", "AESWrap", transformation);
        }
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("GCM");
        parameters.init(new GCMParameterSpec(128, new byte[12]));
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> Ciphers.ours(transformation).init(Cipher.ENCRYPT_MODE, key, parameters));
    }

    @Test
    @DisplayName("A transformation of a fixed length takes keys of that length")
    void fixedLengths() throws Exception {
        for (int bits : new int[] {128, 192, 256}) {
            for (int length : new int[] {128, 192, 256}) {
                KmsStoredKey handle = keys.handle(DataKeyUsage.AES_GCM, Ciphers.random(length / 8));
                String transformation = "AES_" + bits + "/GCM/NoPadding";
                if (bits == length) {
                    assertThat(Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle)
                                    .doFinal(new byte[5]))
                            .hasSize(21);
                } else {
                    assertThatExceptionOfType(InvalidKeyException.class)
                            .isThrownBy(() -> Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle))
                            .withMessageContainingAll("" + bits, "" + length);
                }
            }
        }
    }

    @Test
    @DisplayName("key.<alias>.usage limits a handle to one direction")
    void directions() throws Exception {
        StoredDataKey stored = keys.stored(DataKeyUsage.AES_GCM, KEY);
        KmsStoredKey writer = keys.handle(stored, "key.tokens.usage", "encrypt");
        KmsStoredKey reader = keys.handle(stored, "key.tokens.usage", "decrypt");
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, writer);
        byte[] sealed = cipher.doFinal(new byte[3]);
        assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, reader, new GCMParameterSpec(128, cipher.getIV()))
                        .doFinal(sealed))
                .hasSize(3);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, reader))
                .withMessageContaining("key.tokens.usage");
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(
                        Ciphers.GCM, Cipher.DECRYPT_MODE, writer, new GCMParameterSpec(128, cipher.getIV())))
                .withMessageContaining("key.tokens.usage");
        assertThatIllegalStateException().isThrownBy(reader::extract).withMessageContaining("usage");
        assertThatIllegalStateException().isThrownBy(writer::extract).withMessageContaining("usage");
    }

    @Test
    @DisplayName("RULES 9: a key that is not marked as extractable is not given out")
    void notExtractable() {
        StoredDataKey marked = keys.stored(DataKeyUsage.AES_GCM, KEY);
        KmsStoredKey handle = keys.handle(new StoredDataKey(
                marked.name(),
                marked.version(),
                marked.usage(),
                marked.length(),
                marked.key(),
                marked.blob(),
                marked.context(),
                marked.maxMessages()));
        assertThat(handle.stored().extractable()).isFalse();
        assertThat(handle).isNotEqualTo(keys.handle(marked));
        assertThatIllegalStateException().isThrownBy(handle::extract).withMessageContaining("extractable");
    }

    @Test
    @DisplayName("An extracted key is RAW and a copy of its own")
    void extract() {
        StoredDataKey stored = keys.stored(DataKeyUsage.HMAC_SHA256, KEY);
        KmsStoredKey handle = keys.handle(stored);
        KmsDataKey raw = handle.extract();
        assertThat(raw.getFormat()).isEqualTo("RAW");
        assertThat(raw.getAlgorithm()).isEqualTo("HmacSHA256");
        assertThat(raw.getEncoded()).isEqualTo(KEY);
        assertThat(raw.wrapped()).isEqualTo(stored.blob());
        raw.destroy();
        assertThat(handle.extract().getEncoded()).isEqualTo(KEY);
        assertThat(keys.memory.decrypted).as("through the cache").hasValue(1);
    }

    @Test
    @DisplayName("A handle is not wrapped: it has no encoded form")
    void wrappingAHandle() throws Exception {
        KmsStoredKey wrapping = keys.handle(DataKeyUsage.AES_KW, KEY);
        KmsStoredKey wrapped = keys.handle(DataKeyUsage.AES_GCM, KEY);
        Cipher cipher = Ciphers.ours("AES/KW/NoPadding", Cipher.WRAP_MODE, wrapping);
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> cipher.wrap(wrapped));
        assertThat(cipher.wrap(new SecretKeySpec(new byte[16], "AES")))
                .as("it goes on")
                .hasSize(24);
    }
}
