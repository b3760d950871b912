package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Signatures and recipients are lost only where that is allowed. */
class ReencryptionLossTest extends ReencryptionFixture {

    private byte[] signed() {
        return AwsCrypto.builder()
                .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
                .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384)
                .build()
                .encryptData(sdkKey("old"), TEXT, Map.of("tenant", "a"))
                .getResult();
    }

    private JceMasterKey sdkKey(String name) {
        return JceMasterKey.getInstance(
                new SecretKeySpec(service.key(name), "AES"), InMemoryKeyService.NAMESPACE, name, "AES/GCM/NoPadding");
    }

    @Test
    @DisplayName(
            "RULES 5: a signature is lost only where that is allowed; then its public key leaves the context, and the"
                    + " AWS Encryption SDK opens the new message")
    void signedMessages() throws Exception {
        byte[] message = signed();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> builder().build().run(new ByteArrayInputStream(message), out))
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("signed");
        assertThat(out.size()).isZero();

        MessageReencryption allowed = builder().dropSignatures().build();
        assertThat(allowed.run(new ByteArrayInputStream(message), out).signatureLost())
                .isTrue();
        MessageHeader header = header(out.toByteArray());
        assertThat(header.suite().id()).isEqualTo(0x0478);
        assertThat(header.context().asMap()).isEqualTo(Map.of("tenant", "a"));
        assertThat(AwsCrypto.standard()
                        .decryptData(sdkKey("new"), out.toByteArray())
                        .getResult())
                .isEqualTo(TEXT);

        byte[] forged = Ciphers.flipped(message, message.length - 1);
        ByteArrayOutputStream nothing = new ByteArrayOutputStream();
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> allowed.run(new ByteArrayInputStream(forged), nothing));
        assertThat(nothing.size())
                .as("nothing of a message whose signature is wrong")
                .isZero();
    }

    @Test
    @DisplayName("Further recipients are lost only where that is allowed, and are counted")
    void recipients() throws Exception {
        HandMadeMessage made = new HandMadeMessage().to(service, "old").to(service, "third");
        made.keys.add(new EncryptedDataKey("elsewhere", new byte[] {1}, new byte[] {2}));
        byte[] message = Grammar.join(made.header(), made.last(1, new byte[5]));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> builder().build().run(new ByteArrayInputStream(message), out))
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("2 more keys");
        assertThat(out.size()).isZero();
        assertThat(builder()
                        .dropRecipients()
                        .build()
                        .run(new ByteArrayInputStream(message), out)
                        .recipientsLost())
                .isEqualTo(2);
        assertThat(Ciphers.decrypt(to, out.toByteArray())).isEqualTo(new byte[5]);
    }

    @Test
    @DisplayName("A key that is a recipient before and after is not lost, and neither is the one that is replaced")
    void keptRecipients() throws Exception {
        HandMadeMessage made = new HandMadeMessage().to(service, "old").to(service, "new");
        byte[] message = Grammar.join(made.header(), made.last(1, new byte[5]));
        assertThat(Ciphers.decrypt(to, move(builder(), message))).isEqualTo(new byte[5]);
    }
}
