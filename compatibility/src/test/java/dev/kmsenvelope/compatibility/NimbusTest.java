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

/** Nimbus JOSE+JWT. What it makes is opened by jose4j too, where that can. */
@Program(area = Area.JOSE, name = "Nimbus JOSE+JWT", of = JOSEObject.class)
class NimbusTest {

    private static final String OTHER = "jose4j";

    @Check(what = "JWE dir, A256GCM", key = HeldKey.SERVICE_AES)
    void direct(Trial trial, TestKeys keys) throws Exception {
        trial.works(() -> {
            String message = encrypt(JWEAlgorithm.DIR, new DirectEncrypter(keys.aes()));
            assertThat(decrypt(message, new DirectDecrypter(keys.aes()))).isEqualTo(Texts.TEXT);
        });
    }

    @Check(what = "JWE A256GCMKW", key = HeldKey.SERVICE_AES)
    void gcmKeyWrapping(Trial trial, TestKeys keys) {
        trial.cannot(
                "asks for the key's length, by `getEncoded()`",
                KeyLengthException.class,
                "Key length",
                () -> encrypt(JWEAlgorithm.A256GCMKW, new AESEncrypter(keys.aes())));
    }

    @Check(what = "JWE A256KW", key = HeldKey.SERVICE_AES)
    void keyWrapping(Trial trial, TestKeys keys) {
        trial.cannot(
                "asks for the key's length, by `getEncoded()`",
                KeyLengthException.class,
                "Key length",
                () -> encrypt(JWEAlgorithm.A256KW, new AESEncrypter(keys.aes())));
    }

    @Check(what = "JWE RSA-OAEP-256", key = HeldKey.SERVICE_RSA)
    void oaep(Trial trial, TestKeys keys) throws Exception {
        PrivateKeyEntry inbox = keys.inbox();
        String message = encrypt(JWEAlgorithm.RSA_OAEP_256, new RSAEncrypter((RSAPublicKey)
                inbox.getCertificate().getPublicKey()));
        trial.works(() -> assertThat(decrypt(message, new RSADecrypter(inbox.getPrivateKey())))
                .isEqualTo(Texts.TEXT));
        trial.alsoOpenedBy(
                OTHER,
                () -> assertThat(Jose4jTest.decrypt(message, inbox.getPrivateKey()))
                        .isEqualTo(Texts.TEXT));
    }

    @Check(what = "JWS RS256", key = HeldKey.SERVICE_RSA)
    void rs256(Trial trial, TestKeys keys) throws Exception {
        PrivateKeyEntry rsa = keys.rsa();
        RSAPublicKey publicKey = (RSAPublicKey) rsa.getCertificate().getPublicKey();
        trial.works(() ->
                verify(sign(JWSAlgorithm.RS256, new RSASSASigner(rsa.getPrivateKey())), new RSASSAVerifier(publicKey)));
        trial.alsoOpenedBy(
                OTHER,
                () -> Jose4jTest.verify(sign(JWSAlgorithm.RS256, new RSASSASigner(rsa.getPrivateKey())), publicKey));
    }

    @Check(what = "JWS PS256", key = HeldKey.SERVICE_RSA)
    void ps256(Trial trial, TestKeys keys) throws Exception {
        PrivateKeyEntry rsa = keys.rsa();
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

    /** Nothing names the provider. */
    static void ps256(PrivateKey privateKey, RSAPublicKey publicKey) throws Exception {
        verify(sign(JWSAlgorithm.PS256, new RSASSASigner(privateKey)), new RSASSAVerifier(publicKey));
    }

    @Check(what = "JWS ES256", key = HeldKey.SERVICE_EC)
    void es256(Trial trial, TestKeys keys) throws Exception {
        PrivateKeyEntry ec = keys.ec();
        ECPublicKey publicKey = (ECPublicKey) ec.getCertificate().getPublicKey();
        trial.works(() -> verify(
                sign(JWSAlgorithm.ES256, new ECDSASigner(ec.getPrivateKey(), Curve.P_256)),
                new ECDSAVerifier(publicKey)));
        trial.alsoOpenedBy(
                OTHER,
                () -> Jose4jTest.verify(
                        sign(JWSAlgorithm.ES256, new ECDSASigner(ec.getPrivateKey(), Curve.P_256)), publicKey));
    }

    @Check(what = "JWS HS256", key = HeldKey.SERVICE_HMAC)
    void hs256(Trial trial, TestKeys keys) throws Exception {
        trial.works(() -> verify(sign(JWSAlgorithm.HS256, new MACSigner(keys.mac())), new MACVerifier(keys.mac())));
        trial.alsoOpenedBy(
                OTHER, () -> Jose4jTest.verify(sign(JWSAlgorithm.HS256, new MACSigner(keys.mac())), keys.mac()));
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
