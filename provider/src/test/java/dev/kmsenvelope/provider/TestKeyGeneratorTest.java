package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.testing.ChildJvm;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.Security;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** {@code -Dtest.provider.name}, by which tests of OpenJDK's style are pointed at a provider. */
class TestKeyGeneratorTest {

    /** In the style of OpenJDK's tests: the provider by the property, and not a word of this library. */
    public static final class Program {

        private static final String PROVIDER = System.getProperty("test.provider.name", "SunJCE");

        private Program() {}

        /**
         * Runs it.
         *
         * @param arguments the transformation that AES keys are for
         */
        public static void main(String... arguments) throws Exception {
            Security.addProvider(new KmsEnvelopeProvider());
            for (int bits : new int[] {128, 192, 256}) {
                KeyGenerator generator = KeyGenerator.getInstance("AES", PROVIDER);
                generator.init(bits);
                SecretKey key = generator.generateKey();
                check(key.getEncoded() == null && key.getFormat() == null, "opaque");
                check(key.getAlgorithm().equals("AES"), "an AES key");
                if (arguments[0].contains("GCM")) {
                    gcm(key);
                } else {
                    cbc(key, arguments[0]);
                }
            }
            for (String name : new String[] {"HmacSHA224", "HmacSHA256", "HmacSHA384", "HmacSHA512"}) {
                SecretKey key = KeyGenerator.getInstance(name, PROVIDER).generateKey();
                Mac mac = Mac.getInstance(name, PROVIDER);
                mac.init(key);
                check(mac.doFinal(new byte[100]).length == mac.getMacLength(), "a code");
            }
            System.out.println("done");
        }

        private static void gcm(SecretKey key) throws Exception {
            byte[] plaintext = new byte[700];
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
            cipher.init(Cipher.ENCRYPT_MODE, key);
            cipher.updateAAD(new byte[3]);
            byte[] sealed = cipher.doFinal(plaintext);
            check(sealed.length == plaintext.length + 16, "the same length");
            GCMParameterSpec spec = cipher.getParameters().getParameterSpec(GCMParameterSpec.class);
            cipher.init(Cipher.DECRYPT_MODE, key, spec);
            cipher.updateAAD(new byte[3]);
            check(Arrays.equals(cipher.doFinal(sealed), plaintext), "the plaintext");
            cipher.updateAAD(new byte[4]);
            try {
                cipher.doFinal(sealed);
                check(false, "a wrong AAD");
            } catch (AEADBadTagException e) {
                check(true, "refused");
            }
        }

        private static void cbc(SecretKey key, String transformation) throws Exception {
            Cipher cipher = Cipher.getInstance(transformation, PROVIDER);
            cipher.init(Cipher.ENCRYPT_MODE, key);
            byte[] sealed = cipher.doFinal(new byte[30]);
            cipher.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(cipher.getIV()));
            check(Arrays.equals(cipher.doFinal(sealed), new byte[30]), "the plaintext");
        }

        private static void check(boolean condition, String what) {
            if (!condition) {
                throw new IllegalStateException("not " + what);
            }
        }
    }

    @Test
    @DisplayName("With the property, such a program runs with handles: AES-GCM, or the usage that is named")
    void runs() throws Exception {
        assertThat(ChildJvm.java()
                        .quick()
                        .with("-Dtest.provider.name=KmsEnvelope")
                        .run(Program.class, "AES/GCM/NoPadding"))
                .contains("done");
        assertThat(ChildJvm.java()
                        .quick()
                        .with("-Dtest.provider.name=KmsEnvelope", "-Dtest.provider.usage=AES/CBC/PKCS5Padding")
                        .run(Program.class, "AES/CBC/PKCS5Padding"))
                .contains("done");
    }

    @Test
    @DisplayName("Without the property, or with another name in it, no such generator is offered")
    void notOffered() {
        String before = System.getProperty("test.provider.name");
        try {
            for (String name : new String[] {null, "SunJCE", "kmsenvelope", ""}) {
                if (name == null) {
                    System.clearProperty("test.provider.name");
                } else {
                    System.setProperty("test.provider.name", name);
                }
                KmsEnvelopeProvider provider = new KmsEnvelopeProvider();
                assertThatExceptionOfType(NoSuchAlgorithmException.class)
                        .isThrownBy(() -> KeyGenerator.getInstance("AES", provider));
            }
        } finally {
            if (before == null) {
                System.clearProperty("test.provider.name");
            } else {
                System.setProperty("test.provider.name", before);
            }
        }
    }

    @Test
    @DisplayName("Lengths that no key can have are refused")
    void lengths() {
        TestKeyGeneratorSpi aes = new TestKeyGeneratorSpi("AES");
        for (int bits : new int[] {-8, 0, 8, 64, 127, 129, 136, 257, 512}) {
            assertThatExceptionOfType(InvalidParameterException.class).isThrownBy(() -> aes.engineInit(bits, null));
        }
        TestKeyGeneratorSpi hmac = new TestKeyGeneratorSpi("HmacSHA256");
        for (int bits : new int[] {-8, 0, 120, 129, 520}) {
            assertThatExceptionOfType(InvalidParameterException.class).isThrownBy(() -> hmac.engineInit(bits, null));
        }
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> aes.engineInit(new IvParameterSpec(new byte[3]), null));
        assertThat(aes.engineGenerateKey()).isNotEqualTo(aes.engineGenerateKey());
    }
}
