package dev.kmsenvelope.provider;

import static dev.kmsenvelope.testing.DualMessages.DUAL;
import static dev.kmsenvelope.testing.DualMessages.INNER;
import static dev.kmsenvelope.testing.DualMessages.OUTER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.DualMessages;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** RULES 19: trouble with the key service of either layer leaves every call as what the service threw. */
class DualServiceTest {

    private final InMemoryKeyService service = DualMessages.service();
    private final KmsSecretKey handle = DualMessages.handle(service);

    /** The service, of which one key fails in one operation. */
    private KeyService failing(String operation, String key, RuntimeException failure) {
        return KeyServices.watching(operation, service, arguments -> {
            if (arguments[0].equals(KeyId.of(key))) {
                throw failure;
            }
        });
    }

    static Stream<RuntimeException> failures() {
        return ServiceFailureTest.failures();
    }

    @ParameterizedTest
    @DisplayName("A data key that is not to be had for either layer: init throws, and the other layer's is wiped")
    @MethodSource("failures")
    void encrypting(RuntimeException failure) {
        for (String key : new String[] {INNER, OUTER}) {
            KmsSecretKey faulty = DualMessages.handle(failing("generateDataKey", key, failure));
            assertThat(catchThrowable(() -> Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, faulty)))
                    .isSameAs(failure);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThat(catchThrowable(() -> EnvelopeChannels.of(faulty)
                            .format(EnvelopeFormat.DUAL)
                            .encrypt(new ByteArrayInputStream(new byte[10]), out)))
                    .isSameAs(failure);
            assertThat(out.size()).isZero();
        }
        assertThat(service.handedOut).isNotEmpty().allMatch(SecretBytes::isDestroyed);
    }

    @ParameterizedTest
    @DisplayName(
            "A data key of either layer that cannot be decrypted: it latches, nothing is released, the next one opens")
    @MethodSource("failures")
    void decrypting(RuntimeException failure) throws Exception {
        byte[] message = DualMessages.encrypt(handle, Ciphers.random(100));
        for (String key : new String[] {INNER, OUTER}) {
            AtomicReference<RuntimeException> now = new AtomicReference<>(failure);
            KeyService faulty = KeyServices.watching("decrypt", service, arguments -> {
                if (arguments[0].equals(KeyId.of(key)) && now.get() != null) {
                    throw now.get();
                }
            });
            Cipher cipher = Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, DualMessages.handle(faulty));
            byte[] out = new byte[2000];
            now.set(failure);
            assertThat(catchThrowable(() -> cipher.doFinal(message))).isSameAs(failure);
            assertThat(catchThrowable(() -> cipher.doFinal(message, 0, message.length, out)))
                    .isSameAs(failure);
            assertThat(catchThrowable(() -> cipher.update(message))).isSameAs(failure);
            assertThat(cipher.update(message)).as("the failure latches").isNull();
            assertThat(catchThrowable(cipher::doFinal)).isSameAs(failure);
            assertThat(catchThrowable(() -> cipher.update(message, 0, message.length, out)))
                    .isSameAs(failure);
            now.set(null);
            assertThat(catchThrowable(cipher::doFinal)).isSameAs(failure);
            assertThat(out).containsOnly(0);
            assertThat(cipher.doFinal(message)).isEqualTo(Ciphers.random(100));
        }
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("RULES 21: a service that gives the same data key twice is not believed, and the key is wiped")
    void sameDataKeyTwice() {
        AtomicReference<DataKeyPair> first = new AtomicReference<>();
        AtomicReference<byte[]> bytes = new AtomicReference<>();
        KeyService repeating = KeyServices.withResults(service, result -> {
            if (!(result instanceof DataKeyPair pair)) {
                return result;
            }
            if (first.compareAndSet(null, pair)) {
                bytes.set(pair.plaintext().copy());
                return pair;
            }
            SecretBytes again = SecretBytes.copyOf(bytes.get());
            service.handedOut.add(again);
            return new DataKeyPair(again, pair.encrypted());
        });
        Throwable thrown =
                catchThrowable(() -> Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, DualMessages.handle(repeating)));
        assertThat(thrown).isExactlyInstanceOf(KmsUnavailableException.class).hasMessageContaining("same data key");
        service.handedOut.remove(1); // the one that was exchanged
        assertThat(service.handedOut).hasSize(2).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("A cipher that is thrown away half-way, in either direction, leaves no data key")
    void abandoned() throws Exception {
        byte[] message = DualMessages.encrypt(handle, Ciphers.random(200_000));
        Cipher cipher = Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, handle);
        cipher.update(new byte[100_000]);
        cipher.init(Cipher.DECRYPT_MODE, handle);
        cipher.update(message, 0, 150_000);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        cipher.doFinal(new byte[1]);
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("RULES 7: one message per init; output that has no room changes nothing")
    void oneMessage() throws Exception {
        Cipher cipher = Ciphers.ours(DUAL, Cipher.ENCRYPT_MODE, handle);
        byte[] text = Ciphers.random(300_000);
        assertThat(catchThrowable(() -> cipher.update(text, 0, text.length, new byte[1000])))
                .isInstanceOf(ShortBufferException.class);
        assertThat(catchThrowable(() -> cipher.doFinal(text, 0, text.length, new byte[1000])))
                .isInstanceOf(ShortBufferException.class);
        byte[] message = cipher.doFinal(text);
        assertThat(DualMessages.decrypt(handle, message)).isEqualTo(text);
        assertThat(catchThrowable(() -> cipher.doFinal(text))).isInstanceOf(IllegalStateException.class);
        assertThat(catchThrowable(() -> cipher.update(text))).isInstanceOf(IllegalStateException.class);

        Cipher decrypting = Ciphers.ours(DUAL, Cipher.DECRYPT_MODE, handle);
        assertThat(catchThrowable(() -> decrypting.update(message, 0, message.length, new byte[1000])))
                .isInstanceOf(ShortBufferException.class);
        assertThat(decrypting.doFinal(message)).isEqualTo(text);
    }
}
