package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import java.nio.ByteBuffer;
import java.security.InvalidKeyException;
import java.security.Key;
import java.util.function.Supplier;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RULES 19: trouble with the service leaves every call as what the service threw, and never as a BadPaddingException. */
class ServiceFailureTest {

    private static final Key KEY = new SecretKeySpec(new byte[16], "AES");

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final KmsSecretKey handle = Ciphers.uncachedHandle(service, "master");

    static Stream<RuntimeException> failures() {
        return Stream.of(
                new KeyAccessDeniedException("m"),
                new KeyDisabledException("m"),
                new KeyNotFoundException("m"),
                new KmsConfigurationException("m"),
                new KmsThrottledException("m"),
                new KmsUnavailableException("m"),
                new AliasExistsException("m"),
                new IllegalArgumentException("m"),
                new IllegalStateException("closed"),
                new NullPointerException("m"));
    }

    private interface Call {
        void run() throws Exception;
    }

    private static void assertThrown(RuntimeException expected, Call call) {
        assertThat(catchThrowable(call::run)).isSameAs(expected);
    }

    @ParameterizedTest
    @DisplayName("RULES 19: encrypting asks the service in init, and wrapping under AESWrap in wrap")
    @MethodSource("failures")
    void encrypting(RuntimeException failure) throws Exception {
        Cipher wrapping = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle);
        service.failWith(() -> failure);
        for (String transformation : CallFormsTest.transformations().toList()) {
            assertThrown(failure, () -> Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle));
            assertThrown(failure, () -> Ciphers.ours(transformation, Cipher.WRAP_MODE, handle));
        }
        assertThrown(failure, () -> wrapping.wrap(KEY));
        service.failWith(() -> null);
        assertThat(wrapping.wrap(KEY)).isNotEmpty();
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @ParameterizedTest
    @DisplayName("RULES 19: decrypting asks it in update or doFinal, in every call form, and works again afterwards")
    @MethodSource("failures")
    void decrypting(RuntimeException failure) throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(100));
        byte[] out = new byte[200];
        for (String transformation : CallFormsTest.transformations().toList()) {
            service.failWith(() -> failure);
            Cipher cipher = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle);
            assertThrown(failure, () -> cipher.doFinal(message));
            assertThrown(failure, () -> cipher.doFinal(message, 0, message.length, out));
            assertThrown(failure, () -> cipher.doFinal(ByteBuffer.wrap(message), ByteBuffer.allocateDirect(200)));
            assertThrown(failure, () -> cipher.update(message));
            assertThat(cipher.update(message)).as("the failure latches").isNull();
            assertThrown(failure, cipher::doFinal);
            assertThrown(failure, () -> cipher.update(message, 0, message.length, out));
            assertThrown(failure, cipher::doFinal);
            assertThrown(failure, () -> cipher.update(ByteBuffer.wrap(message), ByteBuffer.allocate(200)));
            service.failWith(() -> null);
            assertThrown(failure, cipher::doFinal);
            assertThat(out).containsOnly(0);
            assertThat(cipher.doFinal(message)).isEqualTo(Ciphers.random(100));
        }
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @ParameterizedTest
    @DisplayName("RULES 19: unwrapping asks it in unwrap")
    @MethodSource("failures")
    void unwrapping(RuntimeException failure) throws Exception {
        for (String transformation : new String[] {Ciphers.GCM, Ciphers.ENVELOPE, Ciphers.WRAP}) {
            byte[] wrapped =
                    Ciphers.ours(transformation, Cipher.WRAP_MODE, handle).wrap(KEY);
            Cipher cipher = Ciphers.ours(transformation, Cipher.UNWRAP_MODE, handle);
            service.failWith(() -> failure);
            assertThrown(failure, () -> cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY));
            service.failWith(() -> null);
            assertThat(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY)).isEqualTo(KEY);
        }
    }

    @ParameterizedTest
    @DisplayName("RULES 19: the same when only the decrypt operation fails")
    @MethodSource("failures")
    void decryptOperation(RuntimeException failure) throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(100));
        byte[] wrapped = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle).wrap(KEY);
        KmsSecretKey faulty = handleFailingAt("decrypt", () -> failure);
        assertThrown(failure, () -> Ciphers.decrypt(faulty, message));
        assertThrown(
                failure,
                () -> Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, faulty).unwrap(wrapped, "AES", Cipher.SECRET_KEY));
    }

    private KmsSecretKey handleFailingAt(String operation, Supplier<? extends RuntimeException> failure) {
        KeyService faulty = KeyServices.failingAt(operation, service, failure);
        return Ciphers.uncachedHandle(faulty, "master", "key.master.decrypt-keys", "other");
    }

    @Test
    @DisplayName("RULES 19: a ciphertext that the service calls invalid is the message's fault")
    void invalidCiphertext() throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(100));
        byte[] wrapped = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle).wrap(KEY);
        KmsSecretKey faulty = handleFailingAt("decrypt", () -> new InvalidCiphertextException("planted"));
        assertThat(catchThrowable(() -> Ciphers.decrypt(faulty, message)))
                .isExactlyInstanceOf(AEADBadTagException.class);
        for (String transformation : new String[] {Ciphers.GCM, Ciphers.WRAP}) {
            byte[] in = transformation.equals(Ciphers.WRAP) ? wrapped : message;
            assertThat(catchThrowable(() -> Ciphers.ours(transformation, Cipher.UNWRAP_MODE, faulty)
                            .unwrap(in, "AES", Cipher.SECRET_KEY)))
                    .isExactlyInstanceOf(InvalidKeyException.class);
        }
    }

    @Test
    @DisplayName("RULES 16: data keys of another length than the suite's are refused and wiped")
    void dataKeyOfAnotherLength() throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(100));
        SecretBytes tooShort = SecretBytes.copyOf(new byte[16]);
        KeyService odd = KeyServices.withResults(service, result -> result instanceof SecretBytes ? tooShort : result);
        assertThat(catchThrowable(() -> Ciphers.decrypt(Ciphers.uncachedHandle(odd, "master"), message)))
                .isExactlyInstanceOf(AEADBadTagException.class);
        assertThat(tooShort.isDestroyed()).isTrue();
    }

    @Test
    @DisplayName("RULES 19: an Error of the service passes and the cipher works afterwards")
    void errors() throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(100));
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
        service.failWith(() -> {
            throw new StackOverflowError();
        });
        assertThat(catchThrowable(() -> cipher.doFinal(message))).isInstanceOf(StackOverflowError.class);
        service.failWith(() -> null);
        assertThat(cipher.doFinal(message)).hasSize(100);
    }
}
