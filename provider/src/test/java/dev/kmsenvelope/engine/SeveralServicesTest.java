package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestEngine.AT_ONCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.dek.MultiRecipientDataKeySource;
import dev.kmsenvelope.dek.ServiceKey;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.FixedDataKey;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Messages for keys of several services, which all call their keys alike: only the key that fits opens. */
class SeveralServicesTest {

    private static final KeyId KEY = KeyId.of(TestEngine.KEY);
    private static final byte[] TEXT = {1, 2, 3, 4};

    private final List<InMemoryKeyService> services = Stream.generate(
                    () -> new InMemoryKeyService().withKey(TestEngine.KEY))
            .limit(3)
            .toList();

    private static MultiRecipientDataKeySource source(List<? extends KeyService> services) {
        KeyService first = services.get(0);
        return new MultiRecipientDataKeySource(
                new DirectDataKeySource(first),
                first,
                services.stream()
                        .skip(1)
                        .map(service -> new ServiceKey(service, KEY))
                        .toList());
    }

    private static byte[] encrypt(List<? extends KeyService> services) {
        MessageEncryptor encryptor = MessageEncryptor.start(
                source(services), KEY, EncryptionContext.empty(), TestEngine.newMessageId(), TestEngine.defaults());
        try (encryptor) {
            return TestEngine.write(encryptor, TEXT, AT_ONCE);
        }
    }

    private static Reading read(byte[] message, KeyService... readers) {
        List<Authority> authorities = Stream.of(readers)
                .map(reader -> new Authority(reader, new DirectDataKeySource(reader), List.of(KEY)))
                .toList();
        Recipient recipient = new Recipient(KEY, authorities, EncryptionContext.empty());
        return Reading.of(
                new MessageDecryptor(recipient, TestEngine.defaults(), Release.EACH_FRAME, null), message, AT_ONCE);
    }

