package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.testing.Ciphers;
import java.nio.ByteBuffer;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What StoredKeyParityTest does for GCM, for the other modes, and calls with buffers in all. */
class StoredKeyModesParityTest extends StoredKeyParity {

    @ParameterizedTest
    @DisplayName("Buffer calls of every kind, in place and not, in every mode with an IV")
    @EnumSource(names = {"AES_GCM", "AES_CBC", "AES_CTR"})
    void bufferCalls(DataKeyUsage usage) throws Exception {
        byte[] in = Ciphers.random(100);
        sameAsSunJce(usage, (cipher, key, other, seen) -> {
            cipher.init(Cipher.ENCRYPT_MODE, key, parameters(usage), new SecureRandom());
            ByteBuffer direct = ByteBuffer.allocateDirect(300);
            direct.put(in).flip();
            ByteBuffer out = direct.duplicate();
            out.clear();
            seen.add(cipher.update(direct, out));
            seen.add(cipher.doFinal(ByteBuffer.wrap(in).asReadOnlyBuffer(), out));
            out.flip();
            byte[] sealed = new byte[out.remaining()];
            out.get(sealed);
            seen.add(sealed);
            cipher.init(Cipher.DECRYPT_MODE, key, parameters(usage));
            ByteBuffer back = ByteBuffer.allocate(300);
            seen.add(thrownBy(() -> cipher.doFinal(ByteBuffer.wrap(sealed), ByteBuffer.allocate(3))));
            cipher.init(Cipher.DECRYPT_MODE, key, parameters(usage));
            seen.add(cipher.doFinal(ByteBuffer.wrap(sealed), back));
            seen.add(back.array());
            byte[] inPlace = java.util.Arrays.copyOf(sealed, 300);
            cipher.init(Cipher.DECRYPT_MODE, key, parameters(usage));
            seen.add(cipher.doFinal(inPlace, 0, sealed.length, inPlace, 0));
            seen.add(java.util.Arrays.copyOf(inPlace, 200));
        });
    }

