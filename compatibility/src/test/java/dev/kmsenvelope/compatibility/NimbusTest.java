package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEObject;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEDecrypter;
import com.nimbusds.jose.JWEEncrypter;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.KeyLengthException;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.AESDecrypter;
import com.nimbusds.jose.crypto.AESEncrypter;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.crypto.RSADecrypter;
import com.nimbusds.jose.crypto.RSAEncrypter;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.security.InvalidKeyException;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.PrivateKey;
import java.security.Security;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import javax.crypto.SecretKey;

/** Nimbus JOSE+JWT. What it makes is opened by jose4j too, where that can. */
@Program(area = Area.JOSE, name = "Nimbus JOSE+JWT", of = JOSEObject.class)
class NimbusTest {

    private static final String OTHER = "jose4j";

    /** The name of this one where it reads what the other wrote, given the bytes of the key. */
    static final String WITH_RAW_KEY = "Nimbus JOSE+JWT with the raw key";

    @Check(
            what = "JWE dir, A256GCM",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM})
    void direct(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.works(() -> {
            String message = encrypt(JWEAlgorithm.DIR, new DirectEncrypter(key));
            assertThat(decrypt(message, new DirectDecrypter(key))).isEqualTo(Texts.TEXT);
        });
        if (held == HeldKey.FILE_GCM) {
            trial.alsoOpenedBy(
                    Jose4jTest.WITH_RAW_KEY,
                    () -> assertThat(Jose4jTest.decrypt(
                                    encrypt(JWEAlgorithm.DIR, new DirectEncrypter(key)), keys.inTheClear(held)))
                            .isEqualTo(Texts.TEXT));
        }
    }

    @Check(
            what = "JWE A256GCMKW",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM})
    void gcmKeyWrapping(Trial trial, TestKeys keys, HeldKey key) {
        cannotWrap(trial, JWEAlgorithm.A256GCMKW, keys, key);
    }

    @Check(what = "JWE A256GCMKW", key = HeldKey.FILE_EXTRACTABLE)
    void gcmKeyWrappingWithAnExtractableKey(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        wrapsWithAnExtractableKey(trial, JWEAlgorithm.A256GCMKW, keys.secret(HeldKey.FILE_GCM), keys.secret(key));
    }

    @Check(
            what = "JWE A256KW",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_KW})
    void keyWrapping(Trial trial, TestKeys keys, HeldKey key) {
        cannotWrap(trial, JWEAlgorithm.A256KW, keys, key);
    }

    @Check(what = "JWE A256KW", key = HeldKey.FILE_EXTRACTABLE)
    void keyWrappingWithAnExtractableKey(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        wrapsWithAnExtractableKey(trial, JWEAlgorithm.A256KW, keys.secret(HeldKey.FILE_KW), keys.secret(key));
    }

    private static void cannotWrap(Trial trial, JWEAlgorithm algorithm, TestKeys keys, HeldKey key) {
        trial.cannot(
                "asks for the key's length, by `getEncoded()`",
                KeyLengthException.class,
                "Key length",
                () -> wrapAndUnwrap(algorithm, keys.secret(key)));
    }

    private static void wrapsWithAnExtractableKey(
            Trial trial, JWEAlgorithm algorithm, SecretKey opaque, SecretKey extractable) throws Exception {
        trial.worksWith(
                TestKeys.EXTRACTABLE,
                KeyLengthException.class,
                () -> wrapAndUnwrap(algorithm, opaque),
                () -> wrapAndUnwrap(algorithm, extractable));
        trial.alsoOpenedBy(
                OTHER,
                () -> assertThat(Jose4jTest.decrypt(encrypt(algorithm, new AESEncrypter(extractable)), extractable))
                        .isEqualTo(Texts.TEXT));
    }

    private static void wrapAndUnwrap(JWEAlgorithm algorithm, SecretKey key) throws Exception {
        assertThat(decrypt(encrypt(algorithm, new AESEncrypter(key)), new AESDecrypter(key)))
                .isEqualTo(Texts.TEXT);
    }

    @Check(
            what = "JWE RSA-OAEP-256",
            key = {HeldKey.SERVICE_RSA, HeldKey.FILE_RSA})
    void oaep(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry inbox = keys.inbox(key);
        String message = encrypt(JWEAlgorithm.RSA_OAEP_256, new RSAEncrypter((RSAPublicKey)
                inbox.getCertificate().getPublicKey()));
        trial.works(() -> assertThat(decrypt(message, new RSADecrypter(inbox.getPrivateKey())))
                .isEqualTo(Texts.TEXT));
        trial.alsoOpenedBy(
                OTHER,
                () -> assertThat(Jose4jTest.decrypt(message, inbox.getPrivateKey()))
                        .isEqualTo(Texts.TEXT));
    }

    @Check(
            what = "JWS RS256",
            key = {HeldKey.SERVICE_RSA, HeldKey.FILE_RSA})
    void rs256(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry rsa = keys.pair(key);
        RSAPublicKey publicKey = (RSAPublicKey) rsa.getCertificate().getPublicKey();
        trial.works(() ->
                verify(sign(JWSAlgorithm.RS256, new RSASSASigner(rsa.getPrivateKey())), new RSASSAVerifier(publicKey)));
        trial.alsoOpenedBy(
                OTHER,
                () -> Jose4jTest.verify(sign(JWSAlgorithm.RS256, new RSASSASigner(rsa.getPrivateKey())), publicKey));
    }

    @Check(what = "JWS PS256", key = HeldKey.SERVICE_RSA)
    void ps256(Trial trial, TestKeys keys) throws Exception {
        PrivateKeyEntry rsa = keys.pair(HeldKey.SERVICE_RSA);
        RSAPublicKey publicKey = (RSAPublicKey) rsa.getCertificate().getPublicKey();
        trial.worksWith(
                PssProgram.SETTING + ", or `getJCAContext().setProvider(...)` of the signer",
                InvalidKeyException.class,
                () -> ps256(rsa.getPrivateKey(), publicKey),
                () -> {
                    PssProgram.runWithThePreference(PssProgram.Library.NIMBUS, keys.file());
                    RSASSASigner signer = new RSASSASigner(rsa.getPrivateKey());
                    signer.getJCAContext().setProvider(Security.getProvider(KmsEnvelopeProvider.NAME));
                    String message = sign(JWSAlgorithm.PS256, signer);
                    verify(message, new RSASSAVerifier(publicKey));
                    Jose4jTest.verify(message, publicKey);
                });
        trial.alsoOpenedBy(OTHER, () -> {
            RSASSASigner signer = new RSASSASigner(rsa.getPrivateKey());
            signer.getJCAContext().setProvider(Security.getProvider(KmsEnvelopeProvider.NAME));
            Jose4jTest.verify(sign(JWSAlgorithm.PS256, signer), publicKey);
        });
    }

    @Check(what = "JWS PS256", key = HeldKey.FILE_RSA)
    void ps256OfAFile(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry rsa = keys.pair(key);
        RSAPublicKey publicKey = (RSAPublicKey) rsa.getCertificate().getPublicKey();
        trial.works(() -> ps256(rsa.getPrivateKey(), publicKey));
        trial.alsoOpenedBy(
                OTHER,
                () -> Jose4jTest.verify(sign(JWSAlgorithm.PS256, new RSASSASigner(rsa.getPrivateKey())), publicKey));
    }

    /** Nothing names the provider. */
    static void ps256(PrivateKey privateKey, RSAPublicKey publicKey) throws Exception {
        verify(sign(JWSAlgorithm.PS256, new RSASSASigner(privateKey)), new RSASSAVerifier(publicKey));
    }

    @Check(
            what = "JWS ES256",
            key = {HeldKey.SERVICE_EC, HeldKey.FILE_EC})
    void es256(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry ec = keys.pair(key);
        ECPublicKey publicKey = (ECPublicKey) ec.getCertificate().getPublicKey();
        trial.works(() -> verify(
                sign(JWSAlgorithm.ES256, new ECDSASigner(ec.getPrivateKey(), Curve.P_256)),
                new ECDSAVerifier(publicKey)));
        trial.alsoOpenedBy(
                OTHER,
                () -> Jose4jTest.verify(
                        sign(JWSAlgorithm.ES256, new ECDSASigner(ec.getPrivateKey(), Curve.P_256)), publicKey));
    }

    @Check(
            what = "JWS HS256",
            key = {HeldKey.SERVICE_HMAC, HeldKey.FILE_HMAC})
    void hs256(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.works(() -> verify(sign(JWSAlgorithm.HS256, new MACSigner(key)), new MACVerifier(key)));
        trial.alsoOpenedBy(OTHER, () -> Jose4jTest.verify(sign(JWSAlgorithm.HS256, new MACSigner(key)), key));
        if (held == HeldKey.FILE_HMAC) {
            trial.alsoOpenedBy(
                    Jose4jTest.WITH_RAW_KEY,
                    () -> Jose4jTest.verify(sign(JWSAlgorithm.HS256, new MACSigner(key)), keys.inTheClear(held)));
        }
    }

    private static String encrypt(JWEAlgorithm algorithm, JWEEncrypter encrypter) throws Exception {
        JWEObject message = new JWEObject(new JWEHeader(algorithm, EncryptionMethod.A256GCM), new Payload(Texts.TEXT));
        message.encrypt(encrypter);
        return message.serialize();
    }

    static String decrypt(String message, JWEDecrypter decrypter) throws Exception {
        JWEObject parsed = JWEObject.parse(message);
        parsed.decrypt(decrypter);
        return parsed.getPayload().toString();
    }

    private static String sign(JWSAlgorithm algorithm, JWSSigner signer) throws Exception {
        JWSObject message = new JWSObject(new JWSHeader(algorithm), new Payload(Texts.TEXT));
        message.sign(signer);
        return message.serialize();
    }

    static void verify(String message, JWSVerifier verifier) throws Exception {
        JWSObject parsed = JWSObject.parse(message);
        assertThat(parsed.verify(verifier)).isTrue();
        assertThat(parsed.getPayload()).hasToString(Texts.TEXT);
    }
}
