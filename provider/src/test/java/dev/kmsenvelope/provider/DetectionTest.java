package dev.kmsenvelope.provider;

import static dev.kmsenvelope.provider.DetectedMessages.ALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.provider.DetectedMessages.Kind;
import dev.kmsenvelope.provider.DetectedMessages.Way;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.CountedChannel;
import dev.kmsenvelope.testing.DualMessages;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** Without a format's name, the first bytes of a message tell it, among those that {@code decrypt.formats} has. */
class DetectionTest {

    private static final byte[] AAD = {1, 2, 3};

    private final DetectedMessages messages;
    private final KmsSecretKey handle;

    DetectionTest() throws GeneralSecurityException {
        messages = new DetectedMessages();
        handle = messages.handle(ALL);
    }

    @ParameterizedTest
    @DisplayName("RULES 8: every format that is allowed opens by either name and through channels, however it is cut")
    @EnumSource(names = "S3EC", mode = Mode.EXCLUDE)
    void everyFormatOpens(Kind kind) throws Exception {
        for (int size : new int[] {0, 1, 200, 9000}) {
            byte[] plaintext = Ciphers.random(size);
            byte[] message = messages.message(kind, plaintext);
            for (String transformation : new String[] {Ciphers.ENVELOPE, Ciphers.GCM}) {
                for (Way way : Way.values()) {
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    way.open(transformation, handle, messages.spec(kind), message, out);
                    assertThat(out.toByteArray()).as("%s %s", way, size).isEqualTo(plaintext);
                }
            }
        }
    }

