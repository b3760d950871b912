package dev.kmsenvelope.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.crypto.IdleObjects.Loan;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.Mac;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.digests.SHA384Digest;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HkdfTest {

    private final Random random = new Random(17);

    private byte[] bytes(int bound) {
        byte[] bytes = new byte[random.nextInt(bound)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Digest digest(Hkdf hkdf) {
        return switch (hkdf) {
            case SHA1 -> new SHA1Digest();
            case SHA256 -> new SHA256Digest();
            case SHA384 -> new SHA384Digest();
            case SHA512 -> new SHA512Digest();
        };
    }

    @ParameterizedTest
    @EnumSource(Hkdf.class)
    @DisplayName("gives what BouncyCastle's HKDF gives, for random inputs of all lengths, empty ones too")
    void againstBouncyCastle(Hkdf hkdf) {
        for (int i = 0; i < 500; i++) {
            byte[] salt = bytes(i % 2 == 0 ? 300 : 2);
            byte[] inputKey = bytes(i % 3 == 0 ? 300 : 2);
            byte[] saltBefore = salt.clone();
            try (Hkdf.Extracted extracted = hkdf.start(salt, inputKey)) {
                for (int n = 0; n < 3; n++) {
                    byte[] info = bytes(200);
                    byte[] expected = new byte[1 + random.nextInt(5 * hkdf.hashLength())];
                    HKDFBytesGenerator generator = new HKDFBytesGenerator(digest(hkdf));
                    generator.init(new HKDFParameters(inputKey, salt, info));
                    generator.generateBytes(expected, 0, expected.length);

                    assertThat(extracted.expand(info, expected.length)).isEqualTo(expected);
                    assertThat(hkdf.expand(hkdf.extract(salt, inputKey), info, expected.length))
                            .isEqualTo(expected);
                }
            }
            assertThat(salt).as("it is the caller's").isEqualTo(saltBefore);
        }
    }

    @ParameterizedTest
    @EnumSource(Hkdf.class)
    @DisplayName("RULES 16: an idle HMAC object has a key of zeros, whatever it was used for")
    void idleObjectsHaveNoKey(Hkdf hkdf) throws Exception {
        byte[] key = {1, 2, 3};
        hkdf.start(key, key).close();
        hkdf.extract(key, key);
        hkdf.expand(key, key, 3);
        try (Hkdf.Extracted extracted = hkdf.start(key, key)) {
            assertThatThrownBy(() -> extracted.expand(key, 0)).isInstanceOf(IllegalArgumentException.class);
        }
        Loan<Mac> idle = hkdf.idle.take();
        assertThat(idle).isNotNull();
        byte[] zeros = new byte[hkdf.hashLength()];
        assertThat(idle.object().doFinal(key)).isEqualTo(Hmac.compute("Hmac" + hkdf.name(), zeros, key));
    }

    @Test
    void aClosedOneIsNotUsedAgain() {
        byte[] key = {1, 2, 3};
        Hkdf.Extracted extracted = Hkdf.SHA512.start(key, key);
        extracted.close();
        extracted.close();
        assertThatThrownBy(() -> extracted.expand(key, 3)).isInstanceOf(IllegalStateException.class);

        Hkdf.Extracted one = Hkdf.SHA512.start(key, key);
        Hkdf.Extracted other = Hkdf.SHA512.start(new byte[1], key);
        assertThat(one.expand(key, 8)).isNotEqualTo(other.expand(key, 8));
        assertThat(Arrays.equals(one.expand(key, 8), Hkdf.SHA512.expand(Hkdf.SHA512.extract(key, key), key, 8)))
                .isTrue();
        one.close();
        other.close();
    }

    @Test
    void keysAreNeitherPrintedNorKept() {
        byte[] bytes = {1, 2, 3};
        HmacKey key = HmacKey.owning("HmacSHA512", bytes);
        assertThat(key).hasToString("HmacKey[24 bits]");
        key.destroy();
        assertThat(bytes).containsOnly(0);
    }
}
