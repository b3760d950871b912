package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.aead.AeadParameters;
import com.google.crypto.tink.aead.KmsEnvelopeAead;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.AeadKeyService;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@code Envelope/TINK/NoPadding} refuses, and how. */
class TinkEnvelopeFaultsTest {

    private static final String TINK = TinkEnvelopeTest.TINK;
    private static final byte[] AAD = {1, 2, 3};
    private static final byte[] NONE = {};
    private static final int KEY_ID = 0x81020304;

    private final AeadKeyService service = AeadKeyService.create();
    private final KmsSecretKey handle = Ciphers.handle(service, AeadKeyService.KEY);

    private Aead tink(AeadParameters parameters) throws GeneralSecurityException {
        return KmsEnvelopeAead.create(parameters, service.aead());
    }

    @Test
    @DisplayName("Data keys of Tink that are for other ciphers are refused as any other fault")
    void otherDataKeys() throws Exception {
        for (AeadParameters parameters : List.of(
                PredefinedAeadParameters.CHACHA20_POLY1305,
                PredefinedAeadParameters.XCHACHA20_POLY1305,
                PredefinedAeadParameters.AES256_EAX,
                PredefinedAeadParameters.AES128_CTR_HMAC_SHA256)) {
            TinkEnvelopeTest.assertRefused(
                    handle, null, tink(parameters).encrypt(new byte[50], AAD), AAD, "not for AES-GCM");
        }
    }

    @Test
    @DisplayName(
            "Every truncation and every bit flip is refused, nothing released, and no service asked what is too short")
    void tampering() throws Exception {
        TinkParameterSpec spec = TinkParameterSpec.ofKeyId(KEY_ID);
        byte[] plaintext = Ciphers.random(37);
        for (TinkParameterSpec parameters : new TinkParameterSpec[] {spec, null}) {
            byte[] message = TinkEnvelopeTest.encrypt(handle, parameters, plaintext, AAD);
            for (int length = 0; length < message.length; length++) {
                assertBad(parameters, Arrays.copyOf(message, length));
            }
            for (int bit = 0; bit < 8 * message.length; bit++) {
                byte[] changed = message.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                assertBad(parameters, changed);
            }
            assertBad(parameters, Arrays.copyOf(message, message.length + 1));
        }
        int before = service.decrypted.get();
        byte[] message = TinkEnvelopeTest.encrypt(handle, null, NONE, AAD);
        assertBad(null, Arrays.copyOf(message, message.length - 1));
        assertThat(service.decrypted).hasValue(before);
    }

