package dev.kmsenvelope.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.RsaDecryptionService.Padding;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.kms.SigningService.MessageType;
import dev.kmsenvelope.testing.TestVectors;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.params.Ed25519PrivateKeyParameters;
import org.bouncycastle.crypto.params.RSAKeyParameters;
import org.bouncycastle.crypto.params.RSAPrivateCrtKeyParameters;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.crypto.util.PrivateKeyInfoFactory;
import org.bouncycastle.crypto.util.SubjectPublicKeyInfoFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Known answers, by keys that were put into the store. */
class PublishedKeysTest {

    @TempDir
    Path directory;

    private TestStore store;
    private LocalStore opened;
    private LocalKeyService service;

    @BeforeEach
    void open() {
        store = new TestStore(directory);
        store.files.durable = false;
        opened = LocalStore.open(store.settings());
        service = new LocalKeyService(opened);
    }

    @AfterEach
    void close() {
        service.close();
        store.close();
    }

    private KeyId put(KeySpec spec, KeyUsage usage, byte[] material, byte[] publicKey) {
        String id = StoredKey.randomId(store.random).toString();
        StoredKey.Version version =
                StoredKey.Version.first(store.now, new KeyMaterial(SecretBytes.copyOf(material), publicKey));
        opened.update(state ->
                state.withKey(new StoredKey(id, spec, usage, KeyState.ENABLED, store.now, null, 0, List.of(version))));
        return KeyId.of(id);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    @ParameterizedTest
    @CsvSource({"256", "384", "512"})
    void wycheproofHmac(int bits) {
        MacAlgorithm algorithm = MacAlgorithm.valueOf("HMAC_SHA_" + bits);
        MacService macs = service.capability(MacService.class).orElseThrow();
        int tried = 0;
        for (JsonObject test : TestVectors.wycheproof("hmac_sha" + bits + "_test.json")) {
            byte[] key = TestVectors.hex(test, "key");
            byte[] message = TestVectors.hex(test, "msg");
            byte[] tag = TestVectors.hex(test, "tag");
            if (key.length != KeyMaterial.secretLength(KeySpec.valueOf("HMAC_" + bits)) || message.length == 0) {
                continue; // The store has no such keys, and the service takes no such messages.
            }
            KeyId id = put(KeySpec.valueOf("HMAC_" + bits), KeyUsage.GENERATE_VERIFY_MAC, key, new byte[0]);
            byte[] code = Arrays.copyOf(macs.generateMac(id, algorithm, message), tag.length);
            assertThat(Arrays.equals(code, tag))
                    .as("%s", test)
                    .isEqualTo(test.get("result").getAsString().equals("valid"));
            tried++;
        }
        assertThat(tried).isGreaterThan(50);
    }

    @ParameterizedTest
    @CsvSource({"sha1, RSAES_OAEP_SHA_1", "sha256, RSAES_OAEP_SHA_256"})
    void wycheproofRsaOaep(String hash, Padding padding) throws Exception {
        RsaDecryptionService decryption =
                service.capability(RsaDecryptionService.class).orElseThrow();
        JsonObject all = TestVectors.read("wycheproof/rsa_oaep_2048_" + hash + "_mgf1" + hash + "_test.json");
        int valid = 0;
        int invalid = 0;
        for (JsonObject group : TestVectors.objects(all, "testGroups").toList()) {
            byte[] pkcs8 = TestVectors.hex(group, "privateKeyPkcs8");
            RSAPrivateCrtKeyParameters key = (RSAPrivateCrtKeyParameters) PrivateKeyFactory.createKey(pkcs8);
            byte[] publicKey = SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(
                            new RSAKeyParameters(false, key.getModulus(), key.getPublicExponent()))
                    .getEncoded();
            KeyId id = put(KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT, pkcs8, publicKey);
            for (JsonObject test : TestVectors.objects(group, "tests").toList()) {
                byte[] ciphertext = TestVectors.hex(test, "ct");
                boolean decrypts = !test.get("result").getAsString().equals("invalid")
                        && test.get("label").getAsString().isEmpty();
                if (decrypts) {
                    try (SecretBytes plaintext = decryption.decryptRsa(id, padding, ciphertext)) {
                        assertThat(plaintext.copy()).as("%s", test).isEqualTo(TestVectors.hex(test, "msg"));
                    }
                    valid++;
                } else {
                    assertThatThrownBy(() -> decryption.decryptRsa(id, padding, ciphertext))
                            .as("%s", test)
                            .isInstanceOf(InvalidCiphertextException.class);
                    invalid++;
                }
            }
        }
        assertThat(valid).isGreaterThan(5);
        assertThat(invalid).isGreaterThan(5);
    }

    /** RFC 8032, section 7.1, tests 2 and 3. */
    @ParameterizedTest
    @CsvSource({
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb, 72,"
                + "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7, af82,"
                + "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    })
    void ed25519OfRfc8032(String seed, String message, String signature) throws IOException {
        Ed25519PrivateKeyParameters key = new Ed25519PrivateKeyParameters(hex(seed));
        PrivateKeyInfo privateKey = PrivateKeyInfoFactory.createPrivateKeyInfo(key);
        SubjectPublicKeyInfo publicKey =
                SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(key.generatePublicKey());
        KeyId id = put(
                KeySpec.ECC_NIST_EDWARDS25519, KeyUsage.SIGN_VERIFY, privateKey.getEncoded(), publicKey.getEncoded());
        assertThat(service.capability(SigningService.class)
                        .orElseThrow()
                        .sign(id, SigningAlgorithm.ED25519_SHA_512, MessageType.RAW, hex(message)))
                .isEqualTo(hex(signature));
    }

    /** RFC 5903, section 8.1: the random ECP group of 256 bits. */
    @Test
    void ecdhOfRfc5903() throws IOException {
        BigInteger initiator = new BigInteger("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433", 16);
        BigInteger responder = new BigInteger("C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53", 16);
        byte[] secret = hex("D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE");
        KeyAgreementService agreements =
                service.capability(KeyAgreementService.class).orElseThrow();
        try (SecretBytes one = agreements.deriveSharedSecret(putP256(initiator), publicP256(responder));
                SecretBytes two = agreements.deriveSharedSecret(putP256(responder), publicP256(initiator))) {
            assertThat(one.copy()).isEqualTo(secret);
            assertThat(two.copy()).isEqualTo(secret);
        }
    }

    private KeyId putP256(BigInteger number) throws IOException {
        PrivateKeyInfo privateKey =
                PrivateKeyInfoFactory.createPrivateKeyInfo(new ECPrivateKeyParameters(number, p256()));
        return put(KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT, privateKey.getEncoded(), publicP256(number));
    }

    private static byte[] publicP256(BigInteger number) throws IOException {
        ECPublicKeyParameters point = new ECPublicKeyParameters(p256().getG().multiply(number), p256());
        return SubjectPublicKeyInfoFactory.createSubjectPublicKeyInfo(point).getEncoded();
    }

    private static ECNamedDomainParameters p256() {
        ASN1ObjectIdentifier name = SECObjectIdentifiers.secp256r1;
        return ECNamedDomainParameters.lookup(name);
    }
}
