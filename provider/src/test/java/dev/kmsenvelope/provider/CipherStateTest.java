package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may follow what on one cipher object. */
class CipherStateTest {

    private static final int FRAME = 100;

    private final InMemoryKeyService service = new InMemoryKeyService().withKey("master");
    private final KmsSecretKey handle = Ciphers.uncachedHandle(service, "master", "frame-length", "" + FRAME);

    static java.util.stream.Stream<String> transformations() {
        return CallFormsTest.transformations();
    }

    @ParameterizedTest
    @DisplayName("Nothing works before init")
    @MethodSource("transformations")
    void beforeInit(String transformation) throws Exception {
        Cipher cipher = Ciphers.ours(transformation);
        assertThatIllegalStateException().isThrownBy(() -> cipher.update(new byte[1]));
        assertThatIllegalStateException().isThrownBy(cipher::doFinal);
        assertThatIllegalStateException().isThrownBy(() -> cipher.updateAAD(new byte[1]));
        assertThatIllegalStateException().isThrownBy(() -> cipher.getOutputSize(1));
        assertThatIllegalStateException().isThrownBy(() -> cipher.wrap(handle));
        assertThatIllegalStateException().isThrownBy(() -> cipher.unwrap(new byte[1], "AES", Cipher.SECRET_KEY));
        assertThat(cipher.getIV()).isNull();
        assertThat(cipher.getBlockSize()).isEqualTo(16);
    }

