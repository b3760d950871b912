package dev.kmsenvelope.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.crypto.IdleObjects.Loan;
import dev.kmsenvelope.testing.StubGcm;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Which ciphers come back for another message. Each test has a provider of its own, and so ciphers of its own. */
class IdleCiphersTest {

    private static final byte[] NONCE = new byte[12];
    private static final byte[] OTHER_NONCE = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    private static final byte[] KEY = new byte[32];
    private static final byte[] TEXT = {1, 2, 3, 4, 5};

    private final StubGcm provider = new StubGcm();

    private Loan<Cipher> idleOne() {
        return IdleCiphers.of(provider).take();
    }

    private void useOne() {
        try (AesGcm cipher = AesGcm.ofMessageKey(provider, KEY)) {
            cipher.encrypt(NONCE, TEXT);
        }
    }

    @Test
    void aClosedOneServesTheNextMessageUnderItsOwnKey() throws Exception {
        useOne();
        Loan<Cipher> loan = idleOne();
        assertThat(loan).isNotNull();
        IdleCiphers.of(provider).giveBack(loan);

        byte[] otherKey = new byte[16];
        Arrays.fill(otherKey, (byte) 9);
        try (AesGcm cipher = AesGcm.ofMessageKey(provider, otherKey)) {
            assertThat(idleOne()).as("it is in use").isNull();
            Cipher reference = Cipher.getInstance(GcmProvider.TRANSFORMATION, "SunJCE");
            reference.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(otherKey, "AES"), new GCMParameterSpec(128, NONCE));
            assertThat(cipher.encrypt(NONCE, TEXT)).isEqualTo(reference.doFinal(TEXT));
        }
        assertThat(idleOne()).isSameAs(loan);
    }

    @Test
    @DisplayName("ciphers with keys that encrypt other keys are not kept")
    void wrappingKeys() {
        try (AesGcm cipher = AesGcm.of(provider, KEY)) {
            cipher.encrypt(NONCE, TEXT);
        }
        try (AesGcm cipher = AesGcm.of(provider, new SecretKeySpec(KEY, "AES"))) {
            cipher.encrypt(NONCE, TEXT);
        }
        assertThat(idleOne()).isNull();
    }

    @Test
    void closingTwiceGivesBackOnce() {
        AesGcm cipher = AesGcm.ofMessageKey(provider, KEY);
        cipher.close();
        cipher.close();
        assertThat(idleOne()).isNotNull();
        assertThat(idleOne()).isNull();
    }

    @Test
    @DisplayName("RULES 16: dropped when a data key is wiped, in use or not")
    void dropped() {
        useOne();
        AesGcm inUse = AesGcm.ofMessageKey(provider, KEY);
        AesGcm another = AesGcm.ofMessageKey(provider, KEY);
        another.close();
        IdleCiphers.drop();
        assertThat(idleOne()).isNull();

        inUse.encrypt(OTHER_NONCE, TEXT);
        inUse.close();
        assertThat(idleOne()).isNull();

        useOne();
        assertThat(idleOne()).as("kept again from then on").isNotNull();
    }

    @Test
    @DisplayName("RULES 7: one that failed is not used for another message")
    void failures() {
        AesGcm wrongTag = AesGcm.ofMessageKey(provider, KEY);
        assertThatThrownBy(() -> wrongTag.decrypt(NONCE, new byte[20])).isInstanceOf(AEADBadTagException.class);
        wrongTag.close();
        assertThat(idleOne()).isNull();

        AesGcm failing = AesGcm.ofMessageKey(provider, KEY);
        provider.callsUntilFailure = 0;
        assertThatThrownBy(() -> failing.encrypt(NONCE, TEXT)).isInstanceOf(IllegalStateException.class);
        assertThat(failing.encrypt(OTHER_NONCE, TEXT)).hasSize(TEXT.length + 16);
        failing.close();
        assertThat(idleOne()).as("a success does not make good for it").isNull();
    }

    @Test
    @DisplayName("one that is closed while another thread works with it is not given to others")
    void closedInUse() {
        AesGcm cipher = AesGcm.ofMessageKey(provider, KEY);
        provider.duringCalls = cipher::close;
        assertThatThrownBy(() -> cipher.encrypt(NONCE, TEXT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed by another thread");

        assertThat(idleOne()).isNull();
        assertThatThrownBy(() -> cipher.encrypt(OTHER_NONCE, TEXT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        cipher.close();
        assertThat(idleOne()).isNull();
    }

    @Test
    @DisplayName("two threads that use one at the same time are told so")
    void usedTwiceAtOnce() {
        try (AesGcm cipher = AesGcm.ofMessageKey(provider, KEY)) {
            AtomicReference<Throwable> second = new AtomicReference<>();
            provider.duringCalls = () -> second.set(catchThrowable(() -> cipher.encrypt(OTHER_NONCE, TEXT)));
            cipher.encrypt(NONCE, TEXT);
            assertThat(second.get())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in use by another thread");

            provider.duringCalls = () -> {};
            assertThat(cipher.encrypt(OTHER_NONCE, TEXT)).hasSize(TEXT.length + 16);
        }
    }

    @Test
    @DisplayName("providers that come and go are not held on to")
    void manyProviders() {
        for (int i = 0; i < 50; i++) {
            StubGcm one = new StubGcm();
            AesGcm.ofMessageKey(one, KEY).close();
            assertThat(IdleCiphers.of(one).take()).isNotNull();
        }
        assertThat(idleOne()).isNull();
    }
}