    private static MessageHeader header(byte[] message) throws Exception {
        return MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT);
    }

    private static KeyService untouchable() {
        return KeyServices.withResults(new InMemoryKeyService(), result -> {
            throw new AssertionError("this service must not be asked");
        });
    }

    @Test
    @DisplayName("Each recipient alone opens, in whatever order it looks, and nobody else does")
    void eachAloneOpens() throws Exception {
        byte[] message = encrypt(services);
        assertThat(header(message).encryptedDataKeys()).hasSize(3).doesNotHaveDuplicates();
        for (InMemoryKeyService service : services) {
            assertThat(read(message, service).all()).isEqualTo(TEXT);
        }
        assertThat(read(message, services.get(2), services.get(1), services.get(0))
                        .all())
                .isEqualTo(TEXT);
        InMemoryKeyService stranger = new InMemoryKeyService().withKey(TestEngine.KEY);
        assertThat(read(message, stranger).fault()).isInstanceOf(InvalidMessageException.class);
        assertThat(services).allSatisfy(service -> assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed));
    }

    @Test
    @DisplayName("A service behind one that opens is not asked for anything")
    void nobodyElseIsAsked() {
        assertThat(read(encrypt(services), services.get(0), untouchable()).all())
                .isEqualTo(TEXT);
    }

    /** What may be the matter with a service, and what it makes of a message for all. */
    private enum Trouble {
        NONE(""),
        DECRYPT_FAILS("decrypt"),
        LOOKUP_FAILS("decryptionKeys"),
        CANNOT_BE_OPENED("keyOf"),
        CALLS_IT_CHANGED("decrypt");

        private final String operation;

        Trouble(String operation) {
            this.operation = operation;
        }

        KeyService of(KeyService service, KmsException failure) {
            return switch (this) {
                case NONE -> service;
                case CALLS_IT_CHANGED ->
                    KeyServices.failingAt(operation, service, () -> new InvalidCiphertextException("changed"));
                default -> KeyServices.failingAt(operation, service, () -> failure);
            };
        }
    }

    @Test
    @DisplayName(
            "RULES 19: every combination of troubles: one that works opens; else the first failure; else the message's fault")
    void everyCombinationOfTroubles() {
        byte[] message = encrypt(services);
        List<KmsException> failures = List.of(
                new KmsUnavailableException("down"),
                new KeyAccessDeniedException("denied"),
                new KmsThrottledException("too fast"));
        int works = 0;
        Trouble[] all = Trouble.values();
        for (int combination = 0; combination < all.length * all.length * all.length; combination++) {
            Trouble[] troubles = {
                all[combination % all.length],
                all[combination / all.length % all.length],
                all[combination / all.length / all.length]
            };
            KeyService[] readers = IntStream.range(0, 3)
                    .mapToObj(i -> troubles[i].of(services.get(i), failures.get(i)))
                    .toArray(KeyService[]::new);

            Reading reading = read(message, readers);

            if (List.of(troubles).contains(Trouble.NONE)) {
                assertThat(reading.all()).as("%s", (Object) troubles).isEqualTo(TEXT);
                works++;
            } else if (Stream.of(troubles).allMatch(trouble -> trouble == Trouble.CALLS_IT_CHANGED)) {
                assertThat(reading.fault())
                        .isInstanceOfSatisfying(
                                InvalidMessageException.class,
                                fault -> assertThat(fault.reason()).isEqualTo(Reason.NOT_AUTHENTIC));
            } else {
                assertThat(failures).as("%s", (Object) troubles).contains((KmsException) reading.fault());
                assertThat(reading.all()).isEmpty();
            }
        }
        assertThat(works).isEqualTo(125 - 64);
    }

    @Test
    @DisplayName("RULES 19: of several failures it is the first one")
    void theFirstFailure() {
        KmsException first = new KmsUnavailableException("first");
        KeyService one = KeyServices.failingAt("decrypt", services.get(0), () -> first);
        KeyService other =
                KeyServices.failingAt("decrypt", services.get(1), () -> new KmsUnavailableException("second"));
        assertThat(read(encrypt(services), one, other).fault()).isSameAs(first);
    }

    @Test
    @DisplayName("RULES 4: a commitment mismatch fails at once, although a key of another service would open")
    void commitmentMismatch() {
        HandMadeMessage message = new HandMadeMessage();
        byte[] right = message.dataKey;
        message.dataKey = HandMadeMessage.ascending(32, 1);
        message.to(services.get(0), TestEngine.KEY);
        message.dataKey = right;
        message.to(services.get(1), TestEngine.KEY);
        byte[] whole = Grammar.join(message.header(), message.last(1, TEXT));

        assertThat(read(whole, services.get(1)).all()).isEqualTo(TEXT);
        services.forEach(service -> service.decrypted.set(0));
        assertThat(read(whole, services.get(0), untouchable()).fault())
                .isInstanceOfSatisfying(
                        InvalidMessageException.class,
                        fault -> assertThat(fault.reason()).isEqualTo(Reason.NOT_AUTHENTIC));
        assertThat(services.get(0).decrypted).hasValue(1);
    }

    @Test
    @DisplayName("Requests are bounded: duplicates are tried once, names looked up once, a broken service asked once")
    void requestsAreBounded() {
        HandMadeMessage message = new HandMadeMessage();
        InMemoryKeyService stranger = new InMemoryKeyService().withKey(TestEngine.KEY);
        message.to(stranger, TestEngine.KEY);
        for (int i = 0; i < 14; i++) {
            message.keys.add(message.keys.get(0));
        }
        message.to(services.get(1), TestEngine.KEY);
        byte[] whole = Grammar.join(message.header(), message.last(1, TEXT));
        List<String> calls = new ArrayList<>();
        KeyService broken = KeyServices.failingAt("keyOf", services.get(0), () -> {
            calls.add("keyOf");
            return new KmsConfigurationException("no such file");
        });
        KeyService counted = KeyServices.withResults(services.get(1), result -> {
            calls.add(String.valueOf(result));
            return result;
        });

        assertThat(read(whole, broken, counted).all()).isEqualTo(TEXT);

        assertThat(calls).filteredOn("keyOf"::equals).hasSize(1);
        assertThat(calls).filteredOn("[master]"::equals).as("lookups").hasSize(1);
        assertThat(services.get(1).decrypted).as("once per distinct data key").hasValue(2);
    }

    @Test
    @DisplayName("RULES 14: data keys of strangers in between are passed over, without a request")
    void strangersInBetween() {
        InMemoryKeyService stranger = new InMemoryKeyService().withKey("stranger");
        HandMadeMessage message = new HandMadeMessage().to(stranger, "stranger");
        message.keys.add(new EncryptedDataKey(
                "aws-kms", "arn:aws:kms:x:1:key/y".getBytes(StandardCharsets.UTF_8), new byte[180]));
        message.keys.add(new EncryptedDataKey(InMemoryKeyService.NAMESPACE, new byte[3], new byte[0]));
        message.to(services.get(1), TestEngine.KEY).to(stranger, "stranger");
        byte[] whole = Grammar.join(message.header(), message.last(1, TEXT));

        assertThat(read(whole, services.get(0), services.get(1)).all()).isEqualTo(TEXT);
        assertThat(services.get(0).decrypted).as("same name, other key").hasValue(1);
        assertThat(services.get(1).decrypted).hasValue(1);
        services.get(0).failWith(() -> new KmsUnavailableException("down"));
        assertThat(read(
                                Grammar.join(new HandMadeMessage()
                                        .to(stranger, "stranger")
                                        .header()),
                                services.get(1))
                        .fault())
                .isInstanceOfSatisfying(
                        InvalidMessageException.class,
                        fault -> assertThat(fault.reason()).isEqualTo(Reason.WRONG_KEY));
        assertThat(services.get(1).decrypted).hasValue(1);
    }

    @Test
    @DisplayName(
            "A bit flipped in any byte of any encrypted data key: the header's tag refuses the message for every recipient")
    void flippedBits() throws Exception {
        byte[] message = encrypt(services);
        int end = MessageHeader.length(
                AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY,
                EncryptionContext.empty(),
                header(message).encryptedDataKeys());
        int from = 1 + 2 + 32 + 2;
        int to = end - 16 - 32 - 4 - 1;
        for (int at = from; at < to; at++) {
            byte[] changed = message.clone();
            changed[at] ^= 1;
            for (InMemoryKeyService service : services) {
                Reading reading = read(changed, service);
                assertThat(reading.all()).isEmpty();
                assertThat(reading.fault()).as("byte %d", at).isInstanceOf(InvalidMessageException.class);
            }
            assertThat(read(changed, services.toArray(KeyService[]::new)).fault())
                    .isInstanceOf(InvalidMessageException.class);
        }
    }

    @Test
    @DisplayName(
            "All or none: whichever recipient fails, encryption fails with its exception, and the data key is wiped")
    void allOrNone() {
        for (int failing = 1; failing < 3; failing++) {
            KmsException failure = new KeyNotFoundException("recipient " + failing);
            List<byte[]> seen = new ArrayList<>();
            List<KeyService> some = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                some.add(
                        i == failing
                                ? KeyServices.failingAt("encrypt", services.get(i), () -> failure)
                                : KeyServices.watching("encrypt", services.get(i), call -> seen.add((byte[]) call[1])));
            }
            assertThatThrownBy(() -> encrypt(some)).isSameAs(failure);
            assertThat(services.get(0).handedOut).hasSize(failing).allMatch(SecretBytes::isDestroyed);
            assertThat(seen)
                    .hasSize(failing - 1)
                    .allSatisfy(plaintext -> assertThat(plaintext).hasSize(32).containsOnly(0));
        }
    }

    @Test
    @DisplayName("16 recipients are written and read, 17 refused, and the data key wiped")
    void limit() throws Exception {
        List<InMemoryKeyService> many = Stream.generate(() -> new InMemoryKeyService().withKey(TestEngine.KEY))
                .limit(17)
                .toList();
        byte[] message = encrypt(many.subList(0, 16));
        assertThat(header(message).encryptedDataKeys()).hasSize(16);
        assertThat(read(message, many.get(15)).all()).isEqualTo(TEXT);
        assertThatThrownBy(() -> encrypt(many))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContainingAll("17", "16");
        assertThat(many.get(0).handedOut).hasSize(2).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("Two names for one key of one service add one data key; equal names in two services add two")
    void noDuplicates() throws Exception {
        InMemoryKeyService service = services.get(0).withKey("other");
        ServiceKey same = new ServiceKey(service, KEY);
        ServiceKey other = new ServiceKey(service, KeyId.of("other"));
        ServiceKey namesake = new ServiceKey(services.get(1), KEY);
        MultiRecipientDataKeySource source = new MultiRecipientDataKeySource(
                new DirectDataKeySource(service), service, List.of(same, other, namesake, other, namesake));
        try (var lease = source.forEncryption(KEY, new DataKeyUse(0x0478, 32, true), EncryptionContext.empty())) {
            assertThat(lease.encrypted()).hasSize(3);
        }
    }

    @Test
    @DisplayName(
            "RULES 13: sources are equal when they ask the same service objects for the same recipients in the same order")
    void equality() {
        assertThat(source(services)).isEqualTo(source(services)).hasSameHashCodeAs(source(services));
        assertThat(source(services))
                .isNotEqualTo(source(services.subList(0, 2)))
                .isNotEqualTo(source(List.of(services.get(0), services.get(2), services.get(1))));
        assertThat(new DirectDataKeySource(services.get(0)))
                .isEqualTo(new DirectDataKeySource(services.get(0)))
                .isNotEqualTo(new DirectDataKeySource(services.get(1)));
        byte[] dataKey = new byte[32];
        KeyService one = new FixedDataKey(dataKey);
        KeyService equalOne = new FixedDataKey(dataKey);
        assertThat(one).isEqualTo(equalOne);
        assertThat(new DirectDataKeySource(one)).isNotEqualTo(new DirectDataKeySource(equalOne));
        assertThat(new ServiceKey(one, KEY)).isNotEqualTo(new ServiceKey(equalOne, KEY));
        assertThat(new MultiRecipientDataKeySource(new DirectDataKeySource(one), one, List.of()))
                .isNotEqualTo(new MultiRecipientDataKeySource(new DirectDataKeySource(one), equalOne, List.of()));
    }
}
