package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What init takes besides the key, and what the cipher tells of it. */
class ParametersTest {

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");

    private static GCMParameterSpec iv(byte[] iv) {
        return new GCMParameterSpec(128, iv);
    }

    @ParameterizedTest
    @DisplayName("RULES 1: an IV of 12 to 16 bytes ends the message id, is told, and is compared on decryption")
    @ValueSource(ints = {12, 13, 14, 15, 16})
    void ivs(int length) throws Exception {
        byte[] iv = Ciphers.random(length);
        for (String transformation : CallFormsTest.transformations().toList()) {
            Cipher cipher = Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle, iv(iv));
            assertThat(cipher.getIV()).isEqualTo(iv);
            cipher.getIV()[0] ^= 1;
            assertThat(cipher.getIV()).isEqualTo(iv);
            assertThat(cipher.getParameters()
                            .getParameterSpec(GCMParameterSpec.class)
                            .getIV())
                    .isEqualTo(iv);
            byte[] message = cipher.doFinal(new byte[] {7});
            assertThat(cipher.getIV()).isEqualTo(iv);
            assertThat(Arrays.copyOfRange(message, 3 + 32 - length, 3 + 32)).isEqualTo(iv);

            Cipher same = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle, iv(iv));
            assertThat(same.getIV()).isEqualTo(iv);
            assertThat(same.doFinal(message)).containsExactly(7);
            Cipher byParameters = Ciphers.ours(transformation);
            byParameters.init(Cipher.DECRYPT_MODE, handle, cipher.getParameters());
            assertThat(byParameters.doFinal(message)).containsExactly(7);
            Cipher none = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle);
            assertThat(none.getIV()).isNull();
            assertThat(none.getParameters()).isNull();
            assertThat(none.doFinal(message)).containsExactly(7);
            assertThat(none.getIV()).isEqualTo(Arrays.copyOfRange(iv, length - 12, length));
            for (int i = 0; i < length; i++) {
                Cipher other = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle, iv(Ciphers.flipped(iv, i)));
                assertThatExceptionOfType(AEADBadTagException.class)
                        .isThrownBy(() -> other.doFinal(message))
                        .withMessageContaining("IV");
            }
        }
    }

    @ParameterizedTest
    @DisplayName("RULES 1: an IV of another length is refused")
    @ValueSource(ints = {0, 1, 8, 11, 17, 32})
    void ivsOfOtherLengths(int length) {
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, mode, handle, iv(new byte[length])))
                    .withMessageContaining("12 to 16");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EnvelopeParameterSpec.builder().iv(new byte[length]));
    }

    @ParameterizedTest
    @DisplayName("A tag has 128 bits")
    @ValueSource(ints = {0, 32, 96, 104, 112, 120, 127, 129, 256})
    void tagLengths(int bits) {
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> Ciphers.ours(
                        Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, new GCMParameterSpec(bits, new byte[12])))
                .withMessageContaining("128");
    }

    @Test
    @DisplayName("Parameters of other algorithms are refused")
    void otherParameters() throws Exception {
        AlgorithmParameterSpec cbc = new IvParameterSpec(new byte[16]);
        AlgorithmParameters aes = AlgorithmParameters.getInstance("AES");
        aes.init(cbc);
        AlgorithmParameters notInitialized = AlgorithmParameters.getInstance("GCM");
        for (String transformation : CallFormsTest.transformations().toList()) {
            Cipher cipher = Ciphers.ours(transformation);
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle, cbc));
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle, aes));
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> cipher.init(Cipher.ENCRYPT_MODE, handle, notInitialized));
            cipher.init(Cipher.ENCRYPT_MODE, handle, (AlgorithmParameterSpec) null);
            assertThat(Ciphers.decrypt(handle, cipher.doFinal(new byte[3]))).hasSize(3);
            cipher.init(Cipher.ENCRYPT_MODE, handle, (AlgorithmParameters) null);
            assertThat(Ciphers.decrypt(handle, cipher.doFinal(new byte[3]))).hasSize(3);
        }
    }

    @Test
    @DisplayName("RULES 1: an IV of zeros for every message: each opens, and no two look alike")
    void zeroIvs() throws Exception {
        Set<String> messages = new HashSet<>();
        Cipher cipher = Ciphers.ours(Ciphers.GCM);
        for (int i = 0; i < 200; i++) {
            cipher.init(Cipher.ENCRYPT_MODE, handle, iv(new byte[12]));
            byte[] message = cipher.doFinal(new byte[40]);
            messages.add(Arrays.toString(Arrays.copyOfRange(message, message.length - 56, message.length)));
            assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, iv(new byte[12]))
                            .doFinal(message))
                    .isEqualTo(new byte[40]);
        }
        assertThat(messages).hasSize(200);
    }

    @Test
    @DisplayName("Without an IV a random one of 12 bytes is used, another one for every message")
    void randomIvs() throws Exception {
        Set<String> ivs = new HashSet<>();
        Cipher cipher = Ciphers.ours(Ciphers.GCM);
        for (int i = 0; i < 50; i++) {
            cipher.init(Cipher.ENCRYPT_MODE, handle);
            assertThat(cipher.getIV()).hasSize(12);
            ivs.add(Arrays.toString(cipher.getIV()));
        }
        assertThat(ivs).hasSize(50);
    }

    @Test
    @DisplayName("EnvelopeParameterSpec is immutable and has an effect in every part")
    void envelopeParameterSpec() throws Exception {
        byte[] iv = Ciphers.random(16);
        Map<String, String> context = new HashMap<>(Map.of("tenant", "a"));
        EnvelopeParameterSpec.Builder builder = EnvelopeParameterSpec.builder()
                .context(context)
                .frameLength(100)
                .iv(iv);
        EnvelopeParameterSpec spec = builder.build();
        context.put("tenant", "b");
        iv[0] ^= 1;
        builder.frameLength(5).context(Map.of()).iv(new byte[12]);
        spec.iv().orElseThrow()[1] ^= 1;

        assertThat(spec.iv()).contains(Ciphers.random(16));
        assertThat(spec.frameLength()).hasValue(100);
        assertThat(spec.context().asMap()).containsExactly(Map.entry("tenant", "a"));

        byte[] message =
                Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, spec).doFinal(new byte[250]);
        int plainLength = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle, Ciphers.context("tenant", "a"))
                .doFinal(new byte[250])
                .length;
        assertThat(message).hasSize(plainLength + 2 * 32);
        assertThat(new String(message, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("tenant");
        assertThat(Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle, spec)
                        .doFinal(message))
                .hasSize(250);
    }

    @Test
    @DisplayName("EnvelopeParameterSpec refuses what no message can have")
    void envelopeParameterSpecLimits() {
        EnvelopeParameterSpec.Builder builder = EnvelopeParameterSpec.builder();
        assertThatIllegalArgumentException().isThrownBy(() -> builder.frameLength(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.frameLength(16 * 1024 * 1024 + 1));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.context(Map.of("aws-crypto-a", "b")));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.context(Map.of("a", "")));
        assertThat(builder.frameLength(16 * 1024 * 1024).build().frameLength()).hasValue(16 * 1024 * 1024);
    }

    @Test
    @DisplayName(
            "RULES 3: a context that contradicts the configured one is refused; one that repeats or adds to it is not")
    void configuredContext() throws Exception {
        KmsSecretKey tenant = Ciphers.handle(service, "master", "key.master.context.tenant", "a");
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() -> Ciphers.ours(Ciphers.GCM, mode, tenant, Ciphers.context("tenant", "b")))
                    .withMessageContaining("tenant");
        }
        byte[] message = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, tenant, Ciphers.context("purpose", "x"))
                .doFinal(new byte[5]);
        assertThat(Ciphers.decrypt(tenant, message)).hasSize(5);
        assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, tenant, Ciphers.context("tenant", "a"))
                        .doFinal(message))
                .hasSize(5);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(
                        () -> Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, tenant, Ciphers.context("purpose", "y"))
                                .doFinal(message));
    }

    @Test
    @DisplayName("AlgorithmParameters.GCM of our provider gives and takes what the JDK's does")
    void algorithmParameters() throws Exception {
        AlgorithmParameters ours = AlgorithmParameters.getInstance("GCM", new KmsEnvelopeProvider());
        ours.init(iv(Ciphers.random(12)));
        AlgorithmParameters theirs = AlgorithmParameters.getInstance("GCM", "SunJCE");
        theirs.init(ours.getEncoded());
        assertThat(theirs.getParameterSpec(GCMParameterSpec.class).getIV()).isEqualTo(Ciphers.random(12));
        AlgorithmParameters back = AlgorithmParameters.getInstance("GCM", new KmsEnvelopeProvider());
        back.init(theirs.getEncoded(), "ASN.1");
        assertThat(back.getParameterSpec(GCMParameterSpec.class).getTLen()).isEqualTo(128);
        assertThat(back.getEncoded("ASN.1")).isEqualTo(ours.getEncoded());
        AlgorithmParameters wrong = AlgorithmParameters.getInstance("GCM", new KmsEnvelopeProvider());
        assertThatExceptionOfType(java.security.spec.InvalidParameterSpecException.class)
                .isThrownBy(() -> wrong.init(new IvParameterSpec(new byte[16])));
        assertThatExceptionOfType(java.io.IOException.class)
                .isThrownBy(() -> wrong.init(new ByteArrayInputStream(new byte[3]).readAllBytes()));
    }
}
