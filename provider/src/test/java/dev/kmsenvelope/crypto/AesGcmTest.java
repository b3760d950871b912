package dev.kmsenvelope.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.testing.StubGcm;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.Provider;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AesGcmTest {

    private static final Provider SUN_JCE = GcmProvider.find("SunJCE");
    private static final byte[] NONCE = new byte[12];
    private static final byte[] KEY = new byte[32];
    private static final byte[] TEXT = {1, 2, 3, 4, 5};

    @Test
    void associatedDataInPiecesCountsAsOne() throws Exception {
        try (AesGcm cipher = AesGcm.of(SUN_JCE, KEY)) {
            byte[] whole = cipher.encrypt(NONCE, TEXT, new byte[] {1, 2, 3});

            assertThat(cipher.decrypt(NONCE, whole, new byte[] {1}, new byte[0], new byte[] {2, 3}))
                    .isEqualTo(TEXT);
        }
    }

    @Test
    void theKeyIsCopiedAndTheCallersIsNotWiped() throws Exception {
        byte[] key = new byte[16];
        Arrays.fill(key, (byte) 7);
        try (AesGcm cipher = AesGcm.of(SUN_JCE, key)) {
            byte[] before = cipher.encrypt(NONCE, TEXT);
            Arrays.fill(key, (byte) 0);

            assertThat(cipher.decrypt(NONCE, before)).isEqualTo(TEXT);
        }
        SecretKeySpec foreign = new SecretKeySpec(KEY, "AES");
        AesGcm.of(SUN_JCE, foreign).close();
        assertThat(foreign.getEncoded()).isEqualTo(KEY);
    }

    @Test
    @DisplayName("RULES 16: a closed cipher neither works nor holds its key")
    void closing() {
        AesKey key = new AesKey(KEY);
        key.destroy();
        assertThat(key.isDestroyed()).isTrue();
        assertThatThrownBy(key::getEncoded).isInstanceOf(IllegalStateException.class);

        AesGcm cipher = AesGcm.of(SUN_JCE, KEY);
        cipher.close();
        cipher.close();
        assertThatThrownBy(() -> cipher.encrypt(NONCE, TEXT)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> cipher.decrypt(NONCE, new byte[16])).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void keysAreNotSerializedAndNotPrinted() throws Exception {
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatThrownBy(() -> out.writeObject(new AesKey(KEY))).isInstanceOf(NotSerializableException.class);
        }
        assertThat(new AesKey(KEY)).hasToString("AesKey[256 bits]");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 15, 17, 31, 33, 64})
    void keysOfOtherLengthsAreRefused(int length) {
        assertThatThrownBy(() -> AesGcm.of(SUN_JCE, new byte[length])).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 15})
    void whatIsShorterThanATagIsNotAuthentic(int length) {
        try (AesGcm cipher = AesGcm.of(SUN_JCE, KEY)) {
            assertThatThrownBy(() -> cipher.decrypt(NONCE, new byte[length])).isInstanceOf(AEADBadTagException.class);
        }
    }

    @Test
    void tooLittleRoomIsAnErrorAndWritesNothing() {
        try (AesGcm cipher = AesGcm.of(SUN_JCE, KEY)) {
            byte[] out = new byte[TEXT.length + 15];
            assertThatThrownBy(() -> cipher.encrypt(NONCE, new byte[0][], TEXT, 0, TEXT.length, out, 0))
                    .isInstanceOf(ProviderException.class);
            assertThat(out).containsOnly(0);
        }
    }

    @Test
    @DisplayName("nothing that was not verified stands in the output, whatever a provider fails with")
    void aFailingProviderLeavesNoPlaintext() {
        StubGcm stub = new StubGcm();
        try (AesGcm cipher = AesGcm.of(stub, KEY)) {
            byte[] sealed = cipher.encrypt(NONCE, TEXT);
            stub.callsUntilFailure = 0;
            byte[] out = new byte[TEXT.length];

            assertThatThrownBy(() -> cipher.decrypt(NONCE, new byte[0][], sealed, 0, sealed.length, out, 0))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(out).containsOnly(0);
        }
    }

    @Test
    @DisplayName("RULES 17: the operating system is asked each time")
    void randomBytesDiffer() {
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            byte[] drawn = RandomSource.operatingSystem().next(16);
            assertThat(drawn).hasSize(16);
            assertThat(seen.add(Arrays.toString(drawn))).isTrue();
        }
    }

    @Test
    void theOwnProviderAndUnknownOnesAreNotChosen() {
        assertThat(GcmProvider.find("AUTO").getName()).isEqualTo("SunJCE");
        for (String name : new String[] {"NoSuchProvider", "SUN", ""}) {
            assertThatThrownBy(() -> GcmProvider.find(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("engine = " + name);
        }
    }
}
