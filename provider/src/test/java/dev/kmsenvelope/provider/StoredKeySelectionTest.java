package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Handles;
import dev.kmsenvelope.testing.StoredKeys;
import java.security.AlgorithmParameters;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
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
import org.junit.jupiter.params.provider.MethodSource;

/** Without a provider named, stored keys find their way to this provider, and raw keys get what they got before. */
class StoredKeySelectionTest {

    private enum Place {
        FIRST,
        LAST,
        NOWHERE
    }

    private final StoredKeys keys = new StoredKeys();

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
        keys.close();
    }

    private static void putTheProvider(Place place) {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
        if (place == Place.FIRST) {
            Security.insertProviderAt(Handles.PROVIDER, 1);
        } else if (place == Place.LAST) {
            Security.addProvider(Handles.PROVIDER);
        }
    }

    static Stream<String> transformations() {
        return Stream.of(
                "AES/GCM/NoPadding",
                "AES_128/GCM/NoPadding",
                "AES_192/GCM/NoPadding",
                "AES_256/GCM/NoPadding",
                "AES/CBC/PKCS5Padding",
                "AES/CTR/NoPadding",
                "AES/KW/NoPadding",
                "AESWrap",
                "AES/KWP/NoPadding");
    }

    private static DataKeyUsage usage(String transformation) {
        return transformation.equals("AESWrap")
                ? DataKeyUsage.AES_KW
                : DataKeyUsage.of(transformation.replaceFirst("_[0-9]+", ""));
    }

    private static byte[] key(String transformation) {
        return Ciphers.random(transformation.contains("_128") ? 16 : transformation.contains("_192") ? 24 : 32);
    }

    private static boolean wraps(String transformation) {
        return usage(transformation) == DataKeyUsage.AES_KW || usage(transformation) == DataKeyUsage.AES_KWP;
    }

    private static AlgorithmParameterSpec parameters(String transformation) {
        return switch (usage(transformation)) {
            case AES_GCM -> new GCMParameterSpec(128, new byte[12]);
            case AES_CBC, AES_CTR -> new IvParameterSpec(new byte[16]);
            default -> null;
        };
    }

    private static byte[] output(Cipher cipher, String transformation, Key key) throws Exception {
        if (wraps(transformation)) {
            cipher.init(Cipher.WRAP_MODE, key);
            return cipher.wrap(new SecretKeySpec(new byte[16], "AES"));
        }
        cipher.init(Cipher.ENCRYPT_MODE, key, parameters(transformation));
        return cipher.doFinal(new byte[50]);
    }

    @ParameterizedTest
    @DisplayName("At either end of the list, a stored key reaches us, and what it gives is what SunJCE gives")
    @MethodSource("transformations")
    void storedKeys(String transformation) throws Exception {
        KmsStoredKey handle = keys.handle(usage(transformation), key(transformation));
        byte[] expected = output(
                Cipher.getInstance(transformation, "SunJCE"),
                transformation,
                new SecretKeySpec(key(transformation), "AES"));
        for (Place place : new Place[] {Place.FIRST, Place.LAST}) {
            putTheProvider(place);
            Cipher cipher = Cipher.getInstance(transformation);
            assertThat(output(cipher, transformation, handle)).isEqualTo(expected);
            assertThat(cipher.getProvider().getName()).isEqualTo(KmsEnvelopeProvider.NAME);
            assertThat(cipher.getAlgorithm()).isEqualTo(transformation);
        }
        putTheProvider(Place.NOWHERE);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> output(Cipher.getInstance(transformation), transformation, handle));
    }

    @ParameterizedTest
    @DisplayName("Wherever the provider is, a raw key goes to SunJCE")
    @MethodSource("transformations")
    void rawKeys(String transformation) throws Exception {
        Key raw = new SecretKeySpec(key(transformation), "AES");
        byte[] expected = output(Cipher.getInstance(transformation, "SunJCE"), transformation, raw);
        for (Place place : Place.values()) {
            putTheProvider(place);
            Cipher cipher = Cipher.getInstance(transformation);
            assertThat(output(cipher, transformation, raw)).as("%s", place).isEqualTo(expected);
            assertThat(cipher.getProvider().getName()).as("%s", place).isEqualTo("SunJCE");
        }
    }

    private static List<Object> seen(Cipher cipher, String transformation, Key raw) throws Exception {
        List<Object> seen = new ArrayList<>();
        seen.add(cipher.getBlockSize());
        seen.add(cipher.getIV());
        AlgorithmParameters before = cipher.getParameters();
        seen.add(before == null ? null : before.getAlgorithm());
        seen.add(output(cipher, transformation, raw));
        seen.add(cipher.getBlockSize());
        seen.add(cipher.getIV());
        seen.add(cipher.getParameters() == null ? null : cipher.getParameters().getEncoded());
        seen.add(cipher.getOutputSize(17));
        cipher.init(wraps(transformation) ? Cipher.UNWRAP_MODE : Cipher.DECRYPT_MODE, raw, parameters(transformation));
        seen.add(cipher.getIV());
        seen.add(cipher.getOutputSize(70));
        return seen;
    }

    @ParameterizedTest
    @DisplayName("First in the list and bound before its key was known, a cipher does for a raw key what SunJCE does")
    @MethodSource("transformations")
    void pinned(String transformation) throws Exception {
        Key raw = new SecretKeySpec(key(transformation), "AES");
        List<Object> expected = seen(Cipher.getInstance(transformation, "SunJCE"), transformation, raw);
        putTheProvider(Place.FIRST);
        Cipher cipher = Cipher.getInstance(transformation);
        assertThat(cipher.getProvider().getName()).isEqualTo(KmsEnvelopeProvider.NAME);
        List<Object> ours = seen(cipher, transformation, raw);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(ours.get(i)).as("step %d", i).isEqualTo(expected.get(i));
        }
    }

    @ParameterizedTest
    @DisplayName("Keys of a service are refused for what only stored keys do")
    @MethodSource("transformations")
    void keysOfAService(String transformation) throws Exception {
        KmsSecretKey service = Ciphers.handle(keys.memory, "master");
        boolean both =
                List.of("AES/GCM/NoPadding", "AES_256/GCM/NoPadding", "AESWrap").contains(transformation);
        for (Place place : new Place[] {Place.FIRST, Place.LAST}) {
            putTheProvider(place);
            Cipher cipher = Cipher.getInstance(transformation);
            int mode = wraps(transformation) ? Cipher.WRAP_MODE : Cipher.ENCRYPT_MODE;
            if (both) {
                cipher.init(mode, service);
                assertThat(cipher.getProvider().getName()).isEqualTo(KmsEnvelopeProvider.NAME);
            } else {
                assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> cipher.init(mode, service));
            }
        }
    }

    @ParameterizedTest
    @DisplayName("Mac: a stored key reaches us at either end, a raw key the JDK wherever we are")
    @EnumSource(names = {"HMAC_SHA224", "HMAC_SHA256", "HMAC_SHA384", "HMAC_SHA512"})
    void macs(DataKeyUsage usage) throws Exception {
        byte[] key = Ciphers.random(32);
        byte[] expected = StoredMacTest.jdk(usage.transformation(), key, new byte[9]);
        for (Place place : Place.values()) {
            putTheProvider(place);
            Mac raw = Mac.getInstance(usage.transformation());
            raw.init(new SecretKeySpec(key, usage.transformation()));
            assertThat(raw.getProvider().getName()).isEqualTo("SunJCE");
            assertThat(raw.doFinal(new byte[9])).isEqualTo(expected);
            if (place != Place.NOWHERE) {
                Mac stored = Mac.getInstance(usage.transformation());
                stored.init(keys.handle(usage, key));
                assertThat(stored.getProvider().getName()).isEqualTo(KmsEnvelopeProvider.NAME);
                assertThat(stored.doFinal(new byte[9])).isEqualTo(expected);
            }
        }
    }

    @Test
    @DisplayName("Key generators are those of the JDK wherever we are")
    void keyGenerators() throws Exception {
        putTheProvider(Place.FIRST);
        for (String name : new String[] {"AES", "HmacSHA224", "HmacSHA256", "HmacSHA384", "HmacSHA512"}) {
            assertThat(javax.crypto.KeyGenerator.getInstance(name).getProvider().getName())
                    .isEqualTo("SunJCE");
            assertThat(Handles.PROVIDER.getService("KeyGenerator", name)).isNull();
        }
    }
}
