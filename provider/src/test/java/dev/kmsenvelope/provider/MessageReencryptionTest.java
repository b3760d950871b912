package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Grammar;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.Headers;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Moving messages to another key. */
class MessageReencryptionTest extends ReencryptionFixture {

    private static final byte[] AAD = {1, 2, 3};

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
