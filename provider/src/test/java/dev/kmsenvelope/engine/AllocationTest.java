package dev.kmsenvelope.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.Allocation;
import dev.kmsenvelope.testing.FixedDataKey;
import dev.kmsenvelope.testing.FixedLease;
import dev.kmsenvelope.testing.TestEngine;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How much garbage a message makes whose data key is at hand, beside the JDK's AES-GCM for the same two calls. */
class AllocationTest {

    private static final int MESSAGES = 500;
    private static final long BOUND = 4 * 1024;
    private static final KeyId KEY = KeyId.of(TestEngine.KEY);
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "a", "purpose", "b"));
    private static final byte[] DATA_KEY = TestEngine.randomBytes(32, 1);
    private static final EncryptedDataKey ENCRYPTED =
            new EncryptedDataKey("aws-kms", TestEngine.randomBytes(75, 2), TestEngine.randomBytes(184, 3));
    private static final DataKeyLease LEASE = new FixedLease(DATA_KEY, List.of(ENCRYPTED));

    /** Remembers. */
    private static final DataKeySource SOURCE = new DataKeySource() {
        @Override
        public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
            return LEASE;
        }

        @Override
        public DataKeyLease forDecryption(
                KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
            throw new AssertionError("it is remembered");
        }

        @Override
        public DataKeyLease remembered(DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
            return encrypted.equals(ENCRYPTED) && context.equals(CONTEXT) ? LEASE : null;
        }
    };

    private static final Recipient RECIPIENT =
            new Recipient(new FixedDataKey(DATA_KEY), SOURCE, KEY, List.of(), CONTEXT);

    @BeforeEach
    void requireBean() {
        Assumptions.assumeTrue(
                ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean bean
                        && bean.isThreadAllocatedMemorySupported(),
                "this Java machine does not count what a thread allocates");
    }

    private static byte[] encrypt(byte[] plaintext) throws Exception {
        try (MessageEncryptor encryptor =
                MessageEncryptor.start(SOURCE, KEY, CONTEXT, TestEngine.newMessageId(), TestEngine.defaults())) {
            byte[] out = new byte[(int) encryptor.finishSize(plaintext.length)];
            int length = encryptor.finish(plaintext, 0, plaintext.length, out, 0);
            assertThat(length).isEqualTo(out.length);
            return out;
        }
    }

    private static int decrypt(byte[] message) throws Exception {
        try (MessageDecryptor decryptor =
                new MessageDecryptor(RECIPIENT, TestEngine.defaults(), Release.AT_THE_END, null)) {
            decryptor.feed(message, 0, message.length);
            decryptor.finish();
            return decryptor.available();
        }
    }

    private static long perMessage(Allocation.Action action) throws Exception {
        for (int i = 0; i < 2 * MESSAGES; i++) {
            action.run();
        }
        long least = Long.MAX_VALUE;
        for (int i = 0; i < MESSAGES; i++) {
            least = Math.min(least, Allocation.of(action));
        }
        return least;
    }

    /** A new key, the tag of a header, one frame. */
    private static long ofTheJdk(int size, int header) throws Exception {
        Cipher cipher = Cipher.getInstance(GcmProvider.TRANSFORMATION, TestEngine.GCM);
        byte[] key = new byte[32];
        byte[] aad = new byte[header];
        byte[] in = new byte[size];
        byte[] out = new byte[size + 16];
        return perMessage(() -> {
            key[0]++;
            SecretKeySpec spec = new SecretKeySpec(key, "AES");
            cipher.init(Cipher.ENCRYPT_MODE, spec, new GCMParameterSpec(128, new byte[12]));
            cipher.updateAAD(aad);
            cipher.doFinal(in, 0, 0, out, 0);
            byte[] nonce = new byte[12];
            nonce[11] = 1;
            cipher.init(Cipher.ENCRYPT_MODE, spec, new GCMParameterSpec(128, nonce));
            cipher.updateAAD(aad, 0, 78);
            cipher.doFinal(in, 0, size, out, 0);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {64, 1024})
    @DisplayName("a message makes little garbage beyond its output, and beyond what the JDK's AES-GCM makes")
    void perMessage(int size) throws Exception {
        byte[] plaintext = TestEngine.randomBytes(size, 4);
        byte[] message = encrypt(plaintext);
        long jdk = ofTheJdk(size, message.length - size);
        long encrypting = perMessage(() -> encrypt(plaintext)) - message.length;
        long decrypting = perMessage(() -> decrypt(message)) - size;

        assertThat(decrypt(message)).isEqualTo(size);
        assertThat(Arrays.equals(message, encrypt(plaintext))).isFalse();
        assertThat(encrypting).as("encrypting, where the JDK makes %d", jdk).isLessThan(jdk + BOUND);
        assertThat(decrypting).as("decrypting, where the JDK makes %d", jdk).isLessThan(jdk + BOUND);
        assertThat(encrypting).isPositive();
    }
}
