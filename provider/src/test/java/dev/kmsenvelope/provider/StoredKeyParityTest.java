package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.testing.Ciphers;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A cipher under a handle to a stored data key does what SunJCE does under the same key: every scenario runs with both, and
 * what they give or throw is compared.
 */
class StoredKeyParityTest extends StoredKeyParity {

    @ParameterizedTest
    @DisplayName("GCM, array calls")
    @ValueSource(strings = {"AES/GCM/NoPadding", "AES_256/GCM/NoPadding"})
    void arrayCalls(String transformation) throws Exception {
        byte[] in = Ciphers.random(100);
        sameAsSunJce(DataKeyUsage.AES_GCM, transformation, (cipher, key, other, seen) -> {
            seen.add(cipher.getBlockSize());
            cipher.init(Cipher.ENCRYPT_MODE, key, IV);
            seen.add(cipher.getIV());
            seen.add(cipher.getParameters().getEncoded());
            seen.add(cipher.getBlockSize());
            cipher.updateAAD(in);
            cipher.updateAAD(in, 1, 5);
            cipher.updateAAD(ByteBuffer.wrap(in));
            seen.add(cipher.getOutputSize(100));
            seen.add(cipher.update(in));
            seen.add(cipher.update(in, 1, 20));
            seen.add(thrownBy(() -> cipher.updateAAD(in)));
            byte[] out = new byte[200];
            seen.add(cipher.update(in, 1, 20, out));
            seen.add(cipher.update(in, 1, 20, out, 50));
            seen.add(cipher.getOutputSize(7));
            seen.add(cipher.doFinal(in, 0, 7, out, 100));
            seen.add(out);
            seen.add(cipher.getIV());
            seen.add(cipher.getParameters().getEncoded());
            seen.add(cipher.getOutputSize(7));
            cipher.init(Cipher.DECRYPT_MODE, key, OTHER_IV);
            cipher.init(Cipher.ENCRYPT_MODE, key, OTHER_IV);
            seen.add(cipher.doFinal(in));
        });
    }

    @Test
    @DisplayName("GCM: encrypting again without init is refused, decrypting again works, also after a bad tag")
    void states() throws Exception {
        sameAsSunJce(DataKeyUsage.AES_GCM, (cipher, key, other, seen) -> {
            cipher.init(Cipher.ENCRYPT_MODE, key, IV);
            byte[] sealed = cipher.doFinal(new byte[20]);
            seen.add(sealed);
            seen.add(thrownBy(() -> cipher.doFinal(new byte[20])));
            seen.add(thrownBy(() -> cipher.update(new byte[20])));
            seen.add(thrownBy(() -> cipher.updateAAD(new byte[20])));
            seen.add(thrownBy(() -> cipher.doFinal()));
            cipher.init(Cipher.DECRYPT_MODE, key, IV);
            seen.add(cipher.doFinal(sealed));
            Throwable badTag = catchThrowable(() -> cipher.doFinal(Ciphers.flipped(sealed, 3)));
            assertThat(badTag).isInstanceOf(AEADBadTagException.class);
            seen.add(badTag.getClass() + badTag.getMessage());
            seen.add(cipher.doFinal(sealed));
            seen.add(cipher.getIV());
            seen.add(cipher.getOutputSize(100));
            seen.add(cipher.update(sealed, 0, 5));
            seen.add(cipher.doFinal(sealed, 5, sealed.length - 5));
            seen.add(thrownBy(() -> cipher.doFinal(new byte[3])));
            seen.add(thrownBy(() -> cipher.doFinal()));
            seen.add(cipher.doFinal(sealed));
        });
    }

