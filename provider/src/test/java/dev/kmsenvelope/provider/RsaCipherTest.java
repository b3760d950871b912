package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.EveryKindService;
import dev.kmsenvelope.testing.Handles;
import java.nio.ByteBuffer;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RSA decryption in the service: OAEP only, of what the JDK encrypts with the public key. */
class RsaCipherTest {

    private static final String OAEP = "RSA/ECB/OAEPPadding";
    private static final String SHA1 = "RSA/ECB/OAEPWithSHA-1AndMGF1Padding";
    private static final String SHA256 = "RSA/ECB/OAEPWithSHA-256AndMGF1Padding";
    private static final byte[] TEXT = Ciphers.random(100);
    private static final SecretKeySpec AES = new SecretKeySpec(Ciphers.random(32), "AES");

    private final EveryKindService service = new EveryKindService()
            .withKey("rsa", KeySpec.RSA_2048)
            .withKey("signing", KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY);
    private final KmsPrivateKey key = Handles.privateKey(service, "rsa");

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(KmsEnvelopeProvider.NAME);
    }

    private static OAEPParameterSpec oaep(String hash) {
        return new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT);
    }

    private static Cipher jdk(String transformation, int mode, Key key, AlgorithmParameterSpec parameters)
            throws Exception {
        Cipher cipher = Cipher.getInstance(transformation, "SunJCE");
        cipher.init(mode, key, parameters);
        return cipher;
    }

    private byte[] sealed(String hash) throws Exception {
        return jdk(OAEP, Cipher.ENCRYPT_MODE, key.publicKey(), oaep(hash)).doFinal(TEXT);
    }

    @ParameterizedTest
    @DisplayName("Without a provider named, a handle decrypts what the JDK encrypted, with and without parameters")
    @CsvSource({
        SHA1 + ", SHA-1, false",
        SHA1 + ", SHA-1, true",
        SHA256 + ", SHA-256, true",
        OAEP + ", SHA-1, false",
        OAEP + ", SHA-1, true",
        OAEP + ", SHA-256, true",
        "RSA/ECB/OAEPWithSHA1AndMGF1Padding, SHA-1, false"
    })
    void decrypts(String transformation, String hash, boolean parameters) throws Exception {
        Security.addProvider(Handles.PROVIDER);
        Cipher cipher = Cipher.getInstance(transformation);
        if (parameters) {
            cipher.init(Cipher.DECRYPT_MODE, key, oaep(hash));
        } else {
            cipher.init(Cipher.DECRYPT_MODE, key);
        }
        assertThat(cipher.getProvider()).isEqualTo(Handles.PROVIDER);
        assertThat(cipher.getBlockSize()).isZero();
        assertThat(cipher.getIV()).isNull();
        assertThat(cipher.getOutputSize(256)).isEqualTo(256);
        byte[] sealed = sealed(hash);
        assertThat(cipher.doFinal(sealed)).isEqualTo(TEXT);
        assertThat(cipher.update(sealed, 0, 100)).isNull();
        assertThat(cipher.update(sealed, 100, 100, new byte[0], 0)).isZero();
        assertThat(cipher.update(ByteBuffer.wrap(sealed, 200, 10), ByteBuffer.allocate(0)))
                .isZero();
        byte[] out = new byte[300];
        assertThat(cipher.doFinal(sealed, 210, 46, out, 3)).isEqualTo(100);
        assertThat(Arrays.copyOfRange(out, 3, 103)).isEqualTo(TEXT);
        ByteBuffer buffer = ByteBuffer.allocateDirect(256);
        assertThat(cipher.doFinal(ByteBuffer.wrap(sealed), buffer)).isEqualTo(100);
        OAEPParameterSpec used = cipher.getParameters().getParameterSpec(OAEPParameterSpec.class);
        assertThat(((MGF1ParameterSpec) used.getMGFParameters()).getDigestAlgorithm())
                .isEqualTo(used.getDigestAlgorithm())
                .isEqualTo(hash);

        Cipher encoded = Cipher.getInstance(transformation);
        encoded.init(Cipher.DECRYPT_MODE, key, cipher.getParameters());
        assertThat(encoded.doFinal(sealed)).isEqualTo(TEXT);
        byte[] wrapped =
                jdk(OAEP, Cipher.WRAP_MODE, key.publicKey(), oaep(hash)).wrap(AES);
        Cipher unwrapping = Cipher.getInstance(transformation);
        unwrapping.init(Cipher.UNWRAP_MODE, key, oaep(hash));
        assertThat(unwrapping.unwrap(wrapped, "AES", Cipher.SECRET_KEY)).isEqualTo(AES);
    }

    @Test
    @DisplayName("SHA-256 without parameters means MGF1 with SHA-1 in the JDK: refused by init with what is right")
    void mgf1Trap() throws Exception {
        Cipher cipher = Ciphers.ours(SHA256);
        for (int mode : new int[] {Cipher.DECRYPT_MODE, Cipher.UNWRAP_MODE}) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> cipher.init(mode, key))
                    .withMessageContaining("new OAEPParameterSpec(\"SHA-256\", \"MGF1\", MGF1ParameterSpec.SHA256,"
                            + " PSource.PSpecified.DEFAULT)");
        }
        Security.addProvider(Handles.PROVIDER);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Cipher.getInstance(SHA256).init(Cipher.DECRYPT_MODE, key))
                .withMessageContaining("MGF1ParameterSpec.SHA256");
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> cipher.doFinal(new byte[256]));
    }

    @Test
    @DisplayName("Other hashes, mixtures, labels and foreign parameters are refused by init")
    void wrongParameters() throws Exception {
        PSource label = new PSource.PSpecified(new byte[] {1});
        for (AlgorithmParameterSpec wrong : new AlgorithmParameterSpec[] {
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA1, PSource.PSpecified.DEFAULT),
            new OAEPParameterSpec("SHA-1", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT),
            new OAEPParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, PSource.PSpecified.DEFAULT),
            new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, label),
            new GCMParameterSpec(128, new byte[12])
        }) {
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> Ciphers.ours(OAEP, Cipher.DECRYPT_MODE, key, wrong));
        }
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> Ciphers.ours(SHA1, Cipher.DECRYPT_MODE, key, oaep("SHA-256")))
                .withMessageContaining("SHA-1");
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> Ciphers.ours(OAEP).init(Cipher.DECRYPT_MODE, key, GcmParameters.of(new byte[12])));
    }

    @Test
    @DisplayName("RULES 12: PKCS #1 v1.5 and bare RSA are not offered for decryption")
    void noPkcs1() throws Exception {
        Security.addProvider(Handles.PROVIDER);
        for (String transformation : new String[] {"RSA/ECB/PKCS1Padding", "RSA", "RSA/ECB/NoPadding"}) {
            assertThat(catchThrowable(() -> Cipher.getInstance(transformation, Handles.PROVIDER)))
                    .isInstanceOfAny(NoSuchAlgorithmException.class, NoSuchPaddingException.class);
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> Cipher.getInstance(transformation).init(Cipher.DECRYPT_MODE, key));
        }
    }

    @Test
    @DisplayName("RULES 12: whatever is wrong with a ciphertext has one type and one text, and no cause")
    void oneError() throws Exception {
        byte[] sealed = sealed("SHA-256");
        byte[] empty =
                jdk(OAEP, Cipher.ENCRYPT_MODE, key.publicKey(), oaep("SHA-256")).doFinal(new byte[0]);
        byte[] noKey =
                jdk(OAEP, Cipher.ENCRYPT_MODE, key.publicKey(), oaep("SHA-256")).doFinal(new byte[5]);
        Set<String> texts = new HashSet<>();
        for (byte[] wrong : new byte[][] {
            Ciphers.flipped(sealed, 9), sealed("SHA-1"), new byte[256], Arrays.copyOf(sealed, 255), new byte[0]
        }) {
            Cipher cipher = Ciphers.ours(OAEP, Cipher.DECRYPT_MODE, key, oaep("SHA-256"));
            Throwable thrown = catchThrowable(() -> cipher.doFinal(wrong));
            assertThat(thrown).isExactlyInstanceOf(BadPaddingException.class).hasNoCause();
            texts.add(thrown.getMessage());
            assertThat(cipher.doFinal(sealed)).as("it goes on").isEqualTo(TEXT);
        }
        assertThat(texts).hasSize(1);
        for (byte[] wrong : new byte[][] {
            Ciphers.flipped(sealed, 9), sealed("SHA-1"), new byte[256], new byte[3], new byte[257], empty
        }) {
            Cipher cipher = Ciphers.ours(OAEP, Cipher.UNWRAP_MODE, key, oaep("SHA-256"));
            Throwable thrown = catchThrowable(() -> cipher.unwrap(wrong, "AES", Cipher.SECRET_KEY));
            assertThat(thrown).isExactlyInstanceOf(InvalidKeyException.class).hasNoCause();
            texts.add(thrown.getMessage());
        }
        Cipher cipher = Ciphers.ours(OAEP, Cipher.UNWRAP_MODE, key, oaep("SHA-256"));
        texts.add(catchThrowable(() -> cipher.unwrap(noKey, "RSA", Cipher.PRIVATE_KEY))
                .getMessage());
        assertThat(texts).hasSize(1).noneMatch(text -> text.contains("planted"));
    }

    @Test
    @DisplayName("Too much input is an IllegalBlockSizeException as in SunJCE; too little room changes nothing")
    void lengths() throws Exception {
        Cipher cipher = Ciphers.ours(OAEP, Cipher.DECRYPT_MODE, key, oaep("SHA-256"));
        cipher.update(new byte[200]);
        assertThatExceptionOfType(IllegalBlockSizeException.class)
                .isThrownBy(() -> cipher.doFinal(new byte[57]))
                .withMessageContaining("256 bytes");
        byte[] sealed = sealed("SHA-256");
        cipher.update(sealed, 0, 200);
        service.calls.clear();
        assertThatExceptionOfType(ShortBufferException.class)
                .isThrownBy(() -> cipher.doFinal(sealed, 200, 56, new byte[189]));
        assertThatExceptionOfType(ShortBufferException.class)
                .isThrownBy(() -> cipher.doFinal(ByteBuffer.wrap(sealed, 200, 56), ByteBuffer.allocate(189)));
        assertThat(service.calls).isEmpty();
        assertThat(cipher.doFinal(sealed, 200, 56, new byte[190])).isEqualTo(100);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> cipher.updateAAD(new byte[1]));
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> cipher.wrap(AES));
    }

    @Test
    @DisplayName("A handle does not encrypt: the public key does; usage limits and keys for other things are refused")
    void wrongUse() throws Exception {
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.WRAP_MODE}) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> Ciphers.ours(SHA1, mode, key))
                    .withMessageContaining("getCertificate(alias).getPublicKey()");
        }
        KmsPrivateKey limited = Handles.privateKey(service, "rsa", "key.rsa.usage", "encrypt");
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(SHA1, Cipher.DECRYPT_MODE, limited))
                .withMessageContaining("key.rsa.usage");
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(SHA1, Cipher.DECRYPT_MODE, Handles.privateKey(service, "signing")))
                .withMessageContaining("SIGN_VERIFY");
        service.without(RsaDecryptionService.class);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(SHA1, Cipher.DECRYPT_MODE, key))
                .withMessageContaining("every-kind");
    }

    @Test
    @DisplayName("RULES 19: trouble of the service leaves doFinal and unwrap as it is")
    void serviceFails() throws Exception {
        byte[] sealed = sealed("SHA-1");
        service.failWith(() -> new KmsThrottledException("slow down"));
        assertThatExceptionOfType(KmsThrottledException.class)
                .isThrownBy(() -> Ciphers.ours(SHA1, Cipher.DECRYPT_MODE, key).doFinal(sealed));
        assertThatExceptionOfType(KmsThrottledException.class)
                .isThrownBy(() -> Ciphers.ours(SHA1, Cipher.UNWRAP_MODE, key).unwrap(sealed, "AES", Cipher.SECRET_KEY));
    }

    @ParameterizedTest
    @DisplayName("With the provider named, or first and pinned, raw keys and the public key go to the JDK")
    @ValueSource(booleans = {true, false})
    void rawKeys(boolean named) throws Exception {
        if (!named) {
            Security.insertProviderAt(Handles.PROVIDER, 1);
        }
        KeyPair pair = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        for (String transformation : new String[] {SHA1, SHA256, OAEP}) {
            Cipher cipher =
                    named ? Cipher.getInstance(transformation, Handles.PROVIDER) : Cipher.getInstance(transformation);
            assertThat(cipher.getProvider()).isEqualTo(Handles.PROVIDER);
            cipher.init(Cipher.ENCRYPT_MODE, pair.getPublic());
            byte[] sealed = cipher.doFinal(TEXT);
            Cipher jdk = Cipher.getInstance(transformation, "SunJCE");
            jdk.init(Cipher.DECRYPT_MODE, pair.getPrivate());
            assertThat(jdk.doFinal(sealed)).isEqualTo(TEXT);
            cipher.init(Cipher.DECRYPT_MODE, pair.getPrivate());
            assertThat(cipher.doFinal(sealed)).isEqualTo(TEXT);
            cipher.init(Cipher.ENCRYPT_MODE, key.publicKey(), oaep(transformation.equals(SHA1) ? "SHA-1" : "SHA-256"));
            byte[] forUs = cipher.doFinal(TEXT);
            cipher.init(Cipher.DECRYPT_MODE, key, cipher.getParameters());
            assertThat(cipher.doFinal(forUs)).isEqualTo(TEXT);
        }
    }

    @Test
    @DisplayName("At the front and not pinned, raw keys go to the JDK at once")
    void rawKeysPassByAtTheFront() throws Exception {
        Security.insertProviderAt(Handles.PROVIDER, 1);
        Cipher cipher = Cipher.getInstance(SHA256);
        cipher.init(Cipher.ENCRYPT_MODE, key.publicKey());
        assertThat(cipher.getProvider().getName()).isEqualTo("SunJCE");
        assertThat(Cipher.getInstance("RSA/ECB/PKCS1Padding").getProvider().getName())
                .isEqualTo("SunJCE");
        assertThat(Cipher.getInstance("RSA").getProvider().getName()).isEqualTo("SunJCE");
    }
}
