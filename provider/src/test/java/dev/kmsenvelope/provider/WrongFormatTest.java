package dev.kmsenvelope.provider;

import static dev.kmsenvelope.provider.DetectedMessages.ALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.provider.DetectedMessages.Kind;
import dev.kmsenvelope.provider.DetectedMessages.Way;
import dev.kmsenvelope.testing.Ciphers;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** RULES 8, 19: what is of another format than the one that was named, or of one that is not allowed, is refused. */
class WrongFormatTest {

    private final DetectedMessages messages;

    WrongFormatTest() throws GeneralSecurityException {
        messages = new DetectedMessages();
    }

    /** The exception, with which nothing came out. */
    private static AEADBadTagException refused(
            Way way,
            String transformation,
            KmsSecretKey key,
            @Nullable AlgorithmParameterSpec spec,
            byte[] message,
            String what) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Throwable thrown = catchThrowable(() -> way.open(transformation, key, spec, message, out));
        if (way == Way.STREAM) {
            assertThat(thrown).as(what).isExactlyInstanceOf(IOException.class);
            thrown = thrown.getCause();
        }
        assertThat(thrown).as(what).isExactlyInstanceOf(AEADBadTagException.class);
        assertThat(out.size()).as(what).isZero();
        return (AEADBadTagException) thrown;
    }

    /** Whether a name and parameters of one kind are those of the other too. */
    private static boolean opens(Kind opener, Kind kind) {
        Set<Kind> envelopes = Set.of(Kind.TINK, Kind.TINK_PREFIX);
        Set<Kind> esdk = Set.of(Kind.ESDK, Kind.ESDK_1);
        return opener == kind
                || (envelopes.contains(opener) && envelopes.contains(kind))
                || (esdk.contains(opener) && esdk.contains(kind));
    }

    @ParameterizedTest
    @DisplayName("Every pair of a format and a wrong name is refused, by every way in")
    @EnumSource
    void everyPair(Kind kind) throws Exception {
        byte[] message = messages.message(kind, Ciphers.random(5000));
        KmsSecretKey handle = messages.handle(ALL);
        for (Kind opener : Kind.values()) {
            AlgorithmParameterSpec spec = messages.spec(opener);
            for (Way way : Way.values()) {
                if (!opens(opener, kind)) {
                    refused(way, opener.transformation(), handle, spec, message, opener + " " + way);
                }
            }
        }
    }

    @ParameterizedTest
    @DisplayName("A format that is not allowed is refused, by every way in, with the format and the setting named")
    @CsvSource({
        "ESDK, 'tink', ESDK",
        "ESDK, 'dual', ESDK",
        "ESDK, 'tink,dual', ESDK",
        "ESDK_1, 'tink', ESDK",
        "ESDK_1, 'dual', ESDK",
        "ESDK_1, 'tink,dual', ESDK",
        "TINK, 'esdk', has tink",
        "TINK, 'dual', TINK",
        "TINK, 'esdk,dual', TINK",
        "TINK_PREFIX, 'esdk', has tink",
        "TINK_PREFIX, 'dual', TINK",
        "TINK_PREFIX, 'esdk,dual', TINK",
        "TINK_STREAM, 'esdk,tink', keyset",
        "TINK_STREAM, 'esdk,dual', keyset",
        "DUAL, 'esdk', has dual",
        "DUAL, 'tink', ESDK",
        "DUAL, 'esdk,tink', has dual"
    })
    void notAllowed(Kind kind, String formats, String word) throws Exception {
        byte[] message = messages.message(kind, Ciphers.random(200));
        int before = messages.service.decrypted.get();
        for (String transformation : new String[] {Ciphers.ENVELOPE, Ciphers.GCM}) {
            for (Way way : Way.values()) {
                AEADBadTagException thrown =
                        refused(way, transformation, messages.handle(formats), null, message, kind + " " + way);
                assertThat(thrown).hasMessageContaining("decrypt.formats").hasMessageContaining(word);
                assertThat(thrown).hasCauseExactlyInstanceOf(InvalidMessageException.class);
            }
        }
        assertThat(messages.service.decrypted).as("nobody is asked for it").hasValue(before);
    }

    @Test
    @DisplayName("An explicit name asks no list: it opens its format where that is not allowed, and nothing else")
    void explicitNames() throws Exception {
        byte[] plaintext = Ciphers.random(50);
        for (Kind kind : Kind.values()) {
            if (kind.isDetectable()) {
                assertThat(Ciphers.ours(
                                        kind.transformation(),
                                        Cipher.DECRYPT_MODE,
                                        messages.handle(kind == Kind.TINK ? "esdk" : "tink"),
                                        messages.spec(kind))
                                .doFinal(messages.message(kind, plaintext)))
                        .isEqualTo(plaintext);
            }
        }
    }

    @ParameterizedTest
    @DisplayName("Bodies of S3 objects and other bytes are refused")
    @EnumSource
    void otherBytes(Way way) throws Exception {
        KmsSecretKey handle = messages.handle(ALL);
        for (int i = 0; i < 20; i++) {
            byte[] body = messages.message(Kind.S3EC, Ciphers.random(100));
            refused(way, Ciphers.ENVELOPE, handle, null, body, "S3 body");
        }
        for (int first = 0; first < 256; first++) {
            for (byte fill : new byte[] {0, 0x55, (byte) 0xFF}) {
                byte[] bytes = new byte[40];
                Arrays.fill(bytes, fill);
                bytes[0] = (byte) first;
                refused(way, Ciphers.GCM, handle, null, bytes, first + " " + fill);
            }
        }
    }

    @ParameterizedTest
    @DisplayName("RULES 19: each format cut short at every byte, in pieces and in one: the same exception, nothing out")
    @EnumSource(names = "S3EC", mode = Mode.EXCLUDE)
    void truncations(Kind kind) throws Exception {
        KmsSecretKey handle = messages.handle(ALL);
        AlgorithmParameterSpec spec = messages.spec(kind);
        byte[] message = messages.message(kind, new byte[] {5});
        for (int length = 0; length < message.length; length++) {
            byte[] cut = Arrays.copyOf(message, length);
            for (Way way : new Way[] {Way.ONE_SHOT, Way.BYTES, Way.CHANNELS}) {
                refused(way, Ciphers.ENVELOPE, handle, spec, cut, way + " " + length);
            }
            if (length < 9) {
                assertThat(refused(Way.SEVENS, Ciphers.ENVELOPE, handle, spec, cut, "cut"))
                        .hasMessageContaining(length == 0 ? "0 bytes" : " ends ");
            }
        }
    }

    @Test
    @DisplayName("A header that is long, and cut, is looked at once: in one call or in two")
    void longHeader() throws Exception {
        KmsSecretKey handle = messages.handle(ALL);
        byte[] start = new byte[65_540];
        start[0] = 2;
        start[1] = 4;
        start[2] = 0x78;
        start[35] = (byte) 0xFF;
        start[36] = (byte) 0xFF;
        for (Way way : Way.values()) {
            assertThat(refused(way, Ciphers.ENVELOPE, handle, null, start, "long " + way))
                    .hasMessageContaining("ends within its header");
        }
    }

    @ParameterizedTest
    @DisplayName("Every bit of the first bytes is needed, but for the key id in a prefix of Tink, which nothing binds")
    @EnumSource(names = "S3EC", mode = Mode.EXCLUDE)
    void bitFlips(Kind kind) throws Exception {
        KmsSecretKey handle = messages.handle(ALL);
        AlgorithmParameterSpec spec = messages.spec(kind);
        byte[] plaintext = Ciphers.random(30);
        byte[] message = messages.message(kind, plaintext);
        for (int at = 0; at < 12; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = message.clone();
                changed[at] ^= (byte) (1 << bit);
                if (kind == Kind.TINK_PREFIX && at >= 1 && at < 5) {
                    assertThat(Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, handle)
                                    .doFinal(changed))
                            .isEqualTo(plaintext);
                } else {
                    refused(Way.ONE_SHOT, Ciphers.ENVELOPE, handle, spec, changed, at + "." + bit);
                }
            }
        }
    }

    @Test
    @DisplayName("Bytes that may be of two formats are refused where both are allowed, and open by either's name alone")
    void ambiguity() throws Exception {
        byte[] plaintext = Ciphers.random(30);
        int keyId = 0x80_01_78_00;
        byte[] message = Ciphers.ours(
                        "Envelope/TINK/NoPadding",
                        Cipher.ENCRYPT_MODE,
                        messages.handle(ALL),
                        TinkParameterSpec.ofKeyId(keyId))
                .doFinal(plaintext);
        for (Way way : Way.values()) {
            for (String formats : new String[] {ALL, "esdk,tink"}) {
                assertThat(refused(way, Ciphers.ENVELOPE, messages.handle(formats), null, message, "ambiguous"))
                        .hasMessageContaining("Envelope/ESDK/NoPadding")
                        .hasMessageContaining("Envelope/TINK/NoPadding");
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            way.open(Ciphers.ENVELOPE, messages.handle("tink,dual"), null, message, out);
            assertThat(out.toByteArray()).isEqualTo(plaintext);
        }
    }

    private static EnvelopeFormat detected(String bytes, String formats, boolean streams)
            throws InvalidMessageException {
        KmsSecretKey key = Ciphers.handle(
                new dev.kmsenvelope.testing.InMemoryKeyService().withKey("k"), "k", "decrypt.formats", formats);
        FormatDetector detector = new FormatDetector(key.policy().readableFormats(), streams, HeaderLimits.DEFAULT);
        byte[] in = HexFormat.of().parseHex(bytes.replace(" ", ""));
        EnvelopeFormat whole = fed(detector.copy(), in, in.length);
        assertThat(fed(detector.copy(), in, 1)).isEqualTo(whole);
        assertThat(fed(detector, in, 3)).isEqualTo(whole);
        return whole;
    }

    private static EnvelopeFormat fed(FormatDetector detector, byte[] in, int piece) throws InvalidMessageException {
        int taken = 0;
        for (int at = 0; at < in.length; at += piece) {
            taken += detector.feed(in, at, Math.min(piece, in.length - at));
        }
        assertThat(detector.size()).isEqualTo(taken);
        assertThat(Arrays.copyOf(detector.head(), taken)).isEqualTo(Arrays.copyOf(in, taken));
        return detector.format();
    }

    @ParameterizedTest
    @DisplayName("What the first bytes tell, among the formats that are allowed")
    @CsvSource({
        "02, 'esdk,tink', ESDK",
        "0204, 'esdk,tink,dual',",
        "020578, 'esdk,tink,dual', ESDK",
        "029999, 'esdk,tink,dual', ESDK",
        "029999, 'tink,dual', DUAL",
        "01, 'esdk,tink',",
        "0180, 'esdk,tink',",
        "01800178, 'esdk,tink',",
        "01800178, 'esdk,dual', ESDK",
        "01809999, 'esdk,dual', ESDK",
        "01800178 55 000000, 'esdk,tink',",
        "01800178 55 00000000, 'esdk,tink', ESDK",
        "01800178 55 00001000, 'tink', TINK",
        "01800178 55 00001001, 'esdk,tink', ESDK",
        "01800478 55 00001000, 'esdk,tink', TINK",
        "01800478 55 00001001, 'esdk,tink', ESDK",
        "01810178 55 00000001, 'esdk,tink', TINK",
        "000000, 'esdk,tink',",
        "00000001, 'esdk,tink', TINK",
        "00001000, 'tink,dual', TINK"
    })
    void firstBytes(String bytes, String formats, @Nullable EnvelopeFormat expected) throws Exception {
        assertThat(detected(bytes, formats, false)).isEqualTo(expected);
    }

    @ParameterizedTest
    @DisplayName("With a keyset, messages of Tink are streams")
    @CsvSource({
        "18, 'esdk,tink', TINK",
        "28, 'esdk,tink', TINK",
        "01800178, 'esdk,tink', ESDK",
        "01800178 55 00001000, 'esdk,tink,dual', ESDK",
        "02, 'esdk,tink', ESDK"
    })
    void withKeyset(String bytes, String formats, EnvelopeFormat expected) throws Exception {
        assertThat(detected(bytes, formats, true)).isEqualTo(expected);
    }

    @ParameterizedTest
    @DisplayName("What is refused by its first bytes")
    @CsvSource({
        "00000000, 'esdk,tink', MALFORMED",
        "00001001, 'esdk,tink', MALFORMED",
        "00000001, 'esdk,dual', NOT_ALLOWED",
        "01800178 55 00000001, 'esdk,tink', NOT_ALLOWED",
        "01800178 55 00000000, 'tink', NOT_ALLOWED",
        "01800178 55 00000000, 'dual', NOT_ALLOWED",
        "01809999 55 00000000, 'tink,dual', MALFORMED",
        "01809999, 'dual', MALFORMED",
        "01810178 55 00001001, 'esdk,tink', MALFORMED",
        "020478, 'tink', NOT_ALLOWED",
        "029999, 'tink', MALFORMED",
        "020578, 'tink,dual', NOT_ALLOWED",
        "18, 'esdk,tink', NOT_ALLOWED",
        "17, 'esdk,tink,dual', MALFORMED",
        "FF, 'tink', MALFORMED"
    })
    void refusedBytes(String bytes, String formats, Reason reason) {
        assertThatExceptionOfType(InvalidMessageException.class)
                .isThrownBy(() -> detected(bytes, formats, false))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
                .withMessageContaining("decrypt.formats");
    }
}
