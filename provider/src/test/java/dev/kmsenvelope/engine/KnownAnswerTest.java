package dev.kmsenvelope.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.keyring.RawAesKeyring;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.FixedLease;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.TestEngine;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** One message whose bytes never change: who changes the format notices here. */
class KnownAnswerTest {

    private static final String MESSAGE =
            "020478a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf001a00020007707572706f73650002"
                    + "c3bc000674656e616e7400016100010009696e2d6d656d6f7279001a6d6173746572000000800000000c0102030405060708"
                    + "090a0b0c00306d28858120472ea32df5be4eb352f1905929cf4a822fcd573f9931da8171711928ccb0ee403b2ce9cf554b5a"
                    + "4a8b31ac0200000010296a5b69a4a275afe47d4f0ec06b19236cb9567263f676d725ce49a84e6546d26b746470f577f7a9b3"
                    + "a66bb58d62afbd0000000100000000000000000000000130c6a3ffadc089b7449bcc91df48421a2e0a82bb509047c382ad83"
                    + "b7301818da00000002000000000000000000000002e89571bd3bd4f190c356501901a544ea51aa43929d0389f775924e32a2"
                    + "f8385affffffff0000000300000000000000000000000300000004ccb8b5e8bb8c705adc3bb033dd4aa426d15aadd2";
    private static final byte[] WRAPPING_KEY = HandMadeMessage.ascending(32, 0x10);
    private static final byte[] DATA_KEY = HandMadeMessage.ascending(32, 0x60);
    private static final byte[] MESSAGE_ID = HandMadeMessage.ascending(32, 0xA0);
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "a", "purpose", "ü"));
    private static final String TEXT = "Thirty-six bytes in three 16s frames";

    private final InMemoryKeyService service = new InMemoryKeyService().withKey(TestEngine.KEY, WRAPPING_KEY);

    /** Gives the fixed data key, wrapped with a fixed nonce. */
    private static final class FixedSource implements DataKeySource {

        @Override
        public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
            SecureRandom fixed = new SecureRandom() {
                @Override
                public void nextBytes(byte[] bytes) {
                    System.arraycopy(HandMadeMessage.ascending(12, 1), 0, bytes, 0, 12);
                }
            };
            EncryptedDataKey encrypted = new RawAesKeyring(
                            InMemoryKeyService.NAMESPACE,
                            TestEngine.KEY,
                            () -> AesGcm.of(TestEngine.GCM, WRAPPING_KEY),
                            fixed)
                    .wrap(DATA_KEY, context);
            return new FixedLease(DATA_KEY, List.of(encrypted));
        }

        @Override
        public DataKeyLease forDecryption(
                KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void theWriterWritesTheseBytes() {
        MessageEncryptor encryptor = MessageEncryptor.start(
                new FixedSource(), KeyId.of(TestEngine.KEY), CONTEXT, MESSAGE_ID, TestEngine.frames(16));
        byte[] message = TestEngine.write(encryptor, TEXT.getBytes(StandardCharsets.UTF_8), TestEngine.AT_ONCE);

        assertThat(HexFormat.of().formatHex(message)).isEqualTo(MESSAGE);
    }

    @Test
    void theReaderOpensTheseBytes() throws Exception {
        byte[] plaintext = TestEngine.decrypt(service, HexFormat.of().parseHex(MESSAGE));

        assertThat(new String(plaintext, StandardCharsets.UTF_8)).isEqualTo(TEXT);
    }

    @Test
    void theAwsEncryptionSdkOpensTheseBytes() {
        JceMasterKey master = JceMasterKey.getInstance(
                new SecretKeySpec(WRAPPING_KEY, "AES"),
                InMemoryKeyService.NAMESPACE,
                TestEngine.KEY,
                "AES/GCM/NoPadding");
        var result = AwsCrypto.standard().decryptData(master, HexFormat.of().parseHex(MESSAGE));

        assertThat(new String(result.getResult(), StandardCharsets.UTF_8)).isEqualTo(TEXT);
        assertThat(result.getEncryptionContext()).isEqualTo(CONTEXT.asMap());
    }
}
