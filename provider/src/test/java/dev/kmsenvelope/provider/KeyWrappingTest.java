package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cipher.wrap and unwrap under a handle: as a message, or inside the service. */
class KeyWrappingTest {

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");

    private static byte[] wrap(String transformation, KmsSecretKey handle, Key key) throws Exception {
        return Ciphers.ours(transformation, Cipher.WRAP_MODE, handle).wrap(key);
    }

    private static Key unwrap(String transformation, KmsSecretKey handle, byte[] wrapped, String algorithm, int type)
            throws Exception {
        return Ciphers.ours(transformation, Cipher.UNWRAP_MODE, handle).unwrap(wrapped, algorithm, type);
    }

    @ParameterizedTest
    @DisplayName("Secret, private and public keys come back as they were")
    @ValueSource(strings = {"AES/GCM/NoPadding", "Envelope", "AESWrap"})
    void roundTrips(String transformation) throws Exception {
        for (String algorithm : new String[] {"RSA", "EC"}) {
            KeyPair pair = KeyPairGenerator.getInstance(algorithm).generateKeyPair();
            assertThat(unwrap(
                            transformation,
                            handle,
                            wrap(transformation, handle, pair.getPrivate()),
                            algorithm,
                            Cipher.PRIVATE_KEY))
                    .isEqualTo(pair.getPrivate());
            assertThat(unwrap(
                            transformation,
                            handle,
                            wrap(transformation, handle, pair.getPublic()),
                            algorithm,
                            Cipher.PUBLIC_KEY))
                    .isEqualTo(pair.getPublic());
        }
        SecretKeySpec secret = new SecretKeySpec(Ciphers.random(20), "HmacSHA256");
        assertThat(unwrap(
                        transformation, handle, wrap(transformation, handle, secret), "HmacSHA256", Cipher.SECRET_KEY))
                .isEqualTo(secret);
        assertThat(secret.getEncoded()).as("the caller's key is not wiped").isEqualTo(Ciphers.random(20));
    }

