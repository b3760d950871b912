package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import dev.kmsenvelope.testing.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Messages that move from each format to each. */
class MessageConversionTest {

    private static final Map<String, String> TENANT = Map.of("tenant", "a");

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("old").withKey("new").withKey("outer");
    private final KmsSecretKey old = Ciphers.handle(service, "old").withOuterKey(Ciphers.handle(service, "outer"));
    private final KmsSecretKey fresh = Ciphers.handle(service, "new").withOuterKey(Ciphers.handle(service, "outer"));

    /** A way to write messages, and to read those that were written last. */
    private static final class Side {

        private final String name;
        private final EnvelopeChannels channels;
        private final AtomicReference<S3EncryptionMetadata> metadata = new AtomicReference<>();

        Side(String name, EnvelopeChannels channels) {
            this.name = name;
            this.channels = channels.withS3MetadataTo(metadata::set);
        }

        boolean hasContext() {
            return !name.startsWith("tink");
        }

        EnvelopeChannels writing(Map<String, String> context) throws InvalidAlgorithmParameterException {
            return context.isEmpty()
                    ? channels
                    : channels.with(
                            EnvelopeParameterSpec.builder().context(context).build());
        }

        EnvelopeChannels reading() throws InvalidAlgorithmParameterException {
            return metadata.get() == null
                    ? channels
                    : channels.with(EnvelopeParameterSpec.builder()
                            .s3Metadata(metadata.get())
                            .build());
        }

        byte[] write(byte[] plaintext, Map<String, String> context) throws Exception {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            writing(context).encrypt(new ByteArrayInputStream(plaintext), out);
            return out.toByteArray();
        }

        EnvelopeChannels.Result read(byte[] message, byte[] plaintext) throws Exception {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            EnvelopeChannels.Result result = reading().decrypt(new ByteArrayInputStream(message), out);
            assertThat(out.toByteArray()).as(name).isEqualTo(plaintext);
            return result;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private List<Side> sides(KmsSecretKey key) throws InvalidKeyException {
        byte[] keyset = TinkStreamingTemplate.AES256_GCM_HKDF_4KB.newKeyset(key, new byte[0]);
        EnvelopeChannels channels = EnvelopeChannels.of(key);
        return List.of(
                new Side("esdk", channels),
                new Side("tink", channels.format(EnvelopeFormat.TINK)),
                new Side("tink prefix", channels.with(TinkParameterSpec.ofKeyId(7))),
                new Side("tink stream", channels.with(TinkParameterSpec.ofKeyset(keyset))),
                new Side("dual", channels.format(EnvelopeFormat.DUAL)),
                new Side("s3ec", channels.format(EnvelopeFormat.S3EC)));
    }

    private static byte[] convert(MessageConversion conversion, byte[] message) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EnvelopeChannels.Result result = conversion.run(new ByteArrayInputStream(message), out);
        assertThat(result.messageLength()).isEqualTo(out.size());
        return out.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65_536, 200_000})
    @DisplayName("Each to each, itself too, with the encryption context where both have one")
    void pairs(int size) throws Exception {
        byte[] text = Ciphers.random(size);
        for (Side from : sides(old)) {
            for (Side to : sides(fresh)) {
                Map<String, String> context = from.hasContext() && to.hasContext() ? TENANT : Map.of();
                byte[] message = from.write(text, context);
                MessageConversion conversion = MessageConversion.of(from.reading(), to.channels);
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                EnvelopeChannels.Result result = conversion.run(new ByteArrayInputStream(message), out);
                assertThat(result.plaintextLength()).isEqualTo(size);
                assertThat(result.messageLength()).isEqualTo(out.size());
                assertThat(result.context().asMap()).isEqualTo(context);
                assertThat(to.read(out.toByteArray(), text).context().asMap()).isEqualTo(context);
            }
        }
    }

    @Test
    @DisplayName("5 MiB, where the old format is read in constant memory")
    void large() throws Exception {
        byte[] text = Ciphers.random(5 * 1024 * 1024 + 1);
        for (Side from : sides(old)) {
            if (List.of("esdk", "dual", "tink stream").contains(from.name)) {
                byte[] message = from.write(text, Map.of());
                for (Side to : sides(Ciphers.handle(service, "new", "decrypt.hold", "8MiB")
                        .withOuterKey(Ciphers.handle(service, "outer")))) {
                    to.read(convert(MessageConversion.of(from.reading(), to.channels), message), text);
                }
            }
        }
    }

