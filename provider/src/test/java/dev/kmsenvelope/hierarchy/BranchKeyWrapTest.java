package dev.kmsenvelope.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.KDFCounterBytesGenerator;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.params.KDFCounterParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BranchKeyWrapTest {

    private static final HexFormat HEX = HexFormat.of();
    private static final String ID = "tenant-1";
    private static final UUID VERSION = UUID.fromString("83eec007-5659-4554-bf11-699b90f41ac6");
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("a", "b", "ü", "x"));
    private static final byte[] KEY = HEX.parseHex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    private static final byte[] PLAINTEXT = HEX.parseHex("f0".repeat(32));

    private final BranchKeyWrap wrap = new BranchKeyWrap(OsRandom.create());

    private static BranchKey branchKey(String id, UUID version, byte[] key) {
        return new BranchKey(id, version, SecretBytes.copyOf(key));
    }

    private static BranchKey branchKey() {
        return branchKey(ID, VERSION, KEY);
    }

    /** SP 800-108: K(1) = PRF(K, [1]_32 | label | 00 | context | [256]_32); computed with Python's hmac. */
    @Test
    void theWrappingKeyIsTheKnownOne() {
        byte[] salt = HEX.parseHex("101112131415161718191a1b1c1d1e1f");
        assertThat(BranchKeyWrap.derive(KEY, salt))
                .isEqualTo(HEX.parseHex("ef7f31b6648b60d6441fe90d34f6786df63e1a6732cd1261a9117413c3165cb6"));
    }

    @Test
    void theWrappingKeyIsTheOneOfTheCounterModeOfBouncyCastle() {
        byte[] salt = HEX.parseHex("cafe".repeat(8));
        byte[] fixed = join(
                "aws-kms-hierarchy".getBytes(StandardCharsets.US_ASCII), new byte[1], salt, new byte[] {0, 0, 1, 0});
        KDFCounterBytesGenerator generator = new KDFCounterBytesGenerator(new HMac(new SHA256Digest()));
        generator.init(new KDFCounterParameters(KEY, fixed, 32));
        byte[] expected = new byte[32];
        generator.generateBytes(expected, 0, expected.length);
        assertThat(BranchKeyWrap.derive(KEY, salt)).isEqualTo(expected);
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    /** Read with nothing but the specification and the JDK. */
    @Test
    void theLayoutIsTheSpecifiedOne() throws Exception {
        EncryptedDataKey wrapped = wrap.wrap(branchKey(), PLAINTEXT, CONTEXT);
        byte[] ciphertext = wrapped.ciphertext();

        assertThat(wrapped.providerId()).isEqualTo("aws-kms-hierarchy");
        assertThat(wrapped.providerInfo()).asString(StandardCharsets.UTF_8).isEqualTo(ID);
        assertThat(ciphertext).hasSize(16 + 12 + 16 + 32 + 16);
        assertThat(HEX.formatHex(ciphertext, 28, 44))
                .isEqualTo(VERSION.toString().replace("-", ""));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
        cipher.init(
                Cipher.DECRYPT_MODE,
                new SecretKeySpec(BranchKeyWrap.derive(KEY, Arrays.copyOf(ciphertext, 16)), "AES"),
                new GCMParameterSpec(128, ciphertext, 16, 12));
        cipher.updateAAD(("aws-kms-hierarchy" + ID).getBytes(StandardCharsets.UTF_8));
        cipher.updateAAD(Arrays.copyOfRange(ciphertext, 28, 44));
        cipher.updateAAD(HEX.parseHex("0002" + "0001" + "61" + "0001" + "62" + "0002" + "c3bc" + "0001" + "78"));
        assertThat(cipher.doFinal(ciphertext, 44, 48)).isEqualTo(PLAINTEXT);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16, 24, 32, 1024, KeyService.MAX_PLAINTEXT})
    void aKeyComesBack(int length) {
        byte[] plaintext = new byte[length];
        Arrays.fill(plaintext, (byte) 7);
        EncryptedDataKey wrapped = wrap.wrap(branchKey(), plaintext, CONTEXT);
        assertThat(BranchKeyWrap.version(wrapped, KeyService.MAX_PLAINTEXT)).isEqualTo(VERSION);
        try (SecretBytes back = wrap.unwrap(branchKey(), wrapped, CONTEXT)) {
            assertThat(back.copy()).isEqualTo(plaintext);
        }
        assertThat(wrap.wrap(branchKey(), plaintext, CONTEXT).ciphertext())
                .as("fresh salt and IV")
                .isNotEqualTo(wrapped.ciphertext());
    }

    @Test
    void everyFlippedBitIsRefused() {
        byte[] ciphertext = wrap.wrap(branchKey(), PLAINTEXT, CONTEXT).ciphertext();
        for (int bit = 0; bit < 8 * ciphertext.length; bit++) {
            byte[] changed = ciphertext.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            EncryptedDataKey damaged = encrypted(changed);
            UUID version = BranchKeyWrap.version(damaged, KeyService.MAX_PLAINTEXT);
            assertThatThrownBy(() -> wrap.unwrap(branchKey(ID, version, KEY), damaged, CONTEXT))
                    .as("bit %d, with the version that it names", bit)
                    .isInstanceOf(InvalidCiphertextException.class);
        }
    }

    private static EncryptedDataKey encrypted(byte[] ciphertext) {
        return new EncryptedDataKey("aws-kms-hierarchy", ID.getBytes(StandardCharsets.UTF_8), ciphertext);
    }

    @Test
    void everyLengthThatCannotBeIsRefusedBeforeAKeyIsLookedUp() {
        for (int length = 0; length < 16 + 12 + 16 + 1 + 16; length++) {
            EncryptedDataKey cut = encrypted(new byte[length]);
            assertThatThrownBy(() -> BranchKeyWrap.version(cut, KeyService.MAX_PLAINTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
        }
        EncryptedDataKey tooLong = encrypted(new byte[60 + KeyService.MAX_PLAINTEXT + 1]);
        assertThatThrownBy(() -> BranchKeyWrap.version(tooLong, KeyService.MAX_PLAINTEXT))
                .isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] ciphertext = wrap.wrap(branchKey(), PLAINTEXT, CONTEXT).ciphertext();
        for (int length = 61; length < ciphertext.length; length++) {
            EncryptedDataKey cut = encrypted(Arrays.copyOf(ciphertext, length));
            assertThatThrownBy(() -> wrap.unwrap(branchKey(), cut, CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
        }
    }

    @Test
    void anotherContextIdVersionOrKeyIsRefused() {
        EncryptedDataKey wrapped = wrap.wrap(branchKey(), PLAINTEXT, CONTEXT);
        byte[] otherKey = KEY.clone();
        otherKey[31] ^= 1;
        assertThatThrownBy(() -> wrap.unwrap(branchKey(), wrapped, EncryptionContext.empty()))
                .isInstanceOf(InvalidCiphertextException.class);
        for (BranchKey other : new BranchKey[] {
            branchKey("tenant-2", VERSION, KEY), branchKey(ID, UUID.randomUUID(), KEY), branchKey(ID, VERSION, otherKey)
        }) {
            assertThatThrownBy(() -> wrap.unwrap(other, wrapped, CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class)
                    .hasMessageContaining(other.id());
        }
    }

    @Test
    void whatIsOfAnotherKindNamesNoBranchKey() {
        assertThat(BranchKeyWrap.id(new EncryptedDataKey("aws-kms", new byte[] {'a'}, new byte[92])))
                .isEmpty();
        assertThat(BranchKeyWrap.id(new EncryptedDataKey("aws-kms-hierarchy", new byte[] {(byte) 0xff}, new byte[92])))
                .isEmpty();
    }
}