    @ParameterizedTest
    @DisplayName(
            "Unwrapped as something that it is not: InvalidKeyException; for an unknown algorithm NoSuchAlgorithmException")
    @ValueSource(strings = {"AES/GCM/NoPadding", "Envelope", "AESWrap"})
    void wrongTypes(String transformation) throws Exception {
        byte[] wrapped = wrap(transformation, handle, new SecretKeySpec(Ciphers.random(100), "AES"));
        for (String algorithm : new String[] {"RSA", "EC", "DSA", "DH", "X25519", "Ed25519"}) {
            for (int type : new int[] {Cipher.PRIVATE_KEY, Cipher.PUBLIC_KEY}) {
                assertThatExceptionOfType(InvalidKeyException.class)
                        .isThrownBy(() -> unwrap(transformation, handle, wrapped, algorithm, type));
            }
        }
        byte[] rsa = wrap(
                transformation,
                handle,
                KeyPairGenerator.getInstance("RSA").generateKeyPair().getPrivate());
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> unwrap(transformation, handle, rsa, "EC", Cipher.PRIVATE_KEY));
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> unwrap(transformation, handle, rsa, "RSA", Cipher.PUBLIC_KEY));
        assertThatExceptionOfType(NoSuchAlgorithmException.class)
                .isThrownBy(() -> unwrap(transformation, handle, rsa, "nonsense", Cipher.PRIVATE_KEY));
        assertAllWiped();
    }

    @ParameterizedTest
    @DisplayName(
            "Encoded keys that are cut short or changed at any byte give a key or InvalidKeyException, nothing else")
    @ValueSource(strings = {"RSA", "EC"})
    void garbageInside(String algorithm) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(algorithm.equals("RSA") ? 1024 : 256);
        byte[] encoded = generator.generateKeyPair().getPrivate().getEncoded();
        Cipher unwrapping = Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, handle);
        for (int i = 1; i < Math.min(200, encoded.length); i++) {
            for (byte[] garbage : new byte[][] {Arrays.copyOf(encoded, i), Ciphers.flipped(encoded, i)}) {
                byte[] wrapped = wrap(Ciphers.WRAP, handle, new SecretKeySpec(garbage, "AES"));
                Throwable thrown = catchThrowable(() -> unwrapping.unwrap(wrapped, algorithm, Cipher.PRIVATE_KEY));
                if (thrown != null) {
                    assertThat(thrown).isExactlyInstanceOf(InvalidKeyException.class);
                }
            }
        }
    }

    @ParameterizedTest
    @DisplayName("A key without an encoded form cannot be wrapped")
    @ValueSource(strings = {"AES/GCM/NoPadding", "Envelope", "AESWrap"})
    void opaqueKeys(String transformation) {
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> wrap(transformation, handle, handle))
                .withMessageContaining("encoded");
    }

    @ParameterizedTest
    @DisplayName("RULES 11: AESWrap wraps and unwraps only")
    @ValueSource(ints = {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE})
    void wrapsOnly(int mode) {
        assertThatExceptionOfType(UnsupportedOperationException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.WRAP, mode, handle))
                .withMessageContaining("wraps");
    }

    @ParameterizedTest
    @DisplayName("AESWrap takes up to 4096 bytes, AES/GCM any number")
    @CsvSource({"4096, true", "4097, false", "100000, false"})
    void sizes(int size, boolean fits) throws Exception {
        SecretKeySpec key = new SecretKeySpec(Ciphers.random(size), "AES");
        assertThat(unwrap(Ciphers.GCM, handle, wrap(Ciphers.GCM, handle, key), "AES", Cipher.SECRET_KEY))
                .isEqualTo(key);
        if (fits) {
            Cipher cipher = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle);
            int bound = cipher.getOutputSize(size);
            byte[] wrapped = cipher.wrap(key);
            assertThat(wrapped.length).isLessThanOrEqualTo(bound);
            assertThat(unwrap(Ciphers.WRAP, handle, wrapped, "AES", Cipher.SECRET_KEY))
                    .isEqualTo(key);
        } else {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> wrap(Ciphers.WRAP, handle, key))
                    .withMessageContaining("4096")
                    .withMessageContaining("" + size);
        }
    }

    @Test
    @DisplayName("RULES 12: every way in which an AESWrap blob can be wrong has the same type and text")
    void oneText() throws Exception {
        byte[] wrapped = wrap(Ciphers.WRAP, handle, new SecretKeySpec(Ciphers.random(16), "AES"));
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < wrapped.length; i++) {
            texts.add(unwrapFailure(handle, Ciphers.flipped(wrapped, i)));
            texts.add(unwrapFailure(handle, Arrays.copyOf(wrapped, i)));
        }
        texts.add(unwrapFailure(handle, Arrays.copyOf(wrapped, wrapped.length + 1)));
        texts.add(unwrapFailure(handle, wrap(Ciphers.WRAP, Ciphers.handle(service, "other"), handleFree())));
        KmsSecretKey withContext = Ciphers.handle(service, "master", "key.master.context.a", "b");
        texts.add(unwrapFailure(withContext, wrapped));
        texts.add(unwrapFailure(handle, wrap(Ciphers.WRAP, withContext, handleFree())));

        assertThat(texts).singleElement().asString().contains("master");
    }

    private static Key handleFree() {
        return new SecretKeySpec(new byte[16], "AES");
    }

    private static String unwrapFailure(KmsSecretKey handle, byte[] wrapped) {
        Throwable thrown = catchThrowable(() -> unwrap(Ciphers.WRAP, handle, wrapped, "AES", Cipher.SECRET_KEY));
        assertThat(thrown).isExactlyInstanceOf(InvalidKeyException.class);
        return thrown.getMessage() + " because of " + thrown.getCause();
    }

    @ParameterizedTest
    @DisplayName("A message that was changed at any byte does not unwrap, and the cipher can be used again")
    @ValueSource(strings = {"AES/GCM/NoPadding", "Envelope"})
    void changedMessages(String transformation) throws Exception {
        byte[] wrapped = wrap(transformation, handle, handleFree());
        Cipher cipher = Ciphers.ours(transformation, Cipher.UNWRAP_MODE, handle);
        for (int i = 0; i < wrapped.length; i++) {
            byte[] changed = Ciphers.flipped(wrapped, i);
            assertThatThrownBy(() -> cipher.unwrap(changed, "AES", Cipher.SECRET_KEY))
                    .isExactlyInstanceOf(InvalidKeyException.class);
        }
        assertThat(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY)).isEqualTo(handleFree());
        assertAllWiped();
    }

    @Test
    @DisplayName("AESWrap takes a context and nothing else")
    void parameters() throws Exception {
        byte[] wrapped = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle, Ciphers.context("a", "b"))
                .wrap(handleFree());
        assertThat(Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, handle, Ciphers.context("a", "b"))
                        .unwrap(wrapped, "AES", Cipher.SECRET_KEY))
                .isEqualTo(handleFree());
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle, Ciphers.frames(10)));
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() ->
                        Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle, new GCMParameterSpec(128, new byte[12])));
    }

    @Test
    @DisplayName("Wrapping twice as a message takes an init between, under AESWrap it does not")
    void twice() throws Exception {
        Cipher envelope = Ciphers.ours(Ciphers.GCM, Cipher.WRAP_MODE, handle);
        envelope.wrap(handleFree());
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> envelope.wrap(handleFree()));
        Cipher blob = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle);
        assertThat(blob.wrap(handleFree())).isNotEqualTo(blob.wrap(handleFree()));
    }

    private void assertAllWiped() {
        assertThat(service.handedOut).isNotEmpty().allMatch(SecretBytes::isDestroyed);
    }
}