    @ParameterizedTest
    @DisplayName("RULES 6: AES/GCM gives nothing of a message whose last byte was changed, whatever its format is")
    @EnumSource(names = "S3EC", mode = Mode.EXCLUDE)
    void heldToTheEnd(Kind kind) throws Exception {
        byte[] message = messages.message(kind, Ciphers.random(9000));
        byte[] changed = Ciphers.flipped(message, message.length - 1);
        for (Way way : new Way[] {Way.ONE_SHOT, Way.BYTES, Way.ARRAYS}) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> way.open(Ciphers.GCM, handle, messages.spec(kind), changed, out));
            assertThat(out.size()).isZero();
        }
    }

    @ParameterizedTest
    @DisplayName("Associated data and one cipher for messages of several formats, one after the other")
    @ValueSource(strings = {Ciphers.ENVELOPE, Ciphers.GCM})
    void oneAfterTheOther(String transformation) throws Exception {
        byte[] plaintext = Ciphers.random(300);
        Cipher cipher = Ciphers.ours(transformation, Cipher.DECRYPT_MODE, handle);
        for (Kind kind : new Kind[] {Kind.DUAL, Kind.TINK, Kind.ESDK, Kind.TINK}) {
            Cipher writer = Ciphers.ours(kind.transformation(), Cipher.ENCRYPT_MODE, handle);
            writer.updateAAD(AAD);
            byte[] message = writer.doFinal(plaintext);
            cipher.updateAAD(AAD, 0, 1);
            cipher.updateAAD(AAD, 1, 2);
            cipher.update(message, 0, 1);
            assertThatThrownBy(() -> cipher.updateAAD(AAD)).isInstanceOf(IllegalStateException.class);
            byte[] early = cipher.update(message, 1, message.length - 1);
            byte[] late = cipher.doFinal();
            assertThat(early == null ? late : concat(early, late)).isEqualTo(plaintext);
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> cipher.doFinal(message));
        }
    }

    private static byte[] concat(byte[] one, byte[] other) {
        return ByteBuffer.allocate(one.length + other.length)
                .put(one)
                .put(other)
                .array();
    }

    @Test
    @DisplayName("Where the first format is the only one, its own reader reads; and what is written is of that, always")
    void nothingToDetect() throws Exception {
        EnvelopeParameterSpec none = EnvelopeParameterSpec.builder().build();
        KmsSecretKey plain = messages.handle("esdk");
        try (MessageReader reader =
                DetectingCodec.create().read(plain, none, EncryptionContext.empty(), Release.EACH_FRAME)) {
            assertThat(reader).isExactlyInstanceOf(MessageDecryptor.class);
        }
        for (String formats : new String[] {ALL, "tink", "dual"}) {
            byte[] written = Ciphers.ours(Ciphers.ENVELOPE, Cipher.ENCRYPT_MODE, messages.handle(formats))
                    .doFinal(AAD);
            assertThat(Ciphers.ours("Envelope/ESDK/NoPadding", Cipher.DECRYPT_MODE, plain)
                            .doFinal(written))
                    .isEqualTo(AAD);
        }
    }

    @ParameterizedTest
    @DisplayName("Sizes while bytes are held are those that the format's own reader tells, and nothing is consumed")
    @EnumSource(names = "S3EC", mode = Mode.EXCLUDE)
    void sizes(Kind kind) throws Exception {
        EnvelopeParameterSpec none = EnvelopeParameterSpec.builder().build();
        EnvelopeCodec own = EnvelopeCodec.of(kind.format);
        EnvelopeCodec detecting = DetectingCodec.create();
        if (messages.spec(kind) instanceof TinkParameterSpec spec) {
            own = own.with(spec);
            detecting = detecting.with(spec);
        }
        for (int size : new int[] {0, 1, 150}) {
            byte[] plaintext = Ciphers.random(size);
            byte[] message = messages.message(kind, plaintext);
            for (Release release : Release.values()) {
                for (int held = 0; held < message.length; held += held < 12 ? 1 : 41) {
                    MessageReader one = own.read(handle, none, EncryptionContext.empty(), release);
                    MessageReader other = detecting.read(handle, none, EncryptionContext.empty(), release);
                    one.feed(message, 0, held);
                    other.feed(message, 0, held);
                    assertSameSizes(one, other, message, held);
                    other.feed(message, held, message.length - held);
                    other.finish();
                    assertThat(other.drain()).hasSizeLessThanOrEqualTo(size);
                    one.close();
                    other.close();
                }
            }
        }
    }

    private static void assertSameSizes(MessageReader one, MessageReader other, byte[] message, int held) {
        for (int rest = 0; rest <= message.length - held; rest += rest < 12 ? 1 : 29) {
            int present = Math.min(rest, other.headLength());
            int length = message.length - held;
            assertThat(other.availableAtTheEnd(message, held, rest, rest))
                    .as("%d held, %d more", held, rest)
                    .isEqualTo(one.availableAtTheEnd(message, held, rest, rest));
            assertThat(other.mostAtTheEnd(message, held, present, rest))
                    .isEqualTo(one.mostAtTheEnd(message, held, rest, rest));
            assertThat(other.availableAfter(message, held, present, rest))
                    .isEqualTo(one.availableAfter(message, held, rest, rest));
            assertThat(other.availableBound(rest))
                    .isGreaterThanOrEqualTo(one.availableAfter(message, held, rest, rest));
            assertThat(other.availableAtTheEnd(message, held, Math.min(length, other.headLength()), length))
                    .isEqualTo(one.availableAtTheEnd(message, held, length, length));
        }
    }

    @ParameterizedTest
    @DisplayName("Exactly the room that the plaintext takes is enough, one byte less is a ShortBufferException")
    @EnumSource(names = {"ESDK", "ESDK_1", "TINK", "TINK_PREFIX", "TINK_STREAM"})
    void exactRoom(Kind kind) throws Exception {
        for (int size : new int[] {1, 40, 200}) {
            byte[] plaintext = Ciphers.random(size);
            byte[] message = messages.message(kind, plaintext);
            for (int held : new int[] {0, 1, 2, 3, 4, 8, 9, 20}) {
                Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, messages.spec(kind));
                cipher.update(message, 0, held);
                int rest = message.length - held;
                byte[] out = new byte[size];
                assertThatExceptionOfType(ShortBufferException.class)
                        .isThrownBy(() -> cipher.doFinal(message, held, rest, new byte[size - 1]));
                assertThat(cipher.getOutputSize(rest)).isGreaterThanOrEqualTo(size);
                assertThat(cipher.doFinal(message, held, rest, out)).isEqualTo(size);
                assertThat(out).isEqualTo(plaintext);
                cipher.update(message, 0, held);
                ByteBuffer direct = ByteBuffer.allocateDirect(size);
                cipher.doFinal(ByteBuffer.wrap(message, held, rest).asReadOnlyBuffer(), direct);
                assertThat(direct.flip()).isEqualTo(ByteBuffer.wrap(plaintext));
            }
        }
    }

    @Test
    @DisplayName("RULES 3: who asks for an encryption context gets no message of a format that has none")
    void contextKeepsTinkOut() throws Exception {
        EnvelopeParameterSpec context = Ciphers.context("tenant", "a");
        byte[] tink = messages.message(Kind.TINK, AAD);
        byte[] right = Ciphers.ours(Ciphers.ENVELOPE, Cipher.ENCRYPT_MODE, handle, context)
                .doFinal(AAD);
        Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle, context);
        int before = messages.service.decrypted.get();
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> cipher.doFinal(tink))
                .withMessageContaining("TINK")
                .withMessageContaining("encryption context");
        assertThat(messages.service.decrypted).hasValue(before);
        assertThat(cipher.doFinal(right)).isEqualTo(AAD);
        EnvelopeParameterSpec policy = EnvelopeParameterSpec.builder()
                .commitmentPolicy(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
                .build();
        Cipher committing = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle, policy);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> committing.doFinal(tink))
                .withMessageContaining("commitment policy");
        KmsSecretKey bound = messages.handle("tink", "key." + DualMessages.INNER + ".context.tenant", "a");
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, bound, context));
    }

    @Test
    @DisplayName("What is for writing only does not keep a message out, and an IV is that of the message's format")
    void parametersForWriting() throws Exception {
        EnvelopeParameterSpec writing = EnvelopeParameterSpec.builder()
                .frameLength(9)
                .suite(EsdkSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
                .build();
        for (Kind kind : new Kind[] {Kind.ESDK, Kind.TINK, Kind.DUAL}) {
            assertThat(Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle, writing)
                            .doFinal(messages.message(kind, AAD)))
                    .isEqualTo(AAD);
            Cipher writer = Ciphers.ours(kind.transformation(), Cipher.ENCRYPT_MODE, handle);
            GCMParameterSpec iv = new GCMParameterSpec(128, writer.getIV());
            byte[] message = writer.doFinal(AAD);
            assertThat(Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, iv)
                            .doFinal(message))
                    .isEqualTo(AAD);
            Cipher other =
                    Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, new GCMParameterSpec(128, new byte[12]));
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> other.doFinal(message));
        }
        Cipher tooLong =
                Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, handle, new GCMParameterSpec(128, new byte[16]));
        byte[] tink = messages.message(Kind.TINK, AAD);
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> tooLong.doFinal(tink));
    }

    @Test
    @DisplayName("Parameters of Tink open its messages where it is allowed, and are for nothing else")
    void parametersOfTink() throws Exception {
        TinkParameterSpec id = TinkParameterSpec.ofKeyId(DetectedMessages.KEY_ID);
        Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle, id);
        for (Kind kind : new Kind[] {Kind.TINK_PREFIX, Kind.ESDK, Kind.DUAL}) {
            assertThat(cipher.doFinal(messages.message(kind, AAD))).isEqualTo(AAD);
        }
        byte[] withoutPrefix = messages.message(Kind.TINK, AAD);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> cipher.doFinal(withoutPrefix))
                .withMessageContaining("prefix");
        Cipher streams = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle, messages.spec(Kind.TINK_STREAM));
        assertThat(streams.doFinal(messages.message(Kind.ESDK_1, AAD))).isEqualTo(AAD);
        for (Kind kind : new Kind[] {Kind.TINK, Kind.TINK_PREFIX}) {
            byte[] noStream = messages.message(kind, AAD);
            assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> streams.doFinal(noStream));
        }
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.ENVELOPE, Cipher.ENCRYPT_MODE, handle, id))
                .withMessageContaining("Envelope/TINK/NoPadding");
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(
                        () -> Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, messages.handle("esdk, dual"), id))
                .withMessageContaining("decrypt.formats");
        assertThatExceptionOfType(InvalidAlgorithmParameterException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle, messages.spec(Kind.S3EC)))
                .withMessageContaining("Envelope/S3EC/NoPadding");
    }

    @Test
    @DisplayName("A failure of the service, and an outer key that is missing, are theirs: not the message's")
    void failures() throws Exception {
        byte[] plaintext = Ciphers.random(100);
        KmsSecretKey single = Ciphers.uncachedHandle(messages.service, DualMessages.INNER, "decrypt.formats", ALL);
        byte[] dual = messages.message(Kind.DUAL, plaintext);
        Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, single);
        assertThatExceptionOfType(KmsConfigurationException.class).isThrownBy(() -> cipher.update(dual));
        assertThatExceptionOfType(KmsConfigurationException.class).isThrownBy(cipher::doFinal);
        assertThatExceptionOfType(KmsConfigurationException.class).isThrownBy(() -> cipher.doFinal(dual));
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> cipher.doFinal(dual, 0, dual.length, new byte[dual.length]));
        assertThat(cipher.doFinal(messages.message(Kind.ESDK, plaintext))).isEqualTo(plaintext);
        for (Kind kind : new Kind[] {Kind.TINK, Kind.TINK_STREAM, Kind.ESDK, Kind.DUAL}) {
            byte[] message = messages.message(kind, plaintext);
            Cipher reader = Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle, messages.spec(kind));
            messages.service.failWith(() -> new KmsUnavailableException("away"));
            assertThatExceptionOfType(KmsUnavailableException.class).isThrownBy(() -> reader.doFinal(message));
            messages.service.failWith(() -> null);
            assertThat(reader.doFinal(message)).isEqualTo(plaintext);
        }
    }

    @Test
    @DisplayName("Keys that were wrapped by one format's name are unwrapped by Envelope")
    void unwrap() throws Exception {
        SecretKeySpec key = new SecretKeySpec(Ciphers.random(32), "AES");
        Cipher cipher = Ciphers.ours(Ciphers.ENVELOPE, Cipher.UNWRAP_MODE, handle);
        for (Kind kind : new Kind[] {Kind.ESDK, Kind.TINK, Kind.DUAL}) {
            byte[] wrapped = Ciphers.ours(kind.transformation(), Cipher.WRAP_MODE, handle)
                    .wrap(key);
            assertThat(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY)).isEqualTo(key);
        }
    }

    @Test
    @DisplayName("Range reads: of what can be read so, whatever else is allowed; others are refused")
    void ranges() throws Exception {
        byte[] plaintext = Ciphers.random(500);
        EnvelopeChannels channels = EnvelopeChannels.of(handle);
        for (Kind kind : new Kind[] {Kind.ESDK, Kind.ESDK_1}) {
            CountedChannel in = new CountedChannel(messages.message(kind, plaintext), 3);
            try (SeekableByteChannel out = channels.open(in)) {
                ByteBuffer part = ByteBuffer.allocate(1);
                out.position(321).read(part);
                assertThat(part.get(0)).isEqualTo(plaintext[321]);
            }
        }
        for (Kind kind : new Kind[] {Kind.TINK, Kind.TINK_PREFIX, Kind.TINK_STREAM, Kind.DUAL}) {
            byte[] message = messages.message(kind, plaintext);
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> channels.open(new CountedChannel(message)));
        }
        for (byte[] nothing : new byte[][] {{}, {1}, {2, 4}}) {
            assertThatExceptionOfType(AEADBadTagException.class)
                    .isThrownBy(() -> channels.open(new CountedChannel(nothing)));
        }
    }

    private static ReadableFormats formats(String value) {
        return ReadableFormats.of(Configuration.of(Map.of("decrypt.formats", value)));
    }

    @Test
    @DisplayName("The setting: names of formats, and S3EC is none of them")
    void setting() {
        assertThat(ReadableFormats.of(Configuration.empty()).isEsdkOnly()).isTrue();
        assertThat(formats(" ").isEsdkOnly()).isTrue();
        assertThat(formats("esdk,,esdk").isEsdkOnly()).isTrue();
        assertThat(formats(" dual , tink").formats()).containsExactly(EnvelopeFormat.TINK, EnvelopeFormat.DUAL);
        for (String wrong : new String[] {"ESDK", "esdk tink", "aws", ",", "esdk, *"}) {
            assertThatExceptionOfType(KmsConfigurationException.class)
                    .isThrownBy(() -> messages.handle(wrong))
                    .withMessageContaining("decrypt.formats")
                    .withMessageContaining("esdk, tink and dual");
        }
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> KeyPolicy.requireValid(Configuration.of(Map.of("decrypt.formats", "esdk,s3ec"))))
                .withMessageContaining("metadata");
        assertThat(KeyPolicy.configurationKeys()).contains("decrypt.formats");
        assertThat(messages.handle("tink").policy())
                .isNotEqualTo(messages.handle("dual").policy());
    }
}
