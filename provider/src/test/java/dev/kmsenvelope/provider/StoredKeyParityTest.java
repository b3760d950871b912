package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.StoredKeys;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.Key;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.ArrayList;
import java.util.List;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A cipher under a handle to a stored data key does what SunJCE does under the same key: every scenario runs with both, and
 * what they give or throw is compared.
 */
class StoredKeyParityTest {

    private static final byte[] KEY = Ciphers.random(32);
    private static final byte[] OTHER_KEY = Ciphers.random(16);
    private static final GCMParameterSpec IV = new GCMParameterSpec(128, Ciphers.random(12));
    private static final GCMParameterSpec OTHER_IV = new GCMParameterSpec(128, new byte[12]);

    private final StoredKeys keys = new StoredKeys();

    @AfterEach
    void close() {
        keys.close();
    }

    private interface Scenario {
        void run(Cipher cipher, Key key, Key other, List<Object> seen) throws Exception;
    }

    private static List<Object> seen(Cipher cipher, Key key, Key other, Scenario scenario) {
        List<Object> seen = new ArrayList<>();
        Throwable thrown = catchThrowable(() -> scenario.run(cipher, key, other, seen));
        if (thrown instanceof AssertionError e) {
            throw e;
        }
        seen.add(thrown == null ? "ends well" : thrown.getClass().getName());
        return seen;
    }

    private void sameAsSunJce(DataKeyUsage usage, String transformation, Scenario scenario) throws Exception {
        List<Object> theirs = seen(
                Cipher.getInstance(transformation, "SunJCE"),
                new SecretKeySpec(KEY, "AES"),
                new SecretKeySpec(OTHER_KEY, "AES"),
                scenario);
        List<Object> ours =
                seen(Ciphers.ours(transformation), keys.handle(usage, KEY), keys.handle(usage, OTHER_KEY), scenario);
        assertThat(ours).hasSameSizeAs(theirs);
        for (int i = 0; i < ours.size(); i++) {
            assertThat(ours.get(i)).as("step %d", i).isEqualTo(theirs.get(i));
        }
    }

    private void sameAsSunJce(DataKeyUsage usage, Scenario scenario) throws Exception {
        sameAsSunJce(usage, usage.transformation(), scenario);
    }

    private static AlgorithmParameterSpec parameters(DataKeyUsage usage) {
        return usage == DataKeyUsage.AES_GCM ? IV : new IvParameterSpec(Ciphers.random(16));
    }

    private static Object thrownBy(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        Throwable thrown = catchThrowable(call);
        return thrown == null ? "nothing" : thrown.getClass().getName();
    }

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
