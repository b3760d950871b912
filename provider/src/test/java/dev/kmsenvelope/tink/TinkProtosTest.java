package dev.kmsenvelope.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.proto.AesGcmHkdfStreamingKey;
import com.google.crypto.tink.proto.AesGcmHkdfStreamingParams;
import com.google.crypto.tink.proto.AesGcmKey;
import com.google.crypto.tink.proto.HashType;
import com.google.crypto.tink.proto.KeyData;
import com.google.crypto.tink.proto.KeyStatusType;
import com.google.crypto.tink.proto.Keyset;
import com.google.crypto.tink.proto.OutputPrefixType;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.kmsenvelope.crypto.Hkdf;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.testing.Ciphers;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Our reading and writing of Tink's Protocol Buffers, with Google's library on the other side. */
class TinkProtosTest {

    private static final UnknownFieldSet UNKNOWN = UnknownFieldSet.newBuilder()
            .addField(
                    900,
                    UnknownFieldSet.Field.newBuilder()
                            .addVarint(-1)
                            .addFixed32(1)
                            .addFixed64(2)
                            .addLengthDelimited(ByteString.copyFromUtf8("later"))
                            .build())
            .build();

    private static byte[] bytes(String hex) {
        return HexFormat.ofDelimiter(" ").parseHex(hex);
    }

    private static void assertMalformed(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(InvalidMessageException.class);
    }

    @Test
    void dataKeys() throws Exception {
        byte[] key = Ciphers.random(32);
        byte[] ours = TinkDataKey.serialize(key);
        AesGcmKey theirs = AesGcmKey.parseFrom(ours);
        assertThat(theirs.getKeyValue().toByteArray()).isEqualTo(key);
        assertThat(theirs.toByteArray()).isEqualTo(ours);
        assertThat(TinkDataKey.parse(ours)).isEqualTo(key);
        byte[] small = Ciphers.random(16);
        assertThat(TinkDataKey.parse(AesGcmKey.newBuilder()
                        .setKeyValue(ByteString.copyFrom(small))
                        .setUnknownFields(UNKNOWN)
                        .build()
                        .toByteArray()))
                .isEqualTo(small);
        byte[] versioned = new byte[20];
        System.arraycopy(bytes("08 00 1a 10"), 0, versioned, 0, 4);
        assertThat(TinkDataKey.parse(versioned)).isEqualTo(new byte[16]);
        versioned[1] = 1;
        assertMalformed(() -> TinkDataKey.parse(versioned));
        for (int length : new int[] {0, 15, 24, 33}) {
            assertMalformed(() -> TinkDataKey.parse(AesGcmKey.newBuilder()
                    .setKeyValue(ByteString.copyFrom(new byte[length]))
                    .build()
                    .toByteArray()));
        }
        byte[] twice = Arrays.copyOf(ours, 2 * ours.length);
        System.arraycopy(ours, 0, twice, ours.length, ours.length);
        assertMalformed(() -> TinkDataKey.parse(twice));
        for (int length = 0; length < ours.length; length++) {
            byte[] cut = Arrays.copyOf(ours, length);
            assertMalformed(() -> TinkDataKey.parse(cut));
        }
        assertMalformed(() -> TinkDataKey.parse(key));
    }

    @Test
    @DisplayName("Lengths and numbers that cannot be are refused before anything is allocated")
    void malformed() {
        for (String hex : new String[] {
            "1a ff ff ff ff 0f", // a length of 2^32-1
            "1a ff ff ff ff ff ff ff ff ff 01", // of -1
            "1a 80 80 80 80 80 80 80 80 80 80 01", // of eleven bytes
            "1a", // cut
            "00 01", // field 0
            "80 80 80 80 80 80 01 00", // a tag of more than 32 bits
            "1b 1c", // a group
            "1e", // wire type 6
            "08 80 80 80 80 10", // a version of 2^32
            "09 00 00 00 00 00 00 00", // eight bytes, seven there
            "0d 00 00 00" // four bytes, three there
        }) {
            assertMalformed(() -> TinkDataKey.parse(bytes(hex)));
        }
    }

