package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
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
 * A cipher that is bound to us and gets a raw key does exactly what SunJCE does: every scenario runs with both, and what
 * they give or throw is compared.
 */
class PassThroughTest {

    private static final SecretKeySpec RAW = new SecretKeySpec(Ciphers.random(32), "AES");
    private static final GCMParameterSpec IV = new GCMParameterSpec(128, Ciphers.random(12));
    private static final GCMParameterSpec OTHER_IV = new GCMParameterSpec(128, new byte[12]);

    private interface Scenario {
        void run(Cipher cipher, List<Object> seen) throws Exception;
    }

    /** What a scenario saw, its exceptions included. */
    private static List<Object> seen(Cipher cipher, Scenario scenario) {
        List<Object> seen = new ArrayList<>();
        Throwable thrown = catchThrowable(() -> scenario.run(cipher, seen));
        if (thrown != null) {
            seen.add(thrown.getClass().getName() + ": " + thrown.getMessage());
        }
        return seen;
    }

    private static void sameAsSunJce(String transformation, Scenario scenario) throws Exception {
        List<Object> theirs = seen(Cipher.getInstance(transformation, "SunJCE"), scenario);
        List<Object> ours = seen(Ciphers.ours(transformation), scenario);
        assertThat(ours).hasSameSizeAs(theirs);
        for (int i = 0; i < ours.size(); i++) {
            assertThat(ours.get(i)).as("step %d", i).isEqualTo(theirs.get(i));
        }
    }

    @ParameterizedTest
    @DisplayName("Array calls")
    @ValueSource(strings = {"AES/GCM/NoPadding", "AES_256/GCM/NoPadding"})
    void arrayCalls(String transformation) throws Exception {
        byte[] in = Ciphers.random(100);
        sameAsSunJce(transformation, (cipher, seen) -> {
            cipher.init(Cipher.ENCRYPT_MODE, RAW, IV);
            seen.add(cipher.getIV());
            seen.add(cipher.getParameters().getEncoded());
            seen.add(cipher.getBlockSize());
            cipher.updateAAD(in);
            cipher.updateAAD(in, 1, 5);
            cipher.updateAAD(ByteBuffer.wrap(in));
            seen.add(cipher.getOutputSize(100));
            seen.add(cipher.update(in));
            seen.add(cipher.update(in, 1, 20));
            byte[] out = new byte[200];
            seen.add(cipher.update(in, 1, 20, out));
            seen.add(cipher.update(in, 1, 20, out, 50));
            seen.add(cipher.getOutputSize(7));
            seen.add(cipher.doFinal(in, 0, 7, out, 100));
            seen.add(out);
            cipher.init(Cipher.DECRYPT_MODE, RAW, OTHER_IV);
            cipher.init(Cipher.ENCRYPT_MODE, RAW, OTHER_IV);
            seen.add(cipher.doFinal(in));
        });
    }

    @Test
    @DisplayName("Buffer calls, in place and not")
    void bufferCalls() throws Exception {
        byte[] in = Ciphers.random(100);
        sameAsSunJce(Ciphers.GCM, (cipher, seen) -> {
            cipher.init(Cipher.ENCRYPT_MODE, RAW, IV, new SecureRandom());
            ByteBuffer direct = ByteBuffer.allocateDirect(300);
            direct.put(in).flip();
            ByteBuffer out = direct.duplicate();
            out.clear();
            seen.add(cipher.update(direct, out));
            seen.add(cipher.doFinal(ByteBuffer.wrap(in).asReadOnlyBuffer(), out));
            out.flip();
            byte[] result = new byte[out.remaining()];
            out.get(result);
            seen.add(result);
        });
    }

    @Test
    @DisplayName("Encrypting again without init is refused, decrypting again works, also after a bad tag")
    void states() throws Exception {
        sameAsSunJce(Ciphers.GCM, (cipher, seen) -> {
            cipher.init(Cipher.ENCRYPT_MODE, RAW, IV);
            byte[] sealed = cipher.doFinal(new byte[20]);
            seen.add(sealed);
            seen.add(catchThrowable(() -> cipher.doFinal(new byte[20])).getClass());
            cipher.init(Cipher.DECRYPT_MODE, RAW, IV);
            seen.add(cipher.doFinal(sealed));
            Throwable badTag = catchThrowable(() -> cipher.doFinal(Ciphers.flipped(sealed, 3)));
            seen.add(badTag.getClass() + badTag.getMessage());
            seen.add(cipher.doFinal(sealed));
            assertThat(badTag).isInstanceOf(AEADBadTagException.class);
            seen.add(catchThrowable(() -> cipher.update(sealed, 0, 5, new byte[0])) == null);
            cipher.updateAAD(new byte[2]);
        });
    }

    @Test
    @DisplayName("The same key and IV twice for encryption is refused, with and without a doFinal between")
    void ivReuse() throws Exception {
        for (boolean doFinal : new boolean[] {true, false}) {
            sameAsSunJce(Ciphers.GCM, (cipher, seen) -> {
                cipher.init(Cipher.ENCRYPT_MODE, RAW, IV);
                if (doFinal) {
                    seen.add(cipher.doFinal(new byte[20]));
                }
                Throwable refused = catchThrowable(() -> cipher.init(Cipher.ENCRYPT_MODE, RAW, IV));
                assertThat(refused).isInstanceOf(InvalidAlgorithmParameterException.class);
                seen.add(refused.getMessage());
                seen.add(catchThrowable(() -> cipher.doFinal(new byte[20])) instanceof IllegalStateException);
                cipher.init(Cipher.ENCRYPT_MODE, RAW, OTHER_IV);
                seen.add(cipher.doFinal(new byte[20]));
                cipher.init(Cipher.DECRYPT_MODE, RAW, OTHER_IV);
                cipher.init(Cipher.ENCRYPT_MODE, RAW, OTHER_IV);
            });
        }
    }

