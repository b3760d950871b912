package dev.kmsenvelope.crypto;

import static dev.kmsenvelope.testing.TestVectors.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.TestVectors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The Wycheproof vectors for the primitives, and how many of them there are. */
class PublishedVectorsTest {

    @ParameterizedTest
    @CsvSource({"SHA256, 86, 3", "SHA384, 83, 3", "SHA512, 83, 3"})
    void hkdf(Hkdf hkdf, int tests, int invalid) {
        int refused = 0;
        List<JsonObject> vectors =
                TestVectors.wycheproof("hkdf_" + hkdf.name().toLowerCase(java.util.Locale.ROOT) + "_test.json");
        for (JsonObject test : vectors) {
            byte[] pseudorandomKey = hkdf.extract(hex(test, "salt"), hex(test, "ikm"));
            assertThat(pseudorandomKey).hasSize(hkdf.hashLength());
            int size = test.get("size").getAsInt();
            if (test.get("result").getAsString().equals("invalid")) {
                assertThatThrownBy(() -> hkdf.expand(pseudorandomKey, hex(test, "info"), size))
                        .isInstanceOf(IllegalArgumentException.class);
                refused++;
            } else {
                assertThat(hkdf.expand(pseudorandomKey, hex(test, "info"), size))
                        .as("test %s", test.get("tcId"))
                        .isEqualTo(hex(test, "okm"));
            }
        }
        assertThat(vectors).hasSize(tests);
        assertThat(refused).isEqualTo(invalid);
    }

    @Test
    void hkdfRefusesLengthsOutOfRange() {
        for (int size : new int[] {Integer.MIN_VALUE, -1, 0, 255 * 32 + 1, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> Hkdf.SHA256.expand(new byte[32], new byte[0], size))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(Hkdf.SHA256.expand(new byte[32], new byte[0], 255 * 32)).hasSize(255 * 32);
    }

    @Test
    @DisplayName("AES-GCM: 197 vectors with 96-bit IVs are run, 119 with other IVs are refused")
    void aesGcm() throws Exception {
        List<JsonObject> opened = new ArrayList<>();
        List<JsonObject> refused = new ArrayList<>();
        List<JsonObject> outOfScope = new ArrayList<>();
        for (JsonObject test : TestVectors.wycheproof("aes_gcm_test.json")) {
            byte[] iv = hex(test, "iv");
            byte[] ciphertext = Grammar.join(hex(test, "ct"), hex(test, "tag"));
            assertThat(hex(test, "tag")).hasSize(16);
            byte[] aad = hex(test, "aad");
            byte[] plaintext = hex(test, "msg");
            try (AesGcm cipher = AesGcm.of(GcmProvider.find(GcmProvider.AUTO), hex(test, "key"))) {
                if (iv.length != 12) {
                    assertThatThrownBy(() -> cipher.encrypt(iv, plaintext, aad))
                            .isInstanceOf(IllegalArgumentException.class);
                    assertThatThrownBy(() -> cipher.decrypt(iv, ciphertext, aad))
                            .isInstanceOf(IllegalArgumentException.class);
                    outOfScope.add(test);
                } else if (test.get("result").getAsString().equals("valid")) {
                    assertThat(cipher.decrypt(iv, ciphertext, aad)).isEqualTo(plaintext);
                    assertThat(plaintext.length == 0 ? cipher.tag(iv, aad) : cipher.encrypt(iv, plaintext, aad))
                            .isEqualTo(ciphertext);
                    opened.add(test);
                } else {
                    byte[] out = new byte[plaintext.length + 2];
                    Arrays.fill(out, (byte) 1);
                    assertThatThrownBy(() ->
                                    cipher.decrypt(iv, new byte[][] {aad}, ciphertext, 0, ciphertext.length, out, 1))
                            .isInstanceOf(AEADBadTagException.class);
                    byte[] expected = new byte[out.length];
                    expected[0] = 1;
                    expected[out.length - 1] = 1;
                    assertThat(out).isEqualTo(expected);
                    refused.add(test);
                }
            }
        }
        assertThat(List.of(opened.size(), refused.size(), outOfScope.size())).isEqualTo(List.of(116, 81, 119));
    }
}
