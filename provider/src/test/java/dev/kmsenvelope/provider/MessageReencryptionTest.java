package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.provider.MessageReencryption.State;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.Headers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Moving messages to another key. */
class MessageReencryptionTest {

    private static final byte[] TEXT = Ciphers.random(1000);
    private static final byte[] AAD = {1, 2, 3};

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("old").withKey("new").withKey("third");
    private final KmsSecretKey from = Ciphers.handle(service, "old");
    private final KmsSecretKey to = Ciphers.handle(service, "new");

    private MessageReencryption.Builder builder() {
        return MessageReencryption.builder(from, to);
    }

    private static byte[] move(MessageReencryption.Builder builder, byte[] message) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        builder.build().run(new ByteArrayInputStream(message), out);
        return out.toByteArray();
    }

    private static MessageHeader header(byte[] message) throws Exception {
        return MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT);
    }

    @ParameterizedTest
    @DisplayName("The plaintext stays, whatever its length, in frames of the same length; only the new key opens it")
    @CsvSource({
        "0, 16",
        "1, 16",
        "15, 16",
        "16, 16",
        "17, 16",
        "32, 16",
        "65535, 65536",
        "65536, 65536",
        "65537, 65536",
        "200000, 4096",
        "3, 1",
        "200000, 100000"
    })
    void sizes(int size, int frame) throws Exception {
        byte[] message = Ciphers.encrypt(from, Ciphers.random(size), frame);
        byte[] moved = move(builder(), message);
        assertThat(Ciphers.decrypt(to, moved)).isEqualTo(Ciphers.random(size));
        assertThat(moved).hasSameSizeAs(message).isNotEqualTo(message);
        assertThat(header(moved).frameLength()).isEqualTo(frame);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> Ciphers.decrypt(from, moved));
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 16})
    @DisplayName(
            "RULES 5: a stored IV still matches; the message id is 16 fresh bytes and the old last 16; no data key is"
                    + " used twice")
    void ivs(int length) throws Exception {
        byte[] iv = Ciphers.random(length);
        GCMParameterSpec parameters = new GCMParameterSpec(128, iv);
        byte[] message =
                Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, from, parameters).doFinal(TEXT);
        byte[] moved = move(builder(), message);
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, to, parameters);
        assertThat(cipher.doFinal(moved)).isEqualTo(TEXT);
        byte[] before = header(message).messageId();
        byte[] after = header(moved).messageId();
        assertThat(Arrays.copyOfRange(after, 16, 32)).isEqualTo(Arrays.copyOfRange(before, 16, 32));
        assertThat(Arrays.copyOf(after, 16)).isNotEqualTo(Arrays.copyOf(before, 16));
        assertThat(Headers.commitment(header(moved))).isNotEqualTo(Headers.commitment(header(message)));
        assertThat(header(moved).encryptedDataKeys().get(0).ciphertext())
                .isNotEqualTo(header(message).encryptedDataKeys().get(0).ciphertext());
        byte[] again = move(builder(), message);
        assertThat(header(again).messageId()).isNotEqualTo(after);
    }

    @Test
    @DisplayName("The same key on both sides gives a fresh data key and message id too")
    void sameKey() throws Exception {
        byte[] message = Ciphers.encrypt(from, TEXT);
        byte[] moved = move(MessageReencryption.builder(from, from), message);
        assertThat(Ciphers.decrypt(from, moved)).isEqualTo(TEXT);
        assertThat(header(moved).messageId()).isNotEqualTo(header(message).messageId());
        assertThat(Headers.commitment(header(moved))).isNotEqualTo(Headers.commitment(header(message)));
    }

    @ParameterizedTest
    @EnumSource
    @DisplayName("Messages of every suite become messages of suite 0478; the IV that was told for them still fits")
    void everySuite(EsdkSuite suite) throws Exception {
        String[] settings = {
            "esdk.commitment-policy",
            suite.isCommitting() ? "require-encrypt-allow-decrypt" : "forbid-encrypt-allow-decrypt",
            "esdk.suite",
            suite.hexId(),
            "decrypt.hold",
            "200",
            "decrypt.spool",
            "1MiB"
        };
        KmsSecretKey old = Ciphers.uncachedHandle(service, "old", settings);
        byte[] plaintext = Ciphers.random(5000);
        for (int frame : new int[] {100, 65536}) {
            Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, old, Ciphers.frames(frame));
            byte[] iv = cipher.getIV();
            byte[] message = cipher.doFinal(plaintext);
            MessageReencryption.Builder builder =
                    MessageReencryption.builder(old, to).dropSignatures();

            byte[] moved = move(builder, message);

            assertThat(header(moved).suite().hexId()).isEqualTo("0478");
            assertThat(header(moved).frameLength()).isEqualTo(header(message).frameLength());
            assertThat(header(moved).context().isEmpty()).isTrue();
            assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, to, new GCMParameterSpec(128, iv))
                            .doFinal(moved))
                    .isEqualTo(plaintext);
            if (!suite.isCommitting()) {
                assertThatExceptionOfType(AEADBadTagException.class)
                        .isThrownBy(() -> move(builder(), message))
                        .withMessageContaining("esdk.commitment-policy");
            }
            if (suite.isSigned()) {
                assertThatExceptionOfType(AEADBadTagException.class)
                        .isThrownBy(() -> move(MessageReencryption.builder(old, to), message))
                        .withMessageContaining("signed");
            }
        }
    }

    @Test
    @DisplayName(
            "Required context that does not stand in the old message does not stand in the new one, and binds both")
    void requiredContext() throws Exception {
        EnvelopeParameterSpec spec = EnvelopeParameterSpec.builder()
                .context(Map.of("tenant", "a", "x", "y"))
                .requiredContextNames(Set.of("tenant"))
                .build();
        byte[] message =
                Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, from, spec).doFinal(TEXT);
        MessageReencryption.Builder builder =
                builder().context(EncryptionContext.of(Map.of("tenant", "a"))).requiredContextNames(Set.of("tenant"));
        assertThat(builder.build().stateOf(new ByteArrayInputStream(message)))
                .isEqualTo(MessageReencryption.State.OUTDATED);

        byte[] moved = move(builder, message);

        assertThat(header(moved).context().asMap()).isEqualTo(Map.of("x", "y"));
        assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, to, spec).doFinal(moved))
                .isEqualTo(TEXT);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> Ciphers.decrypt(to, moved));
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> move(builder(), message));
    }

    @Test
    @DisplayName("RULES 5: the encryption context stays as it is, and what is required must stand in it (RULES 3)")
    void contexts() throws Exception {
        byte[] message = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, from, Ciphers.context("tenant", "a"))
                .doFinal(TEXT);
        byte[] moved = move(builder().context(EncryptionContext.of(Map.of("tenant", "a"))), message);
        assertThat(header(moved).context().asMap()).isEqualTo(Map.of("tenant", "a"));
        assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, to, Ciphers.context("tenant", "a"))
                        .doFinal(moved))
                .isEqualTo(TEXT);
        assertThatThrownBy(() -> move(builder().context(EncryptionContext.of(Map.of("tenant", "b"))), message))
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("encryption context");
        assertThat(service.decrypted.get())
                .as("a wrong context is found before the service is asked")
                .isEqualTo(2);
    }

    @Test
    @DisplayName(
            "A message that could not be opened under the new handle, by its configured context, is not moved there")
    void contextOfTheDestination() throws Exception {
        KmsSecretKey strict = Ciphers.handle(service, "new", "key.new.context.tenant", "a");
        MessageReencryption.Builder builder = MessageReencryption.builder(from, strict);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatThrownBy(() -> builder.build().run(new ByteArrayInputStream(Ciphers.encrypt(from, TEXT)), out))
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("would not open");
        assertThat(out.size()).isZero();
    }

    @Test
    @DisplayName("Associated data has to be given, and is the new message's too")
    void associatedData() throws Exception {
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.ENCRYPT_MODE, from);
        cipher.updateAAD(AAD);
        byte[] message = cipher.doFinal(TEXT);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> move(builder(), message));
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> move(builder().aad(new byte[] {1, 2}), message));
        byte[] moved = move(builder().aad(AAD), message);
        Cipher reader = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, to);
        reader.updateAAD(AAD);
        assertThat(reader.doFinal(moved)).isEqualTo(TEXT);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> Ciphers.decrypt(to, moved));
    }

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

    @Test
    @DisplayName("A message that is one block becomes one of frames")
    void notFramed() throws Exception {
        HandMadeMessage made = new HandMadeMessage().notFramed().to(service, "old");
        byte[] message = Grammar.join(made.header(), made.block(new byte[12], TEXT));
        byte[] moved = move(builder(), message);
        assertThat(header(moved).isFramed()).isTrue();
        assertThat(Ciphers.decrypt(to, moved)).isEqualTo(TEXT);
    }

    @Test
    @DisplayName(
            "RULES 5: whatever is changed, missing or added, it fails in the end: the whole is verified before run returns")
    void changedMessages() throws Exception {
        byte[] message = Ciphers.encrypt(from, Ciphers.random(100), 16);
        MessageReencryption reencryption = builder().build();
        for (int at = 0; at < message.length; at++) {
            byte[] changed = Ciphers.flipped(message, at);
            byte[] truncated = Arrays.copyOf(message, at);
            assertThatExceptionOfType(AEADBadTagException.class)
                    .as("byte %d", at)
                    .isThrownBy(
                            () -> reencryption.run(new ByteArrayInputStream(changed), OutputStream.nullOutputStream()));
            assertThatExceptionOfType(AEADBadTagException.class)
                    .as("length %d", at)
                    .isThrownBy(() ->
                            reencryption.run(new ByteArrayInputStream(truncated), OutputStream.nullOutputStream()));
        }
        byte[] longer = Arrays.copyOf(message, message.length + 1);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> reencryption.run(new ByteArrayInputStream(longer), OutputStream.nullOutputStream()));
    }

    @Test
    @DisplayName(
            "RULES 19: a message for another key is the message's fault; trouble of the service is the service's; that of"
                    + " streams is theirs")
    void failures() throws Exception {
        byte[] foreign = Ciphers.encrypt(Ciphers.handle(service, "third"), TEXT);
        assertThatThrownBy(() -> move(builder(), foreign))
                .isInstanceOf(AEADBadTagException.class)
                .hasMessageContaining("not for the key old");
        byte[] message = Ciphers.encrypt(from, TEXT);
        OutputStream full = new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException("disk full");
            }
        };
        MessageReencryption reencryption = builder().build();
        assertThatThrownBy(() -> reencryption.run(new ByteArrayInputStream(message), full))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("disk full");
        InputStream broken = InputStream.nullInputStream();
        broken.close();
        assertThatThrownBy(() -> reencryption.run(broken, OutputStream.nullOutputStream()))
                .isExactlyInstanceOf(IOException.class)
                .hasMessage("Stream closed");
        service.failWith(() -> new KmsUnavailableException("the service is away", null));
        assertThatThrownBy(() -> reencryption.run(new ByteArrayInputStream(message), OutputStream.nullOutputStream()))
                .isInstanceOf(KmsUnavailableException.class);
    }

    @Test
    @DisplayName(
            "A message is current when it is for the new key alone, under its newest version; who cannot know says so")
    void states() throws Exception {
        byte[] message = Ciphers.encrypt(from, TEXT);
        MessageReencryption reencryption = builder().build();
        assertThat(reencryption.stateOf(new ByteArrayInputStream(message))).isEqualTo(State.OUTDATED);
        byte[] moved = move(builder(), message);
        assertThat(reencryption.stateOf(new ByteArrayInputStream(moved)))
                .as("the service has no versions")
                .isEqualTo(State.UNKNOWN);

        HandMadeMessage both = new HandMadeMessage().to(service, "old").to(service, "new");
        assertThat(reencryption.stateOf(new ByteArrayInputStream(both.header())))
                .as("the old key opens it still")
                .isEqualTo(State.OUTDATED);

        String[] versions = {"2"};
        KeyService versioned = versioned(versions);
        KmsSecretKey versionedKey = Ciphers.handle(versioned, "new");
        MessageReencryption toVersion =
                MessageReencryption.builder(versionedKey, versionedKey).build();
        assertThat(toVersion.stateOf(new ByteArrayInputStream(moved))).isEqualTo(State.CURRENT);
        versions[0] = "1";
        assertThat(toVersion.stateOf(new ByteArrayInputStream(moved))).isEqualTo(State.OUTDATED);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> toVersion.stateOf(new ByteArrayInputStream(new byte[] {1, 2, 3})));
    }

    /** The service with versions: the newest one is 2, and every data key is said to be under the first of those given. */
    private KeyService versioned(String... versions) {
        return KeyServices.withResults(service, result -> {
            if (result instanceof KeyDescription key) {
                return new KeyDescription(
                        key.id(),
                        key.aliases(),
                        key.spec(),
                        key.usage(),
                        key.state(),
                        key.created(),
                        List.of(new KeyDescription.KeyVersion("2", key.created(), -1)),
                        null);
            }
            return result instanceof Optional<?> none && none.isEmpty() ? Optional.of(versions[0]) : result;
        });
    }

    @Test
    @DisplayName("RULES 3: a message without the required context has no service asked, not even for a version")
    void stateNeedsContext() throws Exception {
        List<Object[]> asked = new ArrayList<>();
        KeyService watched = KeyServices.watching("versionOf", versioned("2"), asked::add);
        KmsSecretKey key = Ciphers.handle(watched, "new", "key.new.context.tenant", "a");
        MessageReencryption reencryption = MessageReencryption.builder(key, key).build();
        byte[] theirs = Ciphers.encrypt(Ciphers.handle(service, "new", "key.new.context.tenant", "b"), TEXT);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> reencryption.stateOf(new ByteArrayInputStream(theirs)));
        assertThat(asked).isEmpty();
        assertThat(reencryption.stateOf(new ByteArrayInputStream(Ciphers.encrypt(key, TEXT))))
                .isEqualTo(State.CURRENT);
        assertThat(asked).hasSize(1);
    }

    @Test
    @DisplayName("RULES 13: a key that may only encrypt is not asked for a version, which would mean to decrypt")
    void stateOfWriteOnlyKeys() throws Exception {
        List<Object[]> asked = new ArrayList<>();
        KeyService watched = KeyServices.watching("versionOf", versioned("2"), asked::add);
        KmsSecretKey writer = Ciphers.handle(watched, "new", "key.new.usage", "encrypt");
        assertThat(MessageReencryption.builder(from, writer)
                        .build()
                        .stateOf(new ByteArrayInputStream(Ciphers.encrypt(to, TEXT))))
                .isEqualTo(State.UNKNOWN);
        assertThat(asked).isEmpty();

        KmsSecretKey both = Ciphers.handle(watched, "new", "key.new.recipients", "third", "key.third.usage", "encrypt");
        assertThat(MessageReencryption.builder(both, both)
                        .build()
                        .stateOf(new ByteArrayInputStream(Ciphers.encrypt(both, TEXT))))
                .isEqualTo(State.UNKNOWN);
        assertThat(asked)
                .singleElement()
                .satisfies(arguments -> assertThat(arguments[0]).hasToString("new"));
    }

    @Test
    @DisplayName("Required and configured context that contradict each other are refused")
    void contradictingContexts() {
        KmsSecretKey strict = Ciphers.handle(service, "old", "key.old.context.tenant", "a");
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> MessageReencryption.builder(strict, to)
                        .context(EncryptionContext.of(Map.of("tenant", "b")))
                        .build());
    }

    @Test
    @DisplayName("A handle that may not decrypt does not open, one that may not encrypt gets nothing")
    void usages() {
        KmsSecretKey encrypts = Ciphers.handle(service, "old", "key.old.usage", "encrypt");
        KmsSecretKey decrypts = Ciphers.handle(service, "new", "key.new.usage", "decrypt");
        assertThatThrownBy(() -> MessageReencryption.builder(encrypts, to).build())
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("may not decrypt");
        assertThatThrownBy(() -> MessageReencryption.builder(from, decrypts).build())
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("may not encrypt");
    }

    @Test
    @DisplayName("A message is held in memory only by pieces, and every data key is wiped afterwards")
    void constantMemory() throws Exception {
        int size = 8 << 20;
        byte[] message = Ciphers.encrypt(from, Ciphers.random(size));
        long[] behind = {0, 0};
        InputStream in = new ByteArrayInputStream(message) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                int count = super.read(bytes, offset, length);
                behind[0] += count;
                return count;
            }
        };
        OutputStream out = new OutputStream() {
            @Override
            public void write(int b) {
                throw new IllegalStateException("byte by byte");
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                behind[0] -= length;
                behind[1] = Math.max(behind[1], behind[0]);
            }
        };
        builder().build().run(in, out);
        assertThat(behind[1]).as("bytes that were read and not yet written").isLessThan(3 << 20);
        assertThat(service.handedOut)
                .hasSize(3)
                .allSatisfy(secret -> assertThatThrownBy(secret::copy).isInstanceOf(IllegalStateException.class));
    }
}