    @Test
    @DisplayName("A context that the new format cannot have is not lost unless that is allowed; others are added")
    void context() throws Exception {
        byte[] text = Ciphers.random(100);
        List<Side> targets = sides(fresh);
        Side esdk = sides(old).get(0);
        byte[] message = esdk.write(text, TENANT);
        for (Side to : targets) {
            MessageConversion conversion = MessageConversion.of(esdk.channels, to.channels);
            if (!to.hasContext()) {
                assertThatExceptionOfType(ConversionException.class)
                        .isThrownBy(() -> convert(conversion, message))
                        .havingCause()
                        .isInstanceOfSatisfying(
                                InvalidMessageException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.NOT_ALLOWED));
            }
            assertThat(to.read(convert(conversion.droppingContext(), message), text)
                            .context()
                            .isEmpty())
                    .isTrue();
        }
        for (Side to : List.of(targets.get(0), targets.get(4), targets.get(5))) {
            byte[] more = convert(MessageConversion.of(esdk.channels, to.writing(Map.of("more", "b"))), message);
            assertThat(to.read(more, text).context().asMap()).isEqualTo(Map.of("tenant", "a", "more", "b"));
            MessageConversion contradicts = MessageConversion.of(esdk.channels, to.writing(Map.of("tenant", "b")));
            assertThatExceptionOfType(ConversionException.class).isThrownBy(() -> convert(contradicts, message));
            byte[] another = convert(contradicts.droppingContext(), message);
            assertThat(to.read(another, text).context().asMap()).isEqualTo(Map.of("tenant", "b"));
        }
    }

    @Test
    @DisplayName("Neither the key of a signature nor pairs that do not stand in the old message get into the new one")
    void ownPairs() throws Exception {
        byte[] text = Ciphers.random(100);
        EnvelopeChannels signing = EnvelopeChannels.of(old)
                .with(EnvelopeParameterSpec.builder()
                        .suite(EsdkSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384)
                        .context(Map.of("tenant", "a", "secret", "b"))
                        .requiredContextNames(Set.of("secret"))
                        .build());
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        signing.encrypt(new ByteArrayInputStream(text), signed);
        for (Side to : sides(fresh)) {
            if (to.hasContext()) {
                byte[] message = convert(MessageConversion.of(signing, to.channels), signed.toByteArray());
                assertThat(to.read(message, text).context().asMap()).isEqualTo(TENANT);
            }
        }
    }

    @Test
    @DisplayName("A pair that need not stand in messages, and stands in the old one, is kept: it was bound there")
    void pairsThatNeedNotStand() throws Exception {
        byte[] text = Ciphers.random(100);
        byte[] message = sides(old).get(0).write(text, TENANT);
        EnvelopeChannels from = EnvelopeChannels.of(old)
                .with(EnvelopeParameterSpec.builder()
                        .context(TENANT)
                        .requiredContextNames(TENANT.keySet())
                        .build());
        for (Side to : sides(fresh)) {
            MessageConversion conversion = MessageConversion.of(from, to.channels);
            if (to.hasContext()) {
                assertThat(to.read(convert(conversion, message), text).context().asMap())
                        .isEqualTo(TENANT);
            } else {
                assertThatExceptionOfType(ConversionException.class).isThrownBy(() -> convert(conversion, message));
            }
        }
    }

    @Test
    @DisplayName("The associated data of each message is that of its channels")
    void associatedData() throws Exception {
        byte[] text = Ciphers.random(100);
        EnvelopeChannels from = EnvelopeChannels.of(old).withAad(new byte[] {1});
        EnvelopeChannels to =
                EnvelopeChannels.of(fresh).format(EnvelopeFormat.TINK).withAad(new byte[] {2});
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        from.encrypt(new ByteArrayInputStream(text), message);
        byte[] converted = convert(MessageConversion.of(from, to), message.toByteArray());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        to.decrypt(new ByteArrayInputStream(converted), out);
        assertThat(out.toByteArray()).isEqualTo(text);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> convert(MessageConversion.of(from.withAad(new byte[0]), to), message.toByteArray()));
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> to.withAad(new byte[] {1})
                        .decrypt(new ByteArrayInputStream(converted), new ByteArrayOutputStream()));
    }

    @Test
    @DisplayName(
            "Every truncation and flipped bit of every old format is refused, and no complete new message comes out")
    void damaged() throws Exception {
        byte[] text = Ciphers.random(20);
        Side to = sides(fresh).get(0);
        for (Side from : sides(old)) {
            byte[] message = from.write(text, Map.of());
            List<byte[]> damaged = new ArrayList<>();
            for (int length = 0; length < message.length; length++) {
                damaged.add(Arrays.copyOf(message, length));
            }
            damaged.add(Arrays.copyOf(message, message.length + 1));
            for (int at = 0; at < message.length; at++) {
                damaged.add(Ciphers.flipped(message, at));
            }
            for (byte[] bad : damaged) {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                assertThatExceptionOfType(AEADBadTagException.class)
                        .as("%s, %d of %d bytes", from, bad.length, message.length)
                        .isThrownBy(() -> MessageConversion.of(from.reading(), to.channels)
                                .run(new ByteArrayInputStream(bad), out));
                byte[] rest = out.toByteArray();
                assertThatThrownBy(
                                () -> to.channels.decrypt(new ByteArrayInputStream(rest), new ByteArrayOutputStream()))
                        .isInstanceOf(AEADBadTagException.class);
            }
        }
    }

    @Test
    @DisplayName("Failures of the old message, of the new one, of the input and of the output are told apart")
    void failures() throws Exception {
        byte[] text = Ciphers.random(300_000);
        Side from = sides(old).get(0);
        Side to = sides(fresh).get(0);
        byte[] message = from.write(text, Map.of());
        KmsUnavailableException away = new KmsUnavailableException("away");
        KmsSecretKey unreadable = Ciphers.uncachedHandle(KeyServices.failingAt("decrypt", service, () -> away), "old");
        assertThatThrownBy(() -> convert(MessageConversion.of(EnvelopeChannels.of(unreadable), to.channels), message))
                .isSameAs(away);
        KeyAccessDeniedException denied = new KeyAccessDeniedException("denied");
        KmsSecretKey unwritable =
                Ciphers.uncachedHandle(KeyServices.failingAt("generateDataKey", service, () -> denied), "new");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatExceptionOfType(ConversionException.class)
                .isThrownBy(() -> MessageConversion.of(from.channels, EnvelopeChannels.of(unwritable))
                        .run(new ByteArrayInputStream(message), out))
                .withCause(denied)
                .withMessage("the new message: denied");
        assertThat(out.size()).isZero();
        KmsSecretKey reader = Ciphers.handle(service, "new", "key.new.usage", "decrypt");
        assertThatExceptionOfType(ConversionException.class)
                .isThrownBy(() -> convert(MessageConversion.of(from.channels, EnvelopeChannels.of(reader)), message))
                .withCauseInstanceOf(InvalidKeyException.class);
        KmsSecretKey writer = Ciphers.handle(service, "old", "key.old.usage", "encrypt");
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> convert(MessageConversion.of(EnvelopeChannels.of(writer), to.channels), message));
        EnvelopeChannels noIv = EnvelopeChannels.of(fresh)
                .format(EnvelopeFormat.TINK)
                .with(EnvelopeParameterSpec.builder().iv(new byte[12]).build());
        assertThatExceptionOfType(ConversionException.class)
                .isThrownBy(() -> convert(MessageConversion.of(from.channels, noIv), message))
                .withCauseInstanceOf(InvalidAlgorithmParameterException.class);

        IOException fault = new IOException("bad disk");
        assertThatThrownBy(() -> MessageConversion.of(from.channels, to.channels)
                        .run(new ByteArrayInputStream(message), new OutputStream() {
                            @Override
                            public void write(int b) throws IOException {
                                throw fault;
                            }
                        }))
                .isSameAs(fault);
        assertThatThrownBy(() -> MessageConversion.of(from.channels, to.channels)
                        .run(
                                new InputStream() {
                                    @Override
                                    public int read() throws IOException {
                                        throw fault;
                                    }

                                    @Override
                                    public int read(byte[] into, int offset, int length) throws IOException {
                                        throw fault;
                                    }
                                },
                                new ByteArrayOutputStream()))
                .isSameAs(fault);
    }

    @Test
    @DisplayName("A context is bound that was verified: what a changed header says is never written")
    void contextIsVerified() throws Exception {
        Side from = sides(old).get(0);
        byte[] message = from.write(Ciphers.random(10), TENANT);
        int at = new String(message, StandardCharsets.ISO_8859_1).indexOf("tenant");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(
                        () -> MessageConversion.of(from.channels, sides(fresh).get(0).channels)
                                .run(new ByteArrayInputStream(Ciphers.flipped(message, at)), out));
        assertThat(out.size()).isZero();
    }
}
