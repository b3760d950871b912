package dev.kmsenvelope.provider;

import static dev.kmsenvelope.testing.TestVectors.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.gson.JsonObject;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.Handles;
import dev.kmsenvelope.testing.StoredKeys;
import dev.kmsenvelope.testing.TestVectors;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published vectors, each with its key as a stored data key behind a handle. */
class StoredKeyVectorsTest {

    private final StoredKeys keys = new StoredKeys();

    @AfterEach
    void close() {
        keys.close();
    }

    private static boolean is(JsonObject test, String result) {
        return test.get("result").getAsString().equals(result);
    }

    private Cipher cipher(DataKeyUsage usage, int mode, JsonObject test) throws GeneralSecurityException {
        return Ciphers.ours(usage.transformation(), mode, keys.handle(usage, hex(test, "key")));
    }

    @Test
    @DisplayName("Wycheproof AES-GCM: all 316 as expected")
    void gcm() throws Exception {
        List<JsonObject> tests = TestVectors.wycheproof("aes_gcm_test.json");
        int valid = 0;
        int badTags = 0;
        int badIvs = 0;
        for (JsonObject test : tests) {
            KmsStoredKey handle = keys.handle(DataKeyUsage.AES_GCM, hex(test, "key"));
            GCMParameterSpec parameters = new GCMParameterSpec(128, hex(test, "iv"));
            byte[] sealed = Grammar.join(hex(test, "ct"), hex(test, "tag"));
            Cipher decrypting = Ciphers.ours(Ciphers.GCM);
            Throwable refused = catchThrowable(() -> decrypting.init(Cipher.DECRYPT_MODE, handle, parameters));
            if (refused != null) {
                assertThat(refused).isInstanceOf(InvalidAlgorithmParameterException.class);
                assertThat(hex(test, "iv")).isEmpty();
                assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                        .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, parameters));
                assertThat(is(test, "invalid")).isTrue();
                badIvs++;
                continue;
            }
            decrypting.updateAAD(hex(test, "aad"));
            Cipher encrypting = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, parameters);
            encrypting.updateAAD(hex(test, "aad"));
            byte[] ours = encrypting.doFinal(hex(test, "msg"));
            if (is(test, "valid")) {
                assertThat(decrypting.doFinal(sealed))
                        .as("%s", test.get("tcId"))
                        .isEqualTo(hex(test, "msg"));
                assertThat(ours).as("%s", test.get("tcId")).isEqualTo(sealed);
                valid++;
            } else {
                assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> decrypting.doFinal(sealed));
                assertThat(ours).isNotEqualTo(sealed);
                badTags++;
            }
        }
        assertThat(List.of(valid, badTags, badIvs)).containsExactly(229, 81, 6);
    }

    @Test
    @DisplayName("Wycheproof AES-CBC with PKCS #5 padding: all 216 as expected")
    void cbc() throws Exception {
        int valid = 0;
        for (JsonObject test : TestVectors.wycheproof("aes_cbc_pkcs5_test.json")) {
            KmsStoredKey handle = keys.handle(DataKeyUsage.AES_CBC, hex(test, "key"));
            IvParameterSpec iv = new IvParameterSpec(hex(test, "iv"));
            String name = DataKeyUsage.AES_CBC.transformation();
            Cipher decrypting = Ciphers.ours(name, Cipher.DECRYPT_MODE, handle, iv);
            if (is(test, "valid")) {
                assertThat(decrypting.doFinal(hex(test, "ct"))).isEqualTo(hex(test, "msg"));
                assertThat(Ciphers.ours(name, Cipher.ENCRYPT_MODE, handle, iv).doFinal(hex(test, "msg")))
                        .isEqualTo(hex(test, "ct"));
                valid++;
            } else if (hex(test, "ct").length == 0) {
                assertThat(decrypting.doFinal(new byte[0]))
                        .as("as SunJCE: nothing of nothing")
                        .isEmpty();
            } else {
                assertThatExceptionOfType(BadPaddingException.class)
                        .isThrownBy(() -> decrypting.doFinal(hex(test, "ct")));
            }
        }
        assertThat(valid).isEqualTo(72);
    }

    @ParameterizedTest
    @DisplayName("Wycheproof AES key wrap, without and with padding: all as expected")
    @CsvSource({"AES_KW, aes_wrap_test.json, 36", "AES_KWP, aes_kwp_test.json, 77"})
    void keyWrap(DataKeyUsage usage, String file, int expected) throws Exception {
        int valid = 0;
        for (JsonObject test : TestVectors.wycheproof(file)) {
            byte[] wrapped = hex(test, "ct");
            Cipher unwrapping = cipher(usage, Cipher.UNWRAP_MODE, test);
            Throwable failure = catchThrowable(() -> assertThat(unwrapping
                            .unwrap(wrapped, "Generic", Cipher.SECRET_KEY)
                            .getEncoded())
                    .isEqualTo(hex(test, "msg")));
            if (is(test, "valid")) {
                assertThat(failure).as("%s", test.get("tcId")).isNull();
                assertThat(cipher(usage, Cipher.WRAP_MODE, test).wrap(new SecretKeySpec(hex(test, "msg"), "Generic")))
                        .isEqualTo(wrapped);
                valid++;
            } else if (is(test, "invalid")) {
                assertThat(failure).as("%s", test.get("tcId")).isInstanceOf(InvalidKeyException.class);
            }
        }
        assertThat(valid).isEqualTo(expected);
    }

    @ParameterizedTest
    @DisplayName("Wycheproof HMAC, those with keys of an allowed length and whole codes")
    @CsvSource({
        "HMAC_SHA256, hmac_sha256_test.json",
        "HMAC_SHA384, hmac_sha384_test.json",
        "HMAC_SHA512, hmac_sha512_test.json"
    })
    void hmac(DataKeyUsage usage, String file) throws Exception {
        int run = 0;
        for (JsonObject test : TestVectors.wycheproof(file)) {
            byte[] tag = hex(test, "tag");
            if (usage.accepts(hex(test, "key").length)) {
                Mac mac = Mac.getInstance(usage.transformation(), Handles.PROVIDER);
                mac.init(keys.handle(usage, hex(test, "key")));
                byte[] code = Arrays.copyOf(mac.doFinal(hex(test, "msg")), tag.length);
                assertThat(Arrays.equals(code, tag)).isEqualTo(is(test, "valid"));
                run++;
            }
        }
        assertThat(run).isGreaterThan(100);
    }

    @ParameterizedTest
    @DisplayName("RFC 3394, section 4, also under the name AESWrap; RFC 5649, section 6")
    @CsvSource({
        "AES_KW, 000102030405060708090A0B0C0D0E0F, 00112233445566778899AABBCCDDEEFF,"
                + " 1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5",
        "AES_KW, 000102030405060708090A0B0C0D0E0F1011121314151617, 00112233445566778899AABBCCDDEEFF,"
                + " 96778B25AE6CA435F92B5B97C050AED2468AB8A17AD84E5D",
        "AES_KW, 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F, 00112233445566778899AABBCCDDEEFF,"
                + " 64E8C3F9CE0F5BA263E9777905818A2A93C8191E7D6E8AE7",
        "AES_KW, 000102030405060708090A0B0C0D0E0F1011121314151617, 00112233445566778899AABBCCDDEEFF0001020304050607,"
                + " 031D33264E15D33268F24EC260743EDCE1C6C7DDEE725A936BA814915C6762D2",
        "AES_KW, 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F,"
                + " 00112233445566778899AABBCCDDEEFF0001020304050607,"
                + " A8F9BC1612C68B3FF6E6F4FBE30E71E4769C8B80A32CB8958CD5D17D6B254DA1",
        "AES_KW, 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F,"
                + " 00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F,"
                + " 28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21",
        "AES_KWP, 5840DF6E29B02AF1AB493B705BF16EA1AE8338F4DCC176A8, C37B7E6492584340BED12207808941155068F738,"
                + " 138BDEAA9B8FA7FC61F97742E72248EE5AE6AE5360D1AE6A5F54F373FA543B6A",
        "AES_KWP, 5840DF6E29B02AF1AB493B705BF16EA1AE8338F4DCC176A8, 466F7250617369, AFBEB0F07DFBF5419200F2CCB50BB24F"
    })
    void published(DataKeyUsage usage, String key, String plaintext, String expected) throws Exception {
        HexFormat hex = HexFormat.of().withUpperCase();
        KmsStoredKey handle = keys.handle(usage, hex.parseHex(key));
        List<String> names = usage == DataKeyUsage.AES_KW
                ? List.of(usage.transformation(), "AESWrap")
                : List.of(usage.transformation());
        for (String name : names) {
            byte[] wrapped = Ciphers.ours(name, Cipher.WRAP_MODE, handle)
                    .wrap(new SecretKeySpec(hex.parseHex(plaintext), "Generic"));
            assertThat(hex.formatHex(wrapped)).isEqualTo(expected);
            Cipher unwrapping = Ciphers.ours(name, Cipher.UNWRAP_MODE, handle);
            for (int i = 0; i < wrapped.length; i++) {
                byte[] changed = Ciphers.flipped(wrapped, i);
                assertThatExceptionOfType(InvalidKeyException.class)
                        .isThrownBy(() -> unwrapping.unwrap(changed, "Generic", Cipher.SECRET_KEY));
                byte[] cut = Arrays.copyOf(wrapped, i);
                assertThatExceptionOfType(InvalidKeyException.class)
                        .isThrownBy(() -> unwrapping.unwrap(cut, "Generic", Cipher.SECRET_KEY));
            }
            assertThat(unwrapping.unwrap(wrapped, "Generic", Cipher.SECRET_KEY).getEncoded())
                    .isEqualTo(hex.parseHex(plaintext));
        }
    }
}
