package dev.kmsenvelope.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.testing.Ciphers;
import java.io.ByteArrayOutputStream;
import java.security.Provider;
import java.util.Arrays;
import java.util.Random;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Decryption in pieces gives what the JDK gives at once, and says the same about what was changed. */
class UnverifiedDecryptionTest {

    private static final Provider SUN_JCE = GcmProvider.find("SunJCE");
    private static final int[] SIZES = {0, 1, 15, 16, 17, 31, 32, 33, 255, 4096, 70_001};

    private static byte[] inPieces(UnverifiedDecryption decryption, byte[] in, int most, Random random)
            throws BadPaddingException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] out = new byte[in.length + UnverifiedDecryption.MOST_KEPT + 3];
        for (int at = 0; at < in.length; ) {
            int length = Math.min(in.length - at, random.nextInt(most + 1));
            int written = decryption.update(in, at, length, out, 3);
            assertThat(written).isLessThanOrEqualTo(length + UnverifiedDecryption.MOST_KEPT);
            all.write(out, 3, written);
            at += length;
        }
        all.write(out, 1, decryption.finish(out, 1));
        return all.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {16, 24, 32})
    void gcm(int keyLength) throws Exception {
        byte[] key = Ciphers.random(keyLength);
        byte[] nonce = Ciphers.random(12);
        Random random = new Random(keyLength);
        for (int size : SIZES) {
            for (byte[] aad : new byte[][] {new byte[0], new byte[] {1, 2, 3}}) {
                byte[] text = Ciphers.random(size);
                byte[] sealed = AesGcm.of(SUN_JCE, key).encrypt(nonce, text, aad);
                for (int most : new int[] {1 + size / 100, 16, 17, 1 + 2 * size}) {
                    assertThat(inPieces(new GcmDecryption(SUN_JCE, key, nonce, aad), sealed, most, random))
                            .isEqualTo(text);
                }
                byte[] changed = Ciphers.flipped(sealed, random.nextInt(sealed.length));
                byte[] shorter = Arrays.copyOf(sealed, random.nextInt(sealed.length));
                byte[] longer = Arrays.copyOf(sealed, sealed.length + 1);
                for (byte[] wrong : new byte[][] {changed, shorter, longer}) {
                    assertThatExceptionOfType(AEADBadTagException.class)
                            .isThrownBy(() ->
                                    inPieces(new GcmDecryption(SUN_JCE, key, nonce, aad), wrong, 1 + size, random));
                }
                assertThatExceptionOfType(AEADBadTagException.class)
                        .isThrownBy(() -> inPieces(
                                new GcmDecryption(SUN_JCE, key, nonce, new byte[] {9}), sealed, 1 + size, random));
            }
        }
    }

    @Test
    @DisplayName("Every bit of a short text, its tag, nonce and associated data")
    void everyBit() throws Exception {
        byte[] key = Ciphers.random(32);
        byte[] whole = Ciphers.random(12 + 5);
        byte[] nonce = Arrays.copyOf(whole, 12);
        byte[] aad = Arrays.copyOfRange(whole, 12, 17);
        byte[] sealed = AesGcm.of(SUN_JCE, key).encrypt(nonce, Ciphers.random(20), aad);
        Random random = new Random(1);
        for (int bit = 0; bit < 8 * (sealed.length + whole.length); bit++) {
            byte[] ciphertext = sealed.clone();
            byte[] rest = whole.clone();
            int at = bit / 8;
            if (at < sealed.length) {
                ciphertext[at] ^= (byte) (1 << bit % 8);
            } else {
                rest[at - sealed.length] ^= (byte) (1 << bit % 8);
            }
            GcmDecryption decryption =
                    new GcmDecryption(SUN_JCE, key, Arrays.copyOf(rest, 12), Arrays.copyOfRange(rest, 12, 17));
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> inPieces(decryption, ciphertext, 7, random));
        }
    }

    @Test
    void cbc() throws Exception {
        byte[] key = Ciphers.random(32);
        byte[] iv = Ciphers.random(16);
        Random random = new Random(2);
        Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding", "SunJCE");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
        for (int size : SIZES) {
            byte[] text = Ciphers.random(size);
            byte[] sealed = cipher.doFinal(text);
            for (int most : new int[] {1 + size / 100, 16, 17, 1 + 2 * size}) {
                assertThat(inPieces(new CbcDecryption(key, iv), sealed, most, random))
                        .isEqualTo(text);
            }
            byte[] shorter = Arrays.copyOf(sealed, sealed.length - 1);
            assertThatExceptionOfType(BadPaddingException.class)
                    .isThrownBy(() -> inPieces(new CbcDecryption(key, iv), shorter, 1 + size, random));
        }
    }

    @Test
    @DisplayName("RULES 16: what has ended, well or not, has no key any more")
    void ends() {
        byte[] some = new byte[64];
        byte[] out = new byte[100];
        for (UnverifiedDecryption decryption : new UnverifiedDecryption[] {
            new GcmDecryption(SUN_JCE, new byte[16], new byte[12], new byte[0]),
            new CbcDecryption(new byte[16], new byte[16])
        }) {
            decryption.update(some, 0, 64, out, 0);
            assertThatExceptionOfType(BadPaddingException.class).isThrownBy(() -> decryption.finish(out, 0));
            assertThatThrownBy(() -> decryption.update(some, 0, 64, out, 0)).isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> decryption.finish(out, 0)).isInstanceOf(IllegalStateException.class);
            decryption.close();
            decryption.close();
        }
    }
}