    @Test
    @DisplayName("Random changes of a keyset give a keyset or a typed refusal, never another exception")
    void fuzz() {
        byte[] good = keyset(1, entry(1, KeyStatusType.ENABLED, value(HashType.SHA256, 4096, 32, 32)))
                .toByteArray();
        Random random = new Random(9);
        int refused = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] changed = Arrays.copyOf(good, random.nextInt(4) == 0 ? random.nextInt(good.length) : good.length);
            for (int i = random.nextInt(4); i > 0 && changed.length > 0; i--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            try (StreamingKeyset keyset = StreamingKeyset.parse(changed)) {
                assertThat(keyset.all()).hasSize(1);
            } catch (InvalidMessageException | KmsConfigurationException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(5_000, 19_000);
    }

    private static AesGcmHkdfStreamingKey value(HashType hash, int segment, int derived, int inputKey) {
        return AesGcmHkdfStreamingKey.newBuilder()
                .setParams(AesGcmHkdfStreamingParams.newBuilder()
                        .setHkdfHashType(hash)
                        .setCiphertextSegmentSize(segment)
                        .setDerivedKeySize(derived))
                .setKeyValue(ByteString.copyFrom(Ciphers.random(inputKey)))
                .build();
    }

    private static Keyset.Key entry(int id, KeyStatusType status, AesGcmHkdfStreamingKey value) {
        return Keyset.Key.newBuilder()
                .setKeyId(id)
                .setStatus(status)
                .setOutputPrefixType(OutputPrefixType.RAW)
                .setKeyData(KeyData.newBuilder()
                        .setTypeUrl(StreamingKey.TYPE_URL)
                        .setKeyMaterialType(KeyData.KeyMaterialType.SYMMETRIC)
                        .setValue(value.toByteString()))
                .build();
    }

    private static Keyset keyset(int primary, Keyset.Key... keys) {
        return Keyset.newBuilder()
                .setPrimaryKeyId(primary)
                .addAllKey(Arrays.asList(keys))
                .build();
    }

    private static StreamingKeyset parse(Keyset keyset) throws InvalidMessageException {
        return StreamingKeyset.parse(keyset.toByteArray());
    }

    @Test
    void keysets() throws Exception {
        Keyset.Key one = entry(1, KeyStatusType.ENABLED, value(HashType.SHA1, 64, 16, 40));
        Keyset.Key other = entry(-5, KeyStatusType.ENABLED, value(HashType.SHA512, 1 << 20, 32, 32));
        Keyset.Key disabled = entry(3, KeyStatusType.DISABLED, value(HashType.SHA224, 1, 1, 1));
        try (StreamingKeyset keyset = parse(keyset(-5, one, disabled, other).toBuilder()
                .setUnknownFields(UNKNOWN)
                .build())) {
            assertThat(keyset.all()).hasSize(2);
            assertThat(keyset.primary()).isSameAs(keyset.all().get(0));
            assertThat(keyset.primary().hash()).isEqualTo(Hkdf.SHA512);
            assertThat(keyset.primary().layout()).isEqualTo(new StreamLayout(1 << 20, 32));
            assertThat(keyset.primary().inputKey()).isEqualTo(Ciphers.random(32));
            assertThat(keyset.primary()).asString().doesNotContain("[B@");
            assertThat(keyset.all().get(1).hash()).isEqualTo(Hkdf.SHA1);
        }
        assertMalformed(() -> parse(keyset(3, one, disabled)));
        assertMalformed(() -> parse(keyset(4, one)));
        assertMalformed(() -> parse(keyset(1, one, one)));
        assertMalformed(() -> parse(keyset(1)));
        for (AesGcmHkdfStreamingKey wrong : new AesGcmHkdfStreamingKey[] {
            value(HashType.SHA384, 4096, 32, 32),
            value(HashType.UNKNOWN_HASH, 4096, 32, 32),
            value(HashType.SHA256, 4096, 24, 32),
            value(HashType.SHA256, 56, 32, 32),
            value(HashType.SHA256, -1, 32, 32),
            value(HashType.SHA256, 4096, 32, 31),
            value(HashType.SHA256, 4096, 16, 15),
            value(HashType.SHA256, 4096, 16, 16).toBuilder().setVersion(1).build()
        }) {
            assertMalformed(() -> parse(keyset(1, entry(1, KeyStatusType.ENABLED, wrong))));
        }
        Keyset.Key foreign = one.toBuilder()
                .setKeyId(2)
                .setKeyData(KeyData.newBuilder()
                        .setTypeUrl("type.googleapis.com/google.crypto.tink.AesCtrHmacStreamingKey"))
                .build();
        assertThatThrownBy(() -> parse(keyset(1, one, foreign)))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("type.googleapis.com/google.crypto.tink.AesCtrHmacStreamingKey");
        assertThat(parse(keyset(
                                1,
                                one,
                                foreign.toBuilder()
                                        .setStatus(KeyStatusType.DISABLED)
                                        .build()))
                        .all())
                .hasSize(1);
    }

    @Test
    @DisplayName("What we write is, byte for byte, what Google's library writes")
    void written() throws Exception {
        byte[] ours = StreamingKeyset.create(StreamLayout.of(1 << 20, 32), -7, RandomSource.operatingSystem());
        Keyset theirs = Keyset.parseFrom(ours);
        assertThat(theirs.toByteArray()).isEqualTo(ours);
        assertThat(theirs.getPrimaryKeyId()).isEqualTo(-7);
        assertThat(theirs.getKeyCount()).isEqualTo(1);
        assertThat(theirs.getKey(0).getOutputPrefixType()).isEqualTo(OutputPrefixType.RAW);
        AesGcmHkdfStreamingKey key =
                AesGcmHkdfStreamingKey.parseFrom(theirs.getKey(0).getKeyData().getValue());
        assertThat(key.getParams().getHkdfHashType()).isEqualTo(HashType.SHA256);
        assertThat(key.getKeyValue().size()).isEqualTo(32);
        assertThat(parse(theirs).primary().inputKey())
                .isEqualTo(key.getKeyValue().toByteArray());
        assertThat(EncryptedKeyset.serialize(new byte[300], -7))
                .isEqualTo(com.google.crypto.tink.proto.EncryptedKeyset.parseFrom(
                                EncryptedKeyset.serialize(new byte[300], -7))
                        .toByteArray());
    }

    @Test
    void looksLike() {
        assertThat(TinkFormat.looksLike(bytes("00 00 00 01"), 4)).isTrue();
        assertThat(TinkFormat.looksLike(bytes("00 00 10 00 77"), 5)).isTrue();
        assertThat(TinkFormat.looksLike(bytes("01 ff ff ff ff 00 00 00 b8"), 9)).isTrue();
        assertThat(TinkFormat.looksLike(bytes("00 00 10 01"), 4)).isFalse();
        assertThat(TinkFormat.looksLike(bytes("00 00 00 00"), 4)).isFalse();
        assertThat(TinkFormat.looksLike(bytes("00 00 00 01"), 3)).isFalse();
        assertThat(TinkFormat.looksLike(bytes("01 ff ff ff ff 00 00 00 b8"), 8)).isFalse();
        assertThat(TinkFormat.looksLike(bytes("02 05 78 00 00"), 5)).isFalse();
        assertThat(TinkFormat.looksLike(new byte[0], 0)).isFalse();
    }
}