    @ParameterizedTest
    @DisplayName("The mode of init decides which calls are allowed")
    @MethodSource("transformations")
    void wrongMode(String transformation) throws Exception {
        Cipher encrypting = Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle);
        assertThatIllegalStateException().isThrownBy(() -> encrypting.wrap(new SecretKeySpec(new byte[5], "AES")));
        Cipher wrapping = Ciphers.ours(transformation, Cipher.WRAP_MODE, handle);
        assertThatIllegalStateException().isThrownBy(() -> wrapping.doFinal(new byte[5]));
        Cipher unwrapping = Ciphers.ours(transformation, Cipher.UNWRAP_MODE, handle);
        assertThatIllegalStateException().isThrownBy(() -> unwrapping.update(new byte[5]));
    }

    @ParameterizedTest
    @DisplayName("RULES 7: a call that meets another one on the same object is refused and changes nothing")
    @MethodSource("transformations")
    void oneThreadAtATime(String transformation) throws Exception {
        byte[] text = Ciphers.random(1000);
        byte[] message = Ciphers.encrypt(handle, text);
        Cipher cipher = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle);
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        service.failWith(() -> {
            asked.countDown();
            return awaited(answer) ? null : new KmsUnavailableException("nobody let this go on");
        });
        FutureTask<byte[]> other = new FutureTask<>(() -> cipher.doFinal(message));
        new Thread(other).start();
        try {
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            byte[] out = new byte[2000];
            for (ThrowingCallable call : List.<ThrowingCallable>of(
                    () -> cipher.updateAAD(new byte[1]),
                    () -> cipher.updateAAD(ByteBuffer.allocate(1)),
                    () -> cipher.update(message),
                    () -> cipher.update(message, 0, message.length, out),
                    () -> cipher.update(ByteBuffer.wrap(message), ByteBuffer.wrap(out)),
                    () -> cipher.doFinal(),
                    () -> cipher.doFinal(message),
                    () -> cipher.doFinal(message, 0, message.length, out),
                    () -> cipher.doFinal(ByteBuffer.wrap(message), ByteBuffer.wrap(out)),
                    () -> cipher.init(Cipher.ENCRYPT_MODE, handle),
                    () -> cipher.init(Cipher.ENCRYPT_MODE, handle, Ciphers.frames(200)),
                    () -> cipher.init(Cipher.ENCRYPT_MODE, handle, (AlgorithmParameters)
                            null))) { // init last: JCA takes a cipher whose init failed for one without
                assertThatIllegalStateException().isThrownBy(call).withMessageContaining("another thread");
            }
            assertThat(out).containsOnly(0);
        } finally {
            answer.countDown();
        }
        assertThat(other.get(30, TimeUnit.SECONDS)).isEqualTo(text);
        service.failWith(() -> null);
        cipher.init(Cipher.DECRYPT_MODE, handle);
        assertThat(cipher.doFinal(message)).isEqualTo(text);
    }

    private static boolean awaited(CountDownLatch latch) {
        try {
            return latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @ParameterizedTest
    @DisplayName("AAD comes before the data")
    @MethodSource("transformations")
    void aadAfterData(String transformation) throws Exception {
        byte[] message = Ciphers.encrypt(handle, new byte[5]);
        for (int mode : new int[] {Cipher.ENCRYPT_MODE, Cipher.DECRYPT_MODE}) {
            Cipher cipher = Ciphers.ours(transformation, mode, handle);
            cipher.update(message, 0, 1);
            assertThatIllegalStateException().isThrownBy(() -> cipher.updateAAD(new byte[1]));
            assertThatIllegalStateException().isThrownBy(() -> cipher.updateAAD(ByteBuffer.allocateDirect(1)));
        }
    }

    @ParameterizedTest
    @DisplayName("RULES 7: encrypting again takes an init, in every call form")
    @MethodSource("transformations")
    void encryptingAgain(String transformation) throws Exception {
        Cipher cipher = Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle);
        cipher.doFinal(new byte[10]);
        byte[] out = new byte[1000];
        assertThatIllegalStateException().isThrownBy(() -> cipher.doFinal(new byte[1]));
        assertThatIllegalStateException().isThrownBy(cipher::doFinal);
        assertThatIllegalStateException().isThrownBy(() -> cipher.doFinal(out, 0));
        assertThatIllegalStateException().isThrownBy(() -> cipher.update(new byte[1]));
        assertThatIllegalStateException().isThrownBy(() -> cipher.update(new byte[200], 0, 200, out));
        assertThatIllegalStateException().isThrownBy(() -> cipher.updateAAD(new byte[1]));
        assertThatIllegalStateException()
                .isThrownBy(() -> cipher.doFinal(ByteBuffer.allocate(1), ByteBuffer.allocateDirect(1000)));
        assertThatIllegalStateException()
                .isThrownBy(() -> cipher.update(ByteBuffer.allocate(200), ByteBuffer.allocate(1000)));
        assertThat(out).containsOnly(0);
    }

    @ParameterizedTest
    @DisplayName(
            "RULES 1: init again with the same key and IV is allowed, unlike with SunJCE, since the IV is no nonce")
    @MethodSource("transformations")
    void sameIvAgain(String transformation) throws Exception {
        GCMParameterSpec iv = new GCMParameterSpec(128, new byte[12]);
        Cipher cipher = Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle, iv);
        byte[] first = cipher.doFinal(new byte[10]);
        cipher.init(Cipher.ENCRYPT_MODE, handle, iv);
        cipher.update(new byte[150]);
        cipher.init(Cipher.ENCRYPT_MODE, handle, iv);
        byte[] second = cipher.doFinal(new byte[10]);

        assertThat(Arrays.copyOf(first, 23)).isNotEqualTo(Arrays.copyOf(second, 23));
        assertThat(Ciphers.decrypt(handle, first)).isEqualTo(Ciphers.decrypt(handle, second));
    }

    @ParameterizedTest
    @DisplayName("Decrypting again works without init, also after a bad tag; AAD is given again for each message")
    @MethodSource("transformations")
    void decryptingAgain(String transformation) throws Exception {
        Cipher encrypting = Ciphers.ours(transformation, Cipher.ENCRYPT_MODE, handle);
        encrypting.updateAAD(new byte[] {1, 2});
        byte[] withAad = encrypting.doFinal(Ciphers.random(300));
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(250));
        Cipher cipher = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle);
        for (int i = 0; i < 3; i++) {
            assertThat(cipher.doFinal(message)).isEqualTo(Ciphers.random(250));
            cipher.updateAAD(new byte[] {1, 2});
            assertThat(cipher.doFinal(withAad)).isEqualTo(Ciphers.random(300));
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> cipher.doFinal(withAad));
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> cipher.doFinal(Ciphers.flipped(message, message.length - 1)));
            cipher.update(message, 0, 150);
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(cipher::doFinal);
        }
    }

    @Test
    @DisplayName(
            "RULES 6: a bad frame inside update latches: verified frames before it, then nothing, and doFinal throws")
    void badFrameLatches() throws Exception {
        byte[] plaintext = Ciphers.random(10 * FRAME);
        byte[] message = Ciphers.encrypt(handle, plaintext);
        int header = message.length - 10 * FRAME - 9 * 32 - 40;
        byte[] changed = Ciphers.flipped(message, header + 3 * (FRAME + 32) + 50);
        Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle);

        assertThat(cipher.update(changed, 0, header + 5 * (FRAME + 32))).isEqualTo(Arrays.copyOf(plaintext, 3 * FRAME));
        assertThat(cipher.update(changed, header + 5 * (FRAME + 32), 200)).isNull();
        assertThat(cipher.update(changed, 0, 0)).isNull();
        assertThat(cipher.update(message)).isNull();
        byte[] out = new byte[2000];
        assertThat(cipher.update(message, 0, message.length, out)).isZero();
        assertThat(cipher.update(message, 0, message.length, new byte[0])).isZero();
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> cipher.doFinal(message, 0, message.length, out))
                .withMessageContaining("part 4");
        assertThat(out).containsOnly(0);
        assertThat(cipher.doFinal(message)).isEqualTo(plaintext);
    }

    @Test
    @DisplayName(
            "RULES 6: a message of one frame after another in the wrong order gives nothing after the first wrong one")
    void framesInAnotherOrder() throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(5 * FRAME));
        int stride = FRAME + 32;
        int header = message.length - 5 * FRAME - 4 * 32 - 40;
        byte[] swapped = message.clone();
        System.arraycopy(message, header + stride, swapped, header + 2 * stride, stride);
        System.arraycopy(message, header + 2 * stride, swapped, header + stride, stride);
        Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle);
        assertThat(cipher.update(swapped)).hasSize(FRAME);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(cipher::doFinal);
    }

    @ParameterizedTest
    @DisplayName("RULES 6: a one-shot doFinal that fails leaves the output array as it was, in place too")
    @MethodSource("transformations")
    void nothingWrittenOnFailure(String transformation) throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(500));
        Cipher cipher = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle);
        for (int at : new int[] {5, 200, message.length - 300, message.length - 1}) {
            byte[] changed = Ciphers.flipped(message, at);
            byte[] out = Ciphers.random(900);
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> cipher.doFinal(changed, 0, changed.length, out, 0));
            assertThat(out).isEqualTo(Ciphers.random(900));
            byte[] shared = changed.clone();
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> cipher.doFinal(shared, 0, shared.length, shared, 0));
            assertThat(shared).isEqualTo(changed);
        }
    }

    @ParameterizedTest
    @DisplayName("After a failed init the cipher is unusable until the next one")
    @ValueSource(ints = {Cipher.ENCRYPT_MODE, Cipher.WRAP_MODE})
    void failedInit(int mode) throws Exception {
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        cipher.update(new byte[150]);
        service.failWith(() -> new KmsUnavailableException("down"));
        assertThatExceptionOfType(KmsUnavailableException.class).isThrownBy(() -> cipher.init(mode, handle));
        assertThatIllegalStateException().isThrownBy(() -> cipher.update(new byte[150]));
        assertThatIllegalStateException().isThrownBy(cipher::doFinal);
        assertThatIllegalStateException().isThrownBy(() -> cipher.updateAAD(new byte[1]));
        assertThat(cipher.getIV()).isNull();
        assertThat(cipher.getParameters()).isNull();
        service.failWith(() -> null);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        assertThat(Ciphers.decrypt(handle, cipher.doFinal(new byte[5]))).hasSize(5);
    }

    @Test
    @DisplayName("init in the middle of a message starts a new one: nothing of the old one remains")
    void initInTheMiddle() throws Exception {
        byte[] message = Ciphers.encrypt(handle, Ciphers.random(300));
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
        cipher.updateAAD(new byte[3]);
        cipher.update(message, 0, message.length - 10);
        cipher.init(Cipher.DECRYPT_MODE, handle);
        assertThat(cipher.doFinal(message)).isEqualTo(Ciphers.random(300));
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        cipher.updateAAD(new byte[3]);
        cipher.update(message);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        assertThat(Ciphers.decrypt(handle, cipher.doFinal(new byte[1]))).hasSize(1);
    }

    @Test
    @DisplayName("A message with AAD opens with the same AAD only, however it was given")
    void aad() throws Exception {
        Cipher encrypting = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, handle);
        encrypting.updateAAD(new byte[] {1, 2, 3, 4});
        byte[] message = encrypting.doFinal(new byte[] {9});
        for (byte[] wrong : new byte[][] {{}, {1, 2, 3}, {1, 2, 3, 4, 0}, {0, 0, 1, 2, 3, 4}, {1, 2, 3, 5}}) {
            Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
            cipher.updateAAD(wrong);
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> cipher.doFinal(message))
                    .withMessageContaining("AAD");
        }
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle);
        cipher.updateAAD(new byte[] {1, 2});
        cipher.updateAAD(new byte[0]);
        cipher.updateAAD(new byte[] {3, 4});
        assertThat(cipher.doFinal(message)).containsExactly(9);
    }
}
