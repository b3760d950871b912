package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.AESDecrypter;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSADecrypter;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.PrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import javax.crypto.SecretKey;
import org.jose4j.jca.ProviderContext;
import org.jose4j.jwe.ContentEncryptionAlgorithmIdentifiers;
import org.jose4j.jwe.JsonWebEncryption;
import org.jose4j.jwe.KeyManagementAlgorithmIdentifiers;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;

/** jose4j. What it makes is opened by Nimbus JOSE+JWT too, where that can. */
@Program(area = Area.JOSE, name = "jose4j", of = JsonWebEncryption.class)
class Jose4jTest {

    private static final String OTHER = "Nimbus JOSE+JWT";

    /** The name of this one where it reads what the other wrote, given the bytes of the key. */
    static final String WITH_RAW_KEY = "jose4j with the raw key";

    private static final ProviderContext DEFAULTS = new ProviderContext();

    @Check(
            what = "JWE dir, A256GCM",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM})
    void direct(Trial trial, TestKeys keys, HeldKey key) {
        trial.cannot(
                "asks for the key's bytes, by `getEncoded()`",
                NullPointerException.class,
                "rawCek",
                () -> encryptAndDecrypt(KeyManagementAlgorithmIdentifiers.DIRECT, keys.secret(key)));
    }

    @Check(what = "JWE dir, A256GCM", key = HeldKey.FILE_EXTRACTABLE)
    void directWithAnExtractableKey(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.worksWith(
                TestKeys.EXTRACTABLE,
                NullPointerException.class,
                () -> encryptAndDecrypt(KeyManagementAlgorithmIdentifiers.DIRECT, keys.secret(HeldKey.FILE_GCM)),
                () -> encryptAndDecrypt(KeyManagementAlgorithmIdentifiers.DIRECT, key));
        trial.alsoOpenedBy(
                OTHER,
                () -> assertThat(NimbusTest.decrypt(
                                encrypt(KeyManagementAlgorithmIdentifiers.DIRECT, key), new DirectDecrypter(key)))
                        .isEqualTo(Texts.TEXT));
    }

    @Check(
            what = "JWE A256GCMKW",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM})
    void gcmKeyWrapping(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        wraps(trial, KeyManagementAlgorithmIdentifiers.A256GCMKW, keys, key);
    }

    @Check(
            what = "JWE A256KW",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_KW})
    void keyWrapping(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        wraps(trial, KeyManagementAlgorithmIdentifiers.A256KW, keys, key);
    }

    @Check(what = "JWE A256KW", key = HeldKey.FILE_GCM)
    void keyWrappingUnderAKeyForAnotherUse(Trial trial, TestKeys keys, HeldKey key) {
        trial.cannot(
                "the data key is for another use",
                InvalidKeyException.class,
                "is for AES/GCM/NoPadding and nothing else",
                () -> encryptAndDecrypt(KeyManagementAlgorithmIdentifiers.A256KW, keys.secret(key)));
    }

    private static void wraps(Trial trial, String algorithm, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.works(() -> encryptAndDecrypt(algorithm, key));
        if (held != HeldKey.SERVICE_AES) {
            trial.alsoOpenedBy(
                    NimbusTest.WITH_RAW_KEY,
                    () -> assertThat(NimbusTest.decrypt(
                                    encrypt(algorithm, key), new AESDecrypter(keys.inTheClear(held))))
                            .isEqualTo(Texts.TEXT));
        }
    }

    private static void encryptAndDecrypt(String algorithm, SecretKey key) throws Exception {
        assertThat(decrypt(encrypt(algorithm, key), key)).isEqualTo(Texts.TEXT);
    }

    @Check(
            what = "JWE RSA-OAEP-256",
            key = {HeldKey.SERVICE_RSA, HeldKey.FILE_RSA})
    void oaep(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry inbox = keys.inbox(key);
        String message = encrypt(
                KeyManagementAlgorithmIdentifiers.RSA_OAEP_256,
                inbox.getCertificate().getPublicKey());
        trial.works(() -> assertThat(decrypt(message, inbox.getPrivateKey())).isEqualTo(Texts.TEXT));
        trial.alsoOpenedBy(
                OTHER,
                () -> assertThat(NimbusTest.decrypt(message, new RSADecrypter(inbox.getPrivateKey())))
                        .isEqualTo(Texts.TEXT));
    }

    @Check(
            what = "JWS RS256",
            key = {HeldKey.SERVICE_RSA, HeldKey.FILE_RSA})
    void rs256(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry rsa = keys.pair(key);
        RSAPublicKey publicKey = (RSAPublicKey) rsa.getCertificate().getPublicKey();
        trial.works(
                () -> verify(sign(AlgorithmIdentifiers.RSA_USING_SHA256, rsa.getPrivateKey(), DEFAULTS), publicKey));
        trial.alsoOpenedBy(
                OTHER,
                () -> NimbusTest.verify(
                        sign(AlgorithmIdentifiers.RSA_USING_SHA256, rsa.getPrivateKey(), DEFAULTS),
                        new RSASSAVerifier(publicKey)));
    }

    @Check(what = "JWS PS256", key = HeldKey.SERVICE_RSA)
    void ps256(Trial trial, TestKeys keys) throws Exception {
        PrivateKeyEntry rsa = keys.pair(HeldKey.SERVICE_RSA);
        RSAPublicKey publicKey = (RSAPublicKey) rsa.getCertificate().getPublicKey();
        ProviderContext named = new ProviderContext();
        named.getSuppliedKeyProviderContext().setSignatureProvider(KmsEnvelopeProvider.NAME);
        trial.worksWith(
                PssProgram.SETTING + ", or `setSignatureProvider(...)` of the ProviderContext",
                InvalidKeyException.class,
                () -> ps256(rsa.getPrivateKey(), publicKey),
                () -> {
                    PssProgram.runWithThePreference(PssProgram.Library.JOSE4J, keys.file());
                    verify(sign(AlgorithmIdentifiers.RSA_PSS_USING_SHA256, rsa.getPrivateKey(), named), publicKey);
                });
        trial.alsoOpenedBy(
                OTHER,
                () -> NimbusTest.verify(
                        sign(AlgorithmIdentifiers.RSA_PSS_USING_SHA256, rsa.getPrivateKey(), named),
                        new RSASSAVerifier(publicKey)));
    }

    @Check(what = "JWS PS256", key = HeldKey.FILE_RSA)
    void ps256OfAFile(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry rsa = keys.pair(key);
        RSAPublicKey publicKey = (RSAPublicKey) rsa.getCertificate().getPublicKey();
        trial.works(() -> ps256(rsa.getPrivateKey(), publicKey));
        trial.alsoOpenedBy(
                OTHER,
                () -> NimbusTest.verify(
                        sign(AlgorithmIdentifiers.RSA_PSS_USING_SHA256, rsa.getPrivateKey(), DEFAULTS),
                        new RSASSAVerifier(publicKey)));
    }

    /** Nothing names the provider. */
    static void ps256(PrivateKey privateKey, RSAPublicKey publicKey) throws Exception {
        verify(sign(AlgorithmIdentifiers.RSA_PSS_USING_SHA256, privateKey, DEFAULTS), publicKey);
    }

    @Check(
            what = "JWS ES256",
            key = {HeldKey.SERVICE_EC, HeldKey.FILE_EC})
    void es256(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry ec = keys.pair(key);
        ECPublicKey publicKey = (ECPublicKey) ec.getCertificate().getPublicKey();
        trial.works(() -> verify(
                sign(AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256, ec.getPrivateKey(), DEFAULTS), publicKey));
        trial.alsoOpenedBy(
                OTHER,
                () -> NimbusTest.verify(
                        sign(AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256, ec.getPrivateKey(), DEFAULTS),
                        new ECDSAVerifier(publicKey)));
    }

    @Check(
            what = "JWS HS256",
            key = {HeldKey.SERVICE_HMAC, HeldKey.FILE_HMAC})
    void hs256(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.works(() -> verify(sign(AlgorithmIdentifiers.HMAC_SHA256, key, DEFAULTS), key));
        trial.alsoOpenedBy(
                OTHER,
                () -> NimbusTest.verify(sign(AlgorithmIdentifiers.HMAC_SHA256, key, DEFAULTS), new MACVerifier(key)));
        if (held == HeldKey.FILE_HMAC) {
            trial.alsoOpenedBy(
                    NimbusTest.WITH_RAW_KEY,
                    () -> NimbusTest.verify(
                            sign(AlgorithmIdentifiers.HMAC_SHA256, key, DEFAULTS),
                            new MACVerifier(keys.inTheClear(held))));
        }
    }

    private static String encrypt(String algorithm, Key key) throws Exception {
        JsonWebEncryption message = new JsonWebEncryption();
        message.setAlgorithmHeaderValue(algorithm);
        message.setEncryptionMethodHeaderParameter(ContentEncryptionAlgorithmIdentifiers.AES_256_GCM);
        message.setKey(key);
        message.setPayload(Texts.TEXT);
        return message.getCompactSerialization();
    }

    static String decrypt(String message, Key key) throws Exception {
        JsonWebEncryption parsed = new JsonWebEncryption();
        parsed.setCompactSerialization(message);
        parsed.setKey(key);
        return parsed.getPayload();
    }

    private static String sign(String algorithm, Key key, ProviderContext providers) throws Exception {
        JsonWebSignature message = new JsonWebSignature();
        message.setAlgorithmHeaderValue(algorithm);
        message.setProviderContext(providers);
        message.setKey(key);
        message.setPayload(Texts.TEXT);
        return message.getCompactSerialization();
    }

    static void verify(String message, Key key) throws Exception {
        JsonWebSignature parsed = new JsonWebSignature();
        parsed.setCompactSerialization(message);
        parsed.setKey(key);
        assertThat(parsed.verifySignature()).isTrue();
        assertThat(parsed.getPayload()).isEqualTo(Texts.TEXT);
    }
}