    @Test
    @DisplayName("The same key and IV twice is refused also when the cipher served a handle in between")
    void ivReuseAroundAHandle() throws Exception {
        KmsSecretKey handle = Ciphers.handle(new InMemoryKeyService().withKey("master"), "master");
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, RAW, IV);
        cipher.doFinal(new byte[20]);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        cipher.doFinal(new byte[20]);

        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, RAW, IV));
    }

    @Test
    @DisplayName("Every init form, good and bad")
    void initForms() throws Exception {
        AlgorithmParameters parameters = AlgorithmParameters.getInstance("GCM");
        parameters.init(IV);
        Key wrongLength = new SecretKeySpec(new byte[5], "AES");
        List<Scenario> inits = List.of(
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW, new SecureRandom()),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW, parameters),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW, parameters, new SecureRandom()),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW, IV, new SecureRandom()),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW, (GCMParameterSpec) null),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW, (AlgorithmParameters) null),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW, new GCMParameterSpec(104, new byte[1])),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW, new GCMParameterSpec(64, new byte[12])),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, RAW, new IvParameterSpec(new byte[12])),
                (cipher, seen) -> cipher.init(Cipher.DECRYPT_MODE, RAW),
                (cipher, seen) -> cipher.init(Cipher.DECRYPT_MODE, RAW, IV),
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, wrongLength, IV));
        for (Scenario init : inits) {
            sameAsSunJce(Ciphers.GCM, (cipher, seen) -> {
                init.run(cipher, seen);
                seen.add(cipher.getIV().length);
                seen.add(cipher.getParameters().getEncoded().length);
                seen.add(cipher.getOutputSize(33));
            });
        }
    }

    @ParameterizedTest
    @DisplayName("wrap and unwrap")
    @ValueSource(strings = {"AES/GCM/NoPadding", "AESWrap"})
    void wrapping(String transformation) throws Exception {
        PrivateKey rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate();
        GCMParameterSpec parameters = transformation.equals("AESWrap") ? null : IV;
        sameAsSunJce(transformation, (cipher, seen) -> {
            cipher.init(Cipher.WRAP_MODE, RAW, parameters);
            byte[] wrapped = cipher.wrap(new SecretKeySpec(Ciphers.random(16), "AES"));
            seen.add(wrapped);
            cipher.init(Cipher.UNWRAP_MODE, RAW, parameters);
            seen.add(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY));
            seen.add(catchThrowable(() -> cipher.unwrap(Ciphers.flipped(wrapped, 3), "AES", Cipher.SECRET_KEY))
                    .getClass());
            seen.add(catchThrowable(() -> cipher.unwrap(new byte[3], "AES", Cipher.SECRET_KEY))
                    .getClass());
            cipher.init(Cipher.DECRYPT_MODE, RAW, parameters);
            cipher.init(Cipher.WRAP_MODE, RAW, parameters == null ? null : OTHER_IV);
            seen.add(cipher.wrap(rsa));
        });
    }

    @Test
    @DisplayName("A failed call with too little room can be repeated")
    void shortBuffers() throws Exception {
        sameAsSunJce(Ciphers.GCM, (cipher, seen) -> {
            cipher.init(Cipher.ENCRYPT_MODE, RAW, IV);
            byte[] out = new byte[60];
            seen.add(catchThrowable(() -> cipher.doFinal(new byte[33], 0, 33, new byte[10]))
                    .getClass());
            seen.add(cipher.doFinal(new byte[33], 0, 33, out));
            seen.add(out);
        });
    }

    @Test
    @DisplayName("The explicit name takes handles only")
    void envelopeRefusesRawKeys() {
        for (String transformation : new String[] {"Envelope", "Envelope/ESDK/NoPadding"}) {
            assertThatThrownBy(() -> Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, RAW))
                    .isInstanceOf(InvalidKeyException.class)
                    .hasMessageContaining("KMS");
        }
    }

    @Test
    @DisplayName("AES_256 refuses a raw key of 128 bits as SunJCE does")
    void fixedKeyLength() throws Exception {
        sameAsSunJce(
                "AES_256/GCM/NoPadding",
                (cipher, seen) -> cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(new byte[16], "AES"), IV));
    }

    @Test
    @DisplayName("A cipher goes from raw keys to handles and back")
    void bothKindsOfKeyInTurn() throws Exception {
        KmsSecretKey handle = Ciphers.handle(new InMemoryKeyService().withKey("master"), "master");
        Cipher cipher = Ciphers.ours(Ciphers.GCM);
        for (int i = 0; i < 3; i++) {
            byte[] iv = new byte[12];
            Arrays.fill(iv, (byte) i);
            cipher.init(Cipher.ENCRYPT_MODE, RAW, new GCMParameterSpec(128, iv));
            assertThat(cipher.doFinal(new byte[10])).hasSize(26);
            cipher.init(Cipher.ENCRYPT_MODE, handle);
            assertThat(Ciphers.decrypt(handle, cipher.doFinal(new byte[10]))).hasSize(10);
        }
    }
}
