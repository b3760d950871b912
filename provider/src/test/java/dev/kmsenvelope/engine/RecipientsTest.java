package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestEngine.AT_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Messages with several encrypted data keys. */
class RecipientsTest {

    private static final byte[] TEXT = {1, 2, 3};

    private final InMemoryKeyService service = new InMemoryKeyService()
            .withKey(TestEngine.KEY)
            .withKey("second")
            .withKey("third")
            .withKey("stranger");
    private final Map<String, KmsException> faults = new HashMap<>();
    private final List<String> asked = new ArrayList<>();

    /** Fails for the keys that were said to fail. */
    private final DataKeySource source = new DataKeySource() {
        private final DataKeySource direct = new DirectDataKeySource(service);

        @Override
        public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public DataKeyLease forDecryption(
                KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
            asked.add(key.value());
            if (faults.containsKey(key.value())) {
                throw faults.get(key.value());
            }
            return direct.forDecryption(key, use, encrypted, context);
        }
    };

    private Reading read(HandMadeMessage message) {
        Recipient recipient = new Recipient(
                service,
                source,
                KeyId.of(TestEngine.KEY),
                List.of(KeyId.of("second"), KeyId.of("third")),
                EncryptionContext.empty());
        MessageDecryptor decryptor = new MessageDecryptor(recipient, TestEngine.defaults(), Release.EACH_FRAME, null);
        Reading reading = Reading.of(decryptor, Grammar.join(message.header(), message.last(1, TEXT)), AT_ONCE);
        assertThat(service.handedOut).allMatch(secret -> secret.isDestroyed());
        return reading;
    }

    private HandMadeMessage toAll() {
        return new HandMadeMessage()
                .to(service, "stranger")
                .to(service, TestEngine.KEY)
                .to(service, "second")
                .to(service, "third");
    }

    private static InvalidMessageException invalid(Reading reading) {
        assertThat(reading.all()).isEmpty();
        assertThat(reading.fault()).isInstanceOf(InvalidMessageException.class);
        return (InvalidMessageException) reading.fault();
    }

    @Test
    void theFirstThatIsForUsOpensAndNoOtherIsTried() {
        assertThat(read(toAll()).all()).isEqualTo(TEXT);
        assertThat(asked).containsExactly(TestEngine.KEY);
    }

    @Test
    @DisplayName("RULES 19: the service fails for the first, the second opens")
    void theSecondOpens() {
        faults.put(TestEngine.KEY, new KmsUnavailableException("down"));
        faults.put("second", new InvalidCiphertextException("changed"));

        assertThat(read(toAll()).all()).isEqualTo(TEXT);
        assertThat(asked).containsExactly(TestEngine.KEY, "second", "third");
    }

    @Test
    @DisplayName(
            "RULES 19: none opens and the service failed for one: that failure, the first of several, and again at the end")
    void theServiceFailed() throws Exception {
        KmsException down = new KmsUnavailableException("down");
        faults.put(TestEngine.KEY, new InvalidCiphertextException("changed"));
        faults.put("second", down);
        faults.put("third", new KeyAccessDeniedException("denied"));
        assertThat(read(toAll()).fault()).isSameAs(down);

        byte[] header = toAll().header();
        MessageDecryptor decryptor = new MessageDecryptor(
                new Recipient(service, source, KeyId.of("second"), List.of(), EncryptionContext.empty()),
                TestEngine.defaults(),
                Release.EACH_FRAME,
                null);
        assertThatThrownBy(() -> decryptor.feed(header, 0, header.length)).isSameAs(down);
        faults.clear();
        decryptor.feed(header, 0, header.length);
        assertThatThrownBy(decryptor::finish).isSameAs(down);
        assertThat(decryptor.messageId()).isNull();
    }

    @Test
    @DisplayName("RULES 19: the service calls all of them changed: the message is not authentic")
    void allChanged() {
        for (String key : List.of(TestEngine.KEY, "second", "third")) {
            faults.put(key, new InvalidCiphertextException("changed"));
        }
        assertThat(invalid(read(toAll())).reason()).isEqualTo(Reason.NOT_AUTHENTIC);
        assertThat(asked).hasSize(3);
    }

    @Test
    void noneIsForUs() {
        HandMadeMessage message = new HandMadeMessage().to(service, "stranger");
        assertThat(invalid(read(message)).reason()).isEqualTo(Reason.WRONG_KEY);
        message.keys.add(new EncryptedDataKey("aws-kms", new byte[3], new byte[3]));
        message.keys.add(new EncryptedDataKey(InMemoryKeyService.NAMESPACE, new byte[3], new byte[3]));
        assertThat(invalid(read(message)).reason()).isEqualTo(Reason.WRONG_KEY);
        assertThat(asked).isEmpty();
    }

    @Test
    @DisplayName("RULES 4: a commitment mismatch fails at once, although a further recipient would open")
    void commitmentMismatch() {
        HandMadeMessage message = new HandMadeMessage();
        byte[] right = message.dataKey;
        message.dataKey = HandMadeMessage.ascending(32, 1);
        message.to(service, TestEngine.KEY);
        message.dataKey = right;
        message.to(service, "second");

        assertThat(invalid(read(message)).reason()).isEqualTo(Reason.NOT_AUTHENTIC);
        assertThat(asked).containsExactly(TestEngine.KEY);
        assertThat(service.decrypted).hasValue(1);
    }

    @Test
    void aDataKeyOfAnotherLengthIsNotUsed() {
        HandMadeMessage message = new HandMadeMessage();
        message.dataKey = HandMadeMessage.ascending(16, 1);
        message.to(service, TestEngine.KEY);
        assertThat(invalid(read(message)).reason()).isEqualTo(Reason.NOT_AUTHENTIC);
        message.dataKey = HandMadeMessage.ascending(32, 1);
        assertThat(read(message.to(service, "second")).all()).isEqualTo(TEXT);
    }

    @Test
    @DisplayName("RULES 12: what only the key can tell has one text")
    void oneText() {
        HandMadeMessage good = toAll();
        HandMadeMessage otherCommitment = toAll();
        otherCommitment.commitment = new byte[32];
        HandMadeMessage otherTag = toAll();
        otherTag.afterHeader = new byte[] {0, 0, 1};
        HandMadeMessage otherKey = new HandMadeMessage();
        otherKey.keys.add(new EncryptedDataKey(
                InMemoryKeyService.NAMESPACE, good.keys.get(1).providerInfo(), new byte[48]));
        HandMadeMessage shortKey = new HandMadeMessage();
        shortKey.dataKey = new byte[16];
        shortKey.to(service, TestEngine.KEY);
        shortKey.dataKey = new byte[32];

        List<String> texts = new ArrayList<>();
        for (HandMadeMessage message : List.of(otherCommitment, otherTag, otherKey, shortKey)) {
            InvalidMessageException fault = invalid(read(message));
            texts.add(fault.reason() + fault.getMessage() + fault.getCause());
        }
        assertThat(texts).hasSize(4).containsOnly(texts.get(0));
    }
}