    @ParameterizedTest
    @DisplayName("CBC and CTR: pieces, a second message without init, and wrong input")
    @EnumSource(names = {"AES_CBC", "AES_CTR"})
    void unauthenticated(DataKeyUsage usage) throws Exception {
        byte[] in = Ciphers.random(77);
        sameAsSunJce(usage, (cipher, key, other, seen) -> {
            cipher.init(Cipher.ENCRYPT_MODE, key, parameters(usage));
            seen.add(cipher.getOutputSize(77));
            seen.add(cipher.update(in, 0, 5));
            seen.add(cipher.update(in, 5, 30));
            seen.add(cipher.getOutputSize(42));
            seen.add(cipher.doFinal(in, 35, 42));
            seen.add(cipher.getIV());
            seen.add(cipher.getParameters().getEncoded());
            byte[] sealed = cipher.doFinal(in);
            seen.add(sealed);
            seen.add(cipher.doFinal());
            seen.add(thrownBy(() -> cipher.updateAAD(new byte[1])));
            cipher.init(Cipher.DECRYPT_MODE, key, cipher.getParameters());
            seen.add(cipher.update(sealed, 0, 33));
            seen.add(cipher.doFinal(sealed, 33, sealed.length - 33));
            seen.add(thrownBy(() -> cipher.doFinal(sealed, 0, 15)));
            cipher.init(Cipher.DECRYPT_MODE, key, parameters(usage));
            seen.add(thrownBy(() -> cipher.doFinal(Ciphers.flipped(sealed, sealed.length - 1))));
            cipher.init(Cipher.DECRYPT_MODE, key, parameters(usage));
            seen.add(cipher.doFinal(sealed));
            seen.add(thrownBy(() -> cipher.doFinal(sealed, 0, sealed.length, new byte[5])));
            seen.add(cipher.doFinal(sealed, 0, sealed.length, new byte[100]));
            seen.add(thrownBy(() -> cipher.init(Cipher.DECRYPT_MODE, key)));
            seen.add(thrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(new byte[15]))));
            seen.add(thrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, key, IV)));
            cipher.init(Cipher.ENCRYPT_MODE, key);
            seen.add(cipher.getIV().length);
            seen.add(cipher.doFinal(in).length);
            cipher.init(Cipher.WRAP_MODE, key, parameters(usage));
            byte[] wrapped = cipher.wrap(new SecretKeySpec(in, 0, 16, "AES"));
            seen.add(wrapped);
            seen.add(cipher.wrap(new SecretKeySpec(in, 0, 16, "AES")));
            cipher.init(Cipher.UNWRAP_MODE, key, parameters(usage));
            seen.add(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY));
            seen.add(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY));
        });
    }

    @Test
    @DisplayName("CBC: after a bad message the next one opens, where SunJCE goes on with what is left of the bad one")
    void afterABadMessage() throws Exception {
        KmsStoredKey handle = keys.handle(DataKeyUsage.AES_CBC, KEY);
        Cipher cipher = Ciphers.ours("AES/CBC/PKCS5Padding", Cipher.ENCRYPT_MODE, handle);
        byte[] sealed = cipher.doFinal(Ciphers.random(60));
        cipher.init(Cipher.DECRYPT_MODE, handle, cipher.getParameters());
        for (int length : new int[] {1, 15, 17, 48}) {
            assertThat(catchThrowable(() -> cipher.doFinal(sealed, 0, length))).isNotNull();
            assertThat(cipher.doFinal(sealed)).isEqualTo(Ciphers.random(60));
        }
    }

    @ParameterizedTest
    @DisplayName("Key wrap: every mode, with and without an initial value, and wrong input")
    @ValueSource(strings = {"AES/KW/NoPadding", "AESWrap", "AES/KWP/NoPadding"})
    void keyWrap(String transformation) throws Exception {
        PrivateKey ec = KeyPairGenerator.getInstance("EC").generateKeyPair().getPrivate();
        DataKeyUsage usage = transformation.contains("KWP") ? DataKeyUsage.AES_KWP : DataKeyUsage.AES_KW;
        byte[] iv = Ciphers.random(usage == DataKeyUsage.AES_KW ? 8 : 4);
        for (IvParameterSpec parameters : new IvParameterSpec[] {null, new IvParameterSpec(iv)}) {
            sameAsSunJce(usage, transformation, (cipher, key, other, seen) -> {
                seen.add(cipher.getBlockSize());
                cipher.init(Cipher.WRAP_MODE, key, parameters);
                seen.add(cipher.getBlockSize());
                seen.add(cipher.getIV());
                seen.add(cipher.getOutputSize(32));
                byte[] wrapped = cipher.wrap(new SecretKeySpec(Ciphers.random(32), "AES"));
                seen.add(wrapped);
                seen.add(cipher.wrap(new SecretKeySpec(Ciphers.random(24), "AES")));
                seen.add(thrownBy(() -> cipher.wrap(new SecretKeySpec(new byte[7], "AES"))));
                seen.add(thrownBy(() -> cipher.wrap(ec)));
                seen.add(cipher.getParameters().getEncoded());
                cipher.init(Cipher.UNWRAP_MODE, key, parameters);
                seen.add(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY));
                seen.add(thrownBy(() -> cipher.unwrap(Ciphers.flipped(wrapped, 3), "AES", Cipher.SECRET_KEY)));
                seen.add(thrownBy(() -> cipher.unwrap(new byte[3], "AES", Cipher.SECRET_KEY)));
                seen.add(thrownBy(() -> cipher.unwrap(new byte[0], "AES", Cipher.SECRET_KEY)));
                seen.add(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY));
                cipher.init(Cipher.UNWRAP_MODE, other, parameters);
                seen.add(thrownBy(() -> cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY)));
                seen.add(thrownBy(() -> cipher.init(Cipher.WRAP_MODE, key, IV)));
                cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
                seen.add(cipher.update(new byte[8]));
                byte[] sealed = cipher.doFinal(new byte[16]);
                seen.add(sealed);
                seen.add(thrownBy(() -> cipher.doFinal(new byte[24])));
                cipher.init(Cipher.DECRYPT_MODE, key, parameters);
                seen.add(cipher.doFinal(sealed));
                seen.add(thrownBy(() -> cipher.doFinal(Ciphers.flipped(sealed, 0))));
            });
        }
    }
}
