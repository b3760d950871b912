package dev.kmsenvelope.keyring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.DataKey;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import com.amazonaws.encryptionsdk.model.KeyBlob;
import dev.kmsenvelope.crypto.OaepHash;
import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.crypto.RsaOaep;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.testing.RawRsaProvider;
import dev.kmsenvelope.testing.RsaKeys;
import dev.kmsenvelope.testing.TestEngine;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.MGF1ParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RawRsaKeyringTest {

    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "a"));
    private static final byte[] DATA_KEY = TestEngine.randomBytes(32, 1);
    private static final SecureRandom RANDOM = OsRandom.create();
    private static final KeyPair PAIR = RsaKeys.first();

    private static RsaOaep key(KeyPair pair, Provider token, OaepHash hash) throws InvalidKeyException {
        return RsaOaep.ofKeyPair((RSAPublicKey) pair.getPublic(), pair.getPrivate(), token, hash);
    }

    private static RawRsaKeyring keyring(OaepHash hash) throws InvalidKeyException {
        return new RawRsaKeyring("space", "näme", key(PAIR, null, hash), RANDOM);
    }

    private static RawRsaKeyring throughRawRsa(OaepHash hash) throws InvalidKeyException {
        return new RawRsaKeyring("space", "näme", key(PAIR, new RawRsaProvider("RSA/ECB/NoPadding"), hash), RANDOM);
    }

    private static OAEPParameterSpec oaep(String hash, String mgf1Hash) {
        return new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(mgf1Hash), PSource.PSpecified.DEFAULT);
    }

    private static byte[] encrypt(OAEPParameterSpec padding, byte[] plaintext) throws Exception {
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding", "SunJCE");
        cipher.init(Cipher.ENCRYPT_MODE, PAIR.getPublic(), padding);
        return cipher.doFinal(plaintext);
    }

    private static EncryptedDataKey encrypted(byte[] ciphertext) {
        return new EncryptedDataKey("space", "näme".getBytes(StandardCharsets.UTF_8), ciphertext);
    }

    private static byte[] bytes(SecretBytes secret) {
        try (secret) {
            return secret.copy();
        }
    }

    @ParameterizedTest
    @EnumSource
    void layoutAndPaddingAreAsTheSpecificationSays(OaepHash hash) throws Exception {
        EncryptedDataKey wrapped = keyring(hash).wrap(DATA_KEY, CONTEXT);

        assertThat(wrapped.providerId()).isEqualTo("space");
        assertThat(wrapped.providerInfo()).isEqualTo("näme".getBytes(StandardCharsets.UTF_8));
        assertThat(wrapped.ciphertext()).hasSize(256);
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding", "SunJCE");
        cipher.init(Cipher.DECRYPT_MODE, PAIR.getPrivate(), oaep(hash.algorithm(), hash.algorithm()));
        assertThat(cipher.doFinal(wrapped.ciphertext())).isEqualTo(DATA_KEY);
        for (RawRsaKeyring keyring : List.of(keyring(hash), throughRawRsa(hash))) {
            assertThat(bytes(keyring.unwrap(wrapped, CONTEXT))).isEqualTo(DATA_KEY);
            assertThat(bytes(keyring.unwrap(wrapped, EncryptionContext.empty())))
                    .as("RSA binds no context")
                    .isEqualTo(DATA_KEY);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theAwsEncryptionSdkOpensItAndTheReverse(OaepHash hash) throws Exception {
        JceMasterKey sdk = JceMasterKey.getInstance(
                PAIR.getPublic(),
                PAIR.getPrivate(),
                "space",
                "näme",
                "RSA/ECB/OAEPWith" + hash.algorithm() + "AndMGF1Padding");
        CryptoAlgorithm suite = CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY;
        for (RawRsaKeyring keyring : List.of(keyring(hash), throughRawRsa(hash))) {
            EncryptedDataKey ours = keyring.wrap(DATA_KEY, CONTEXT);
            DataKey<JceMasterKey> opened = sdk.decryptDataKey(
                    suite,
                    List.of(new KeyBlob(ours.providerId(), ours.providerInfo(), ours.ciphertext())),
                    CONTEXT.asMap());
            assertThat(opened.getKey().getEncoded()).isEqualTo(DATA_KEY);

            DataKey<JceMasterKey> theirs = sdk.generateDataKey(suite, CONTEXT.asMap());
            assertThat(bytes(keyring.unwrap(
                            new EncryptedDataKey(
                                    theirs.getProviderId(),
                                    theirs.getProviderInformation(),
                                    theirs.getEncryptedDataKey()),
                            CONTEXT)))
                    .isEqualTo(theirs.getKey().getEncoded());
        }
    }

    @Test
    @DisplayName("RULES 12: whatever is wrong with a ciphertext has one type, one text and no cause")
    void everyFaultLooksTheSame() throws Exception {
        byte[] good = keyring(OaepHash.SHA_256).wrap(DATA_KEY, CONTEXT).ciphertext();
        BigInteger modulus = ((RSAPublicKey) PAIR.getPublic()).getModulus();
        List<byte[]> faults = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 24; i++) {
            byte[] flipped = good.clone();
            int bit = random.nextInt(8 * good.length);
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            faults.add(flipped);
            faults.add(Arrays.copyOf(good, random.nextInt(good.length)));
        }
        faults.add(Arrays.copyOf(good, good.length + 1));
        byte[] zeroBefore = new byte[good.length + 1];
        System.arraycopy(good, 0, zeroBefore, 1, good.length);
        faults.add(zeroBefore);
        faults.add(new byte[0]);
        faults.add(new byte[256]);
        byte[] one = new byte[256];
        one[255] = 1;
        faults.add(one);
        byte[] most = new byte[256];
        Arrays.fill(most, (byte) 0xFF);
        faults.add(most);
        faults.add(fixedLength(modulus));
        faults.add(fixedLength(modulus.subtract(BigInteger.ONE)));
        faults.add(encrypt(oaep("SHA-1", "SHA-1"), DATA_KEY));
        faults.add(encrypt(oaep("SHA-256", "SHA-1"), DATA_KEY));
        faults.add(encrypt(oaep("SHA-1", "SHA-256"), DATA_KEY));
        faults.add(encrypt(oaep("SHA-512", "SHA-512"), DATA_KEY));
        faults.add(encrypt(
                new OAEPParameterSpec(
                        "SHA-256", "MGF1", MGF1ParameterSpec.SHA256, new PSource.PSpecified(new byte[] {1})),
                DATA_KEY));
        Cipher v15 = Cipher.getInstance("RSA/ECB/PKCS1Padding", "SunJCE");
        v15.init(Cipher.ENCRYPT_MODE, PAIR.getPublic());
        faults.add(v15.doFinal(DATA_KEY));
        Cipher raw = Cipher.getInstance("RSA/ECB/NoPadding", "SunJCE");
        raw.init(Cipher.ENCRYPT_MODE, PAIR.getPublic());
        byte[] notZeroFirst = new byte[256];
        notZeroFirst[0] = 1;
        faults.add(raw.doFinal(notZeroFirst));
        faults.add(new RawRsaKeyring("space", "näme", key(RsaKeys.second(), null, OaepHash.SHA_256), RANDOM)
                .wrap(DATA_KEY, CONTEXT)
                .ciphertext());

        for (RawRsaKeyring keyring : List.of(keyring(OaepHash.SHA_256), throughRawRsa(OaepHash.SHA_256))) {
            Set<String> texts = new HashSet<>();
            for (byte[] fault : faults) {
                Throwable thrown = catchThrowable(() -> keyring.unwrap(encrypted(fault), CONTEXT));
                assertThat(thrown)
                        .isExactlyInstanceOf(InvalidCiphertextException.class)
                        .hasNoCause();
                texts.add(thrown.getMessage());
            }
            assertThat(texts).hasSize(1);
            assertThat(bytes(keyring.unwrap(encrypted(good), CONTEXT))).isEqualTo(DATA_KEY);
        }
    }

    private static byte[] fixedLength(BigInteger number) {
        byte[] bytes = number.toByteArray();
        return Arrays.copyOfRange(bytes, bytes.length - 256, bytes.length);
    }

    @Test
    void aShortNumberIsNoOtherFormOfTheSameCiphertext() throws Exception {
        RawRsaKeyring keyring = keyring(OaepHash.SHA_256);
        EncryptedDataKey wrapped;
        do {
            wrapped = keyring.wrap(DATA_KEY, CONTEXT);
        } while (wrapped.ciphertext()[0] != 0);
        byte[] ciphertext = wrapped.ciphertext();

        assertThat(bytes(keyring.unwrap(wrapped, CONTEXT))).isEqualTo(DATA_KEY);
        assertThat(bytes(throughRawRsa(OaepHash.SHA_256).unwrap(wrapped, CONTEXT)))
                .isEqualTo(DATA_KEY);
        assertThatThrownBy(() -> keyring.unwrap(encrypted(Arrays.copyOfRange(ciphertext, 1, 256)), CONTEXT))
                .isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void otherNamespacesAndNamesAreNotForIt() throws Exception {
        RawRsaKeyring keyring = keyring(OaepHash.SHA_256);
        EncryptedDataKey good = keyring.wrap(DATA_KEY, CONTEXT);
        assertThat(keyring.isFor(good)).isTrue();
        byte[] name = good.providerInfo();
        for (EncryptedDataKey other : List.of(
                new EncryptedDataKey("spice", name, good.ciphertext()),
                new EncryptedDataKey("space", Arrays.copyOf(name, name.length - 1), good.ciphertext()),
                new EncryptedDataKey("space", Arrays.copyOf(name, name.length + 1), good.ciphertext()),
                new EncryptedDataKey("space", Arrays.copyOf(name, name.length + 20), good.ciphertext()),
                new EncryptedDataKey("space", new byte[0], good.ciphertext()))) {
            assertThat(keyring.isFor(other)).isFalse();
            assertThatThrownBy(() -> keyring.unwrap(other, CONTEXT)).isInstanceOf(InvalidCiphertextException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"SHA_1, 214", "SHA_256, 190", "SHA_384, 158", "SHA_512, 126"})
    void plaintextsAreLimitedByModulusAndHash(OaepHash hash, int most) throws Exception {
        RawRsaKeyring keyring = keyring(hash);
        byte[] longest = TestEngine.randomBytes(most, 3);
        EncryptedDataKey wrapped = keyring.wrap(longest, CONTEXT);
        assertThat(bytes(keyring.unwrap(wrapped, CONTEXT))).isEqualTo(longest);
        assertThat(bytes(throughRawRsa(hash).unwrap(wrapped, CONTEXT))).isEqualTo(longest);
        assertThatThrownBy(() -> keyring.wrap(new byte[most + 1], CONTEXT))
                .isInstanceOf(InvalidKeyUsageException.class)
                .hasMessageContaining("at most " + most + " bytes");
    }

    @Test
    void aPublicKeyEncryptsAndIsRefusedToDecrypt() throws Exception {
        RsaOaep publicOnly = RsaOaep.ofPublicKey((RSAPublicKey) PAIR.getPublic(), OaepHash.SHA_256);
        RawRsaKeyring keyring = new RawRsaKeyring("space", "näme", publicOnly, RANDOM);
        EncryptedDataKey wrapped = keyring.wrap(DATA_KEY, CONTEXT);
        assertThat(bytes(keyring(OaepHash.SHA_256).unwrap(wrapped, CONTEXT))).isEqualTo(DATA_KEY);
        assertThatThrownBy(() -> keyring.unwrap(wrapped, CONTEXT))
                .isInstanceOf(KeyAccessDeniedException.class)
                .hasMessageContaining("public key only");
        assertThatThrownBy(() -> publicOnly.decrypt(wrapped.ciphertext())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("RULES 12: a private key whose provider knows PKCS#1 v1.5 only is refused")
    void noOtherPaddingIsFallenBackTo() {
        assertThatThrownBy(() -> key(PAIR, new RawRsaProvider("RSA/ECB/PKCS1Padding"), OaepHash.SHA_256))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("neither RSA/ECB/OAEPPadding nor RSA/ECB/NoPadding");
    }

    @Test
    void aFailingTokenIsNotAWrongCiphertext() throws Exception {
        RawRsaProvider token = new RawRsaProvider("RSA/ECB/NoPadding");
        RawRsaKeyring keyring = new RawRsaKeyring("space", "näme", key(PAIR, token, OaepHash.SHA_256), RANDOM);
        EncryptedDataKey wrapped = keyring.wrap(DATA_KEY, CONTEXT);
        bytes(keyring.unwrap(wrapped, CONTEXT));
        assertThat(token.decryptions).isEqualTo(1);
        token.failing = true;
        assertThatThrownBy(() -> keyring.unwrap(wrapped, CONTEXT))
                .isInstanceOf(ProviderException.class)
                .isNotInstanceOf(InvalidCiphertextException.class)
                .hasMessageContaining("CKR_DEVICE_REMOVED");
    }

    @Test
    void keysOfOtherLengthsAreRefused() {
        for (int bits : new int[] {512, 1024, 2047}) {
            RSAPublicKey weak = (RSAPublicKey) RsaKeys.pair("weak", bits).getPublic();
            assertThatThrownBy(() -> RsaOaep.ofPublicKey(weak, OaepHash.SHA_256))
                    .isInstanceOf(InvalidKeyException.class)
                    .hasMessageContaining(bits + " bits")
                    .hasMessageContaining("2048");
        }
        assertThatThrownBy(() -> RsaOaep.ofPublicKey(hostile(BigInteger.ONE.shiftLeft(20000), 65537), OaepHash.SHA_256))
                .isInstanceOf(InvalidKeyException.class)
                .hasMessageContaining("20001 bits");
        BigInteger modulus = ((RSAPublicKey) PAIR.getPublic()).getModulus();
        assertThatThrownBy(() -> RsaOaep.ofPublicKey(hostile(modulus, 1), OaepHash.SHA_256))
                .as("the exponent 1 would encrypt nothing")
                .isInstanceOf(InvalidKeyException.class);
    }

    private static RSAPublicKey hostile(BigInteger modulus, long exponent) {
        return new RSAPublicKey() {
            private static final long serialVersionUID = 1L;

            @Override
            public BigInteger getPublicExponent() {
                return BigInteger.valueOf(exponent);
            }

            @Override
            public BigInteger getModulus() {
                return modulus;
            }

            @Override
            public String getAlgorithm() {
                return "RSA";
            }

            @Override
            public String getFormat() {
                return "X.509";
            }

            @Override
            public byte[] getEncoded() {
                return new byte[0];
            }
        };
    }

    @Test
    @DisplayName("RULES 16: closing lets go of the private key")
    void closing() throws Exception {
        RsaOaep key = key(PAIR, null, OaepHash.SHA_256);
        byte[] ciphertext = key.encrypt(DATA_KEY, RANDOM);
        key.close();
        key.close();
        assertThatThrownBy(() -> key.decrypt(ciphertext)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> key.encrypt(DATA_KEY, RANDOM)).isInstanceOf(IllegalStateException.class);
        for (var field : RsaOaep.class.getDeclaredFields()) {
            if (PrivateKey.class.isAssignableFrom(field.getType())) {
                field.setAccessible(true);
                assertThat(field.get(key)).isNull();
            }
        }
    }

    @Test
    void everyEncryptionDiffers() throws Exception {
        RawRsaKeyring keyring = keyring(OaepHash.SHA_256);
        Set<String> ciphertexts = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            ciphertexts.add(Arrays.toString(keyring.wrap(DATA_KEY, CONTEXT).ciphertext()));
        }
        assertThat(ciphertexts).hasSize(100);
    }
}