    private void assertBad(TinkParameterSpec spec, byte[] message) throws Exception {
        byte[] out = new byte[message.length + 100];
        Cipher cipher = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, handle, spec);
        cipher.updateAAD(AAD);
        assertThat(cipher.update(message, 0, message.length / 2)).isNull();
        assertThatThrownBy(
                        () -> cipher.doFinal(message, message.length / 2, message.length - message.length / 2, out, 0))
                .isInstanceOf(AEADBadTagException.class);
        assertThat(out).containsOnly(0);
        assertThatThrownBy(() -> TinkEnvelopeTest.decrypt(handle, spec, message, AAD))
                .isInstanceOf(AEADBadTagException.class);
    }

    @Test
    void wrongKeyAadAndFormat() throws Exception {
        byte[] message = TinkEnvelopeTest.encrypt(handle, null, new byte[100], AAD);
        TinkEnvelopeTest.assertRefused(handle, null, message, new byte[] {1, 2}, "associated data");
        TinkEnvelopeTest.assertRefused(
                Ciphers.handle(AeadKeyService.create(), AeadKeyService.KEY), null, message, AAD, "was changed");

        InMemoryKeyService memory =
                new InMemoryKeyService().withKey("one").withKey("other").withKey("third");
        KmsSecretKey one = Ciphers.handle(memory, "one");
        byte[] ours = TinkEnvelopeTest.encrypt(one, null, new byte[100], AAD);
        assertThat(TinkEnvelopeTest.decrypt(one, null, ours, AAD)).isEqualTo(new byte[100]);
        int before = memory.decrypted.get();
        TinkEnvelopeTest.assertRefused(Ciphers.handle(memory, "other"), null, ours, AAD, "not for the key other");
        assertThat(memory.decrypted).as("what names another key").hasValue(before);
        KmsSecretKey further = Ciphers.handle(memory, "other", "key.other.decrypt-keys", "third, one");
        assertThat(TinkEnvelopeTest.decrypt(further, null, ours, AAD)).isEqualTo(new byte[100]);

        byte[] esdk = Ciphers.encrypt(one, new byte[100]);
        TinkEnvelopeTest.assertRefused(one, null, esdk, NONE, "not a message of Tink");
        assertThatThrownBy(() -> Ciphers.decrypt(one, ours)).isInstanceOf(AEADBadTagException.class);
        assertThatThrownBy(
                        () -> Ciphers.ours("Envelope", Cipher.DECRYPT_MODE, one).doFinal(ours))
                .isInstanceOf(AEADBadTagException.class);
    }

    @Test
    @DisplayName("RULES 1: an IV is refused to encrypt, and to decrypt it is that which getIV told")
    void iv() throws Exception {
        Cipher encryptor = Ciphers.ours(TINK, Cipher.ENCRYPT_MODE, handle);
        byte[] message = encryptor.doFinal(AAD);
        byte[] iv = encryptor.getIV();
        assertThat(Arrays.copyOfRange(message, message.length - 31, message.length - 19))
                .isEqualTo(iv);
        Cipher decryptor = Ciphers.ours(TINK);
        decryptor.init(Cipher.DECRYPT_MODE, handle, encryptor.getParameters());
        assertThat(decryptor.doFinal(message)).isEqualTo(AAD);
        iv[0] ^= 1;
        TinkEnvelopeTest.assertRefused(handle, new GCMParameterSpec(128, iv), message, NONE, "the IV is not the one");

        for (int length : new int[] {12, 13, 16}) {
            assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                    .isThrownBy(() ->
                            TinkEnvelopeTest.encrypt(handle, new GCMParameterSpec(128, new byte[length]), AAD, NONE))
                    .withMessageContaining("give none");
        }
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(
                        () -> TinkEnvelopeTest.decrypt(handle, new GCMParameterSpec(128, new byte[16]), message, NONE))
                .withMessageContaining("12 bytes");
    }

    @Test
    @DisplayName("What Tink has no place for is refused: context, recipients, frame length, other parameters")
    void noPlace() throws Exception {
        byte[] message = TinkEnvelopeTest.encrypt(handle, null, AAD, NONE);
        KmsSecretKey withContext = Ciphers.handle(service, "key", "key.key.context.a", "b");
        for (KmsSecretKey key : List.of(withContext, handle)) {
            AlgorithmParameterSpec spec = key.equals(handle) ? Ciphers.context("a", "b") : null;
            assertInvalid(() -> TinkEnvelopeTest.encrypt(key, spec, AAD, NONE), "no encryption context");
            assertInvalid(() -> TinkEnvelopeTest.decrypt(key, spec, message, NONE), "no encryption context");
        }
        assertInvalid(() -> TinkEnvelopeTest.encrypt(handle, Ciphers.frames(100), AAD, NONE), "no frame length");
        assertInvalid(() -> TinkEnvelopeTest.decrypt(handle, Ciphers.frames(100), message, NONE), "no frame length");
        assertInvalid(
                () -> TinkEnvelopeTest.encrypt(handle, new IvParameterSpec(new byte[16]), AAD, NONE),
                "TinkParameterSpec");
        InMemoryKeyService memory = new InMemoryKeyService().withKey("one").withKey("other");
        KmsSecretKey two = Ciphers.handle(memory, "one", "key.one.recipients", "other");
        assertInvalid(() -> TinkEnvelopeTest.encrypt(two, null, AAD, NONE), "has recipients");
        assertThat(TinkEnvelopeTest.decrypt(
                        two, null, TinkEnvelopeTest.encrypt(Ciphers.handle(memory, "other"), null, AAD, NONE), NONE))
                .isEqualTo(AAD);
        assertThatThrownBy(() -> Ciphers.ours("Envelope", Cipher.ENCRYPT_MODE, handle, TinkParameterSpec.ofKeyId(1)))
                .isInstanceOf(InvalidAlgorithmParameterException.class);
        assertThatThrownBy(() -> EnvelopeChannels.of(withContext)
                        .format(EnvelopeFormat.TINK)
                        .encrypt(new ByteArrayInputStream(AAD), new ByteArrayOutputStream()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no encryption context");
    }

    /** In AssertJ's form of a thrower, or init would hide which it was. */
    private static void assertInvalid(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String why) {
        assertThatThrownBy(call)
                .isInstanceOf(InvalidAlgorithmParameterException.class)
                .hasMessageContaining(why);
    }

    @Test
    @DisplayName("What is longer than decrypt.hold is refused by the name of the setting, in one piece and in many")
    void hold() throws Exception {
        KmsSecretKey small = Ciphers.handle(service, "key", "decrypt.hold", "1000");
        byte[] fits = TinkEnvelopeTest.encrypt(handle, null, new byte[1000], AAD);
        assertThat(TinkEnvelopeTest.decrypt(small, null, fits, AAD)).hasSize(1000);
        int before = service.decrypted.get();
        byte[] tooLong = TinkEnvelopeTest.encrypt(handle, null, new byte[1001], AAD);
        TinkEnvelopeTest.assertRefused(small, null, tooLong, AAD, "decrypt.hold");
        Cipher cipher = Ciphers.ours(TINK, Cipher.DECRYPT_MODE, small);
        for (byte b : tooLong) {
            assertThat(cipher.update(new byte[] {b})).isNull();
        }
        assertThatThrownBy(cipher::doFinal)
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("decrypt.hold");
        byte[] large = TinkEnvelopeTest.encrypt(handle, null, new byte[70_000], AAD);
        TinkEnvelopeTest.assertRefused(small, null, large, AAD, "decrypt.hold");
        assertThat(service.decrypted).as("not asked").hasValue(before);
    }

    static Stream<RuntimeException> failures() {
        return Stream.of(
                new KmsUnavailableException("away"),
                new KeyAccessDeniedException("denied"),
                new InvalidCiphertextException("refused"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void serviceFails(RuntimeException failure) throws Exception {
        KmsSecretKey encrypting =
                Ciphers.uncachedHandle(KeyServices.failingAt("encrypt", service, () -> failure), AeadKeyService.KEY);
        assertThatThrownBy(() -> TinkEnvelopeTest.encrypt(encrypting, null, AAD, NONE))
                .isSameAs(failure);
        byte[] message = TinkEnvelopeTest.encrypt(handle, null, AAD, NONE);
        for (String operation : List.of("decrypt", "fromBlob", "keyOf", "decryptionKeys")) {
            KmsSecretKey key = Ciphers.uncachedHandle(
                    KeyServices.failingAt(operation, service, () -> failure), AeadKeyService.KEY);
            if (failure instanceof InvalidCiphertextException
                    && !operation.startsWith("key")
                    && !operation.equals("decryptionKeys")) {
                TinkEnvelopeTest.assertRefused(key, null, message, NONE, "was changed");
            } else {
                assertThatThrownBy(() -> TinkEnvelopeTest.decrypt(key, null, message, NONE))
                        .isSameAs(failure);
            }
        }
    }

    @Test
    void anEncryptedDataKeyThatIsTooLong() {
        KmsSecretKey key = Ciphers.handle(
                KeyServices.withResults(service, result -> result instanceof byte[] ? new byte[4097] : result),
                AeadKeyService.KEY);
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> TinkEnvelopeTest.encrypt(key, null, AAD, NONE))
                .withMessageContaining("4097 bytes");
    }
}