    @ParameterizedTest
    @DisplayName("GCM: the same key and IV twice for encryption is refused, with and without a doFinal between")
    @ValueSource(booleans = {true, false})
    void ivReuse(boolean doFinal) throws Exception {
        sameAsSunJce(DataKeyUsage.AES_GCM, (cipher, key, other, seen) -> {
            cipher.init(Cipher.ENCRYPT_MODE, key, IV);
            if (doFinal) {
                seen.add(cipher.doFinal(new byte[20]));
            }
            Throwable refused = catchThrowable(() -> cipher.init(Cipher.ENCRYPT_MODE, key, IV));
            assertThat(refused).isInstanceOf(InvalidAlgorithmParameterException.class);
            seen.add(refused.getMessage());
            seen.add(thrownBy(() -> cipher.doFinal(new byte[20])));
            seen.add(thrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, key, IV)));
            cipher.init(Cipher.ENCRYPT_MODE, other, IV);
            seen.add(cipher.doFinal(new byte[20]));
            cipher.init(Cipher.ENCRYPT_MODE, key, IV);
            seen.add(cipher.doFinal(new byte[20]));
            cipher.init(Cipher.ENCRYPT_MODE, key, OTHER_IV);
            seen.add(cipher.doFinal(new byte[20]));
            cipher.init(Cipher.DECRYPT_MODE, key, OTHER_IV);
            seen.add(thrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, key, OTHER_IV)));
            seen.add(thrownBy(() -> cipher.init(Cipher.WRAP_MODE, key, OTHER_IV)));
        });
    }

    @Test
    @DisplayName("GCM: a generated IV is compared too, and a handle to the same entry is the same key")
    void ivReuseAcrossHandles() throws Exception {
        StoredDataKey stored = keys.stored(DataKeyUsage.AES_GCM, KEY);
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, keys.handle(stored));
        GCMParameterSpec same = cipher.getParameters().getParameterSpec(GCMParameterSpec.class);
        cipher.doFinal(new byte[3]);
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(KEY, "AES"));
        cipher.doFinal(new byte[3]);
        cipher.init(Cipher.ENCRYPT_MODE, Ciphers.handle(keys.memory, "master"));
        cipher.doFinal(new byte[3]);
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, keys.handle(stored), same));
    }

    @Test
    @DisplayName("GCM: every init form, good and bad, in every mode")
    void initForms() throws Exception {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("GCM", "SunJCE");
        parameters.init(IV);
        AlgorithmParameters wrong = AlgorithmParameters.getInstance("AES", "SunJCE");
        wrong.init(new IvParameterSpec(new byte[16]));
        List<Scenario> inits = new ArrayList<>();
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE, Cipher.WRAP_MODE, Cipher.UNWRAP_MODE}) {
            inits.add((cipher, key, other, seen) -> cipher.init(mode, key));
            inits.add((cipher, key, other, seen) -> cipher.init(mode, key, new SecureRandom()));
            inits.add((cipher, key, other, seen) -> cipher.init(mode, key, parameters));
            inits.add((cipher, key, other, seen) -> cipher.init(mode, key, wrong));
            inits.add((cipher, key, other, seen) -> cipher.init(mode, key, parameters, new SecureRandom()));
            inits.add((cipher, key, other, seen) -> cipher.init(mode, key, IV, new SecureRandom()));
            inits.add((cipher, key, other, seen) -> cipher.init(mode, key, (GCMParameterSpec) null));
            inits.add((cipher, key, other, seen) -> cipher.init(mode, key, (AlgorithmParameters) null));
            inits.add((cipher, key, other, seen) -> cipher.init(mode, key, new IvParameterSpec(new byte[12])));
            for (int tag : new int[] {0, 64, 88, 95, 96, 97, 104, 112, 120, 128, 136}) {
                for (int length : new int[] {0, 1, 8, 12, 13, 16, 100}) {
                    inits.add((cipher, key, other, seen) ->
                            cipher.init(mode, key, new GCMParameterSpec(tag, new byte[length])));
                }
            }
        }
        for (Scenario init : inits) {
            sameAsSunJce(DataKeyUsage.AES_GCM, (cipher, key, other, seen) -> {
                init.run(cipher, key, other, seen);
                seen.add(cipher.getIV().length);
                seen.add(cipher.getParameters().getEncoded().length);
                seen.add(cipher.getOutputSize(33));
                seen.add(cipher.doFinal(new byte[40]).length);
                seen.add(cipher.getParameters().getEncoded().length);
            });
        }
    }

    @ParameterizedTest
    @DisplayName("Every tag length seals and opens, and a cut or changed message does not open")
    @ValueSource(ints = {96, 104, 112, 120, 128})
    void tagLengths(int bits) throws Exception {
        sameAsSunJce(DataKeyUsage.AES_GCM, (cipher, key, other, seen) -> {
            GCMParameterSpec parameters = new GCMParameterSpec(bits, new byte[12]);
            cipher.init(Cipher.ENCRYPT_MODE, key, parameters);
            cipher.updateAAD(new byte[7]);
            byte[] sealed = cipher.doFinal(new byte[9]);
            seen.add(sealed);
            for (int i = 0; i < sealed.length; i++) {
                byte[] changed = Ciphers.flipped(sealed, i);
                int length = i;
                cipher.init(Cipher.DECRYPT_MODE, key, parameters);
                cipher.updateAAD(new byte[7]);
                seen.add(thrownBy(() -> cipher.doFinal(changed)));
                cipher.updateAAD(new byte[7]);
                seen.add(thrownBy(() -> cipher.doFinal(sealed, 0, length)));
            }
            cipher.updateAAD(new byte[7]);
            seen.add(cipher.doFinal(sealed));
            seen.add(thrownBy(() -> cipher.doFinal(sealed)));
        });
    }

    @Test
    @DisplayName("GCM: wrapping ends the message too")
    void wrappingWithGcm() throws Exception {
        PrivateKey rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate();
        sameAsSunJce(DataKeyUsage.AES_GCM, (cipher, key, other, seen) -> {
            cipher.init(Cipher.WRAP_MODE, key, IV);
            byte[] wrapped = cipher.wrap(rsa);
            seen.add(wrapped);
            seen.add(thrownBy(() -> cipher.wrap(rsa)));
            cipher.init(Cipher.UNWRAP_MODE, key, IV);
            seen.add(cipher.unwrap(wrapped, "RSA", Cipher.PRIVATE_KEY));
            seen.add(thrownBy(() -> cipher.unwrap(Ciphers.flipped(wrapped, 7), "RSA", Cipher.PRIVATE_KEY)));
            seen.add(thrownBy(() -> cipher.unwrap(new byte[7], "RSA", Cipher.PRIVATE_KEY)));
            seen.add(thrownBy(() -> cipher.unwrap(wrapped, "None", Cipher.PRIVATE_KEY)));
            seen.add(cipher.unwrap(wrapped, "RSA", Cipher.PRIVATE_KEY));
        });
    }

    @Test
    @DisplayName("A failed call with too little room can be repeated")
    void shortBuffers() throws Exception {
        sameAsSunJce(DataKeyUsage.AES_GCM, (cipher, key, other, seen) -> {
            cipher.init(Cipher.ENCRYPT_MODE, key, IV);
            byte[] out = new byte[60];
            seen.add(thrownBy(() -> cipher.update(new byte[33], 0, 33, new byte[10])));
            seen.add(thrownBy(() -> cipher.doFinal(new byte[33], 0, 33, new byte[10])));
            seen.add(cipher.doFinal(new byte[33], 0, 33, out));
            seen.add(out);
            seen.add(thrownBy(() -> cipher.doFinal(new byte[33], 0, 33, out)));
        });
    }

    @Test
    @DisplayName("Before init nothing works, and nothing but the first init is needed")
    void beforeInit() throws Exception {
        sameAsSunJce(DataKeyUsage.AES_GCM, (cipher, key, other, seen) -> {
            seen.add(thrownBy(() -> cipher.doFinal(new byte[1])));
            seen.add(thrownBy(() -> cipher.update(new byte[1])));
            seen.add(cipher.getIV());
            seen.add(cipher.getBlockSize());
            cipher.init(Cipher.ENCRYPT_MODE, key, IV);
            seen.add(cipher.doFinal());
        });
    }
}
