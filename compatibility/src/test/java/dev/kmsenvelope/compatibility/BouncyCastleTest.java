package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import java.io.IOException;
import java.security.InvalidKeyException;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import javax.crypto.SecretKey;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSEnvelopedData;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.Recipient;
import org.bouncycastle.cms.RecipientInfoGenerator;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKEKEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKEKRecipientInfoGenerator;
import org.bouncycastle.cms.jcajce.JceKeyTransEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaAlgorithmParametersConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** BouncyCastle's CMS and certificates, through JCA; its own provider is not registered. */
@Program(area = Area.CMS_AND_XML, name = "BouncyCastle bcpkix", of = CMSEnvelopedData.class)
class BouncyCastleTest {

    private static final String PSS = "SHA256withRSAandMGF1";
    private static final String NO_SUCH_NAME = "; the JDK has no such name";

    @Check(
            what = "certificate, JcaContentSigner SHA256withRSA",
            key = {HeldKey.SERVICE_RSA, HeldKey.FILE_RSA})
    void certificateByRsa(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> signCertificate(new JcaContentSignerBuilder("SHA256withRSA"), keys.pair(key)));
    }

    @Check(what = "certificate, JcaContentSigner SHA256withRSAandMGF1", key = HeldKey.SERVICE_RSA)
    void certificateByPss(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> signCertificate(new JcaContentSignerBuilder(PSS), keys.pair(key)));
    }

    @Check(what = "certificate, JcaContentSigner SHA256withRSAandMGF1", key = HeldKey.FILE_RSA)
    void certificateByPssOfAFile(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.worksWith(
                "`setProvider(new BouncyCastleProvider())` of the signer" + NO_SUCH_NAME,
                InvalidKeyException.class,
                () -> signCertificate(new JcaContentSignerBuilder(PSS), keys.pair(key)),
                () -> signCertificate(
                        new JcaContentSignerBuilder(PSS).setProvider(new BouncyCastleProvider()), keys.pair(key)));
    }

    @Check(
            what = "certificate, JcaContentSigner SHA256withECDSA",
            key = {HeldKey.SERVICE_EC, HeldKey.FILE_EC})
    void certificateByEc(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> signCertificate(new JcaContentSignerBuilder("SHA256withECDSA"), keys.pair(key)));
    }

    @Check(
            what = "CMS signed data, SHA256withRSA",
            key = {HeldKey.SERVICE_RSA, HeldKey.FILE_RSA})
    void signedByRsa(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> signAndVerify(
                new JcaContentSignerBuilder("SHA256withRSA"),
                keys.pair(key),
                new JcaSimpleSignerInfoVerifierBuilder()));
    }

    @Check(what = "CMS signed data, SHA256withRSAandMGF1", key = HeldKey.SERVICE_RSA)
    void signedByPss(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> signAndVerify(
                new JcaContentSignerBuilder(PSS), keys.pair(key), new JcaSimpleSignerInfoVerifierBuilder()));
    }

    @Check(what = "CMS signed data, SHA256withRSAandMGF1", key = HeldKey.FILE_RSA)
    void signedByPssOfAFile(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.worksWith(
                "`setProvider(new BouncyCastleProvider())` of the signer" + NO_SUCH_NAME,
                InvalidKeyException.class,
                () -> signAndVerify(
                        new JcaContentSignerBuilder(PSS), keys.pair(key), new JcaSimpleSignerInfoVerifierBuilder()),
                () -> signAndVerify(
                        new JcaContentSignerBuilder(PSS).setProvider(new BouncyCastleProvider()),
                        keys.pair(key),
                        new JcaSimpleSignerInfoVerifierBuilder()));
    }

    @Check(
            what = "CMS signed data, SHA256withECDSA",
            key = {HeldKey.SERVICE_EC, HeldKey.FILE_EC})
    void signedByEc(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.works(() -> signAndVerify(
                new JcaContentSignerBuilder("SHA256withECDSA"),
                keys.pair(key),
                new JcaSimpleSignerInfoVerifierBuilder()));
    }

    @Check(
            what = "CMS enveloped data, RSA-OAEP with SHA-256",
            key = {HeldKey.SERVICE_RSA, HeldKey.FILE_RSA})
    void envelopedByOaep(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry inbox = keys.inbox(key);
        AlgorithmIdentifier oaep = new JcaAlgorithmParametersConverter()
                .getAlgorithmIdentifier(
                        PKCSObjectIdentifiers.id_RSAES_OAEP,
                        new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        byte[] message = envelop(new JceKeyTransRecipientInfoGenerator((X509Certificate) inbox.getCertificate(), oaep));
        trial.works(() -> assertThat(open(message, inbox.getPrivateKey())).isEqualTo(Texts.bytes()));
    }

    @Check(what = "CMS enveloped data, RSA PKCS #1 v1.5", key = HeldKey.SERVICE_RSA)
    void envelopedByPkcs1(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry inbox = keys.inbox(key);
        byte[] message = envelop(new JceKeyTransRecipientInfoGenerator((X509Certificate) inbox.getCertificate()));
        trial.cannot(
                "this padding is not offered for decryption",
                InvalidKeyException.class,
                "No installed provider supports this key",
                () -> open(message, inbox.getPrivateKey()));
    }

    /** With a key in the clear it is the JDK that decrypts. */
    @Check(what = "CMS enveloped data, RSA PKCS #1 v1.5", key = HeldKey.FILE_RSA)
    void envelopedByPkcs1ForTheJdk(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry inbox = keys.inbox(key);
        byte[] message = envelop(new JceKeyTransRecipientInfoGenerator((X509Certificate) inbox.getCertificate()));
        trial.works(() -> assertThat(open(message, inbox.getPrivateKey())).isEqualTo(Texts.bytes()));
    }

    @Check(
            what = "CMS enveloped data, KEK recipient",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_KW})
    void envelopedByKek(Trial trial, TestKeys keys, HeldKey key) {
        trial.cannot(
                "asks for the key's length, by `getEncoded()`",
                NullPointerException.class,
                "getEncoded()",
                () -> openByKek(keys.secret(key)));
    }

    @Check(what = "CMS enveloped data, KEK recipient", key = HeldKey.FILE_EXTRACTABLE)
    void envelopedByAnExtractableKek(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        trial.worksWith(
                TestKeys.EXTRACTABLE,
                NullPointerException.class,
                () -> openByKek(keys.secret(HeldKey.FILE_KW)),
                () -> openByKek(keys.secret(key)));
    }

    private static void openByKek(SecretKey kek) throws Exception {
        byte[] message = envelop(new JceKEKRecipientInfoGenerator(new byte[] {1}, kek));
        assertThat(open(message, new JceKEKEnvelopedRecipient(kek))).isEqualTo(Texts.bytes());
    }

    private static void signCertificate(JcaContentSignerBuilder signer, PrivateKeyEntry key) throws Exception {
        X509Certificate certificate = TestCertificates.certificate(
                signer.build(key.getPrivateKey()), key.getCertificate().getPublicKey());
        certificate.verify(key.getCertificate().getPublicKey());
    }

    private static void signAndVerify(
            JcaContentSignerBuilder signing, PrivateKeyEntry key, JcaSimpleSignerInfoVerifierBuilder verifier)
            throws Exception {
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(
                new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                        .build(signing.build(key.getPrivateKey()), (X509Certificate) key.getCertificate()));
        byte[] message = generator
                .generate(new CMSProcessableByteArray(Texts.bytes()), true)
                .getEncoded();
        CMSSignedData parsed = new CMSSignedData(message);
        SignerInformation signer = parsed.getSignerInfos().iterator().next();
        assertThat(signer.verify(verifier.build(key.getCertificate().getPublicKey())))
                .isTrue();
        assertThat(parsed.getSignedContent().getContent()).isEqualTo(Texts.bytes());
    }

    private static byte[] envelop(RecipientInfoGenerator recipient) throws CMSException, IOException {
        CMSEnvelopedDataGenerator generator = new CMSEnvelopedDataGenerator();
        generator.addRecipientInfoGenerator(recipient);
        return generator
                .generate(
                        new CMSProcessableByteArray(Texts.bytes()),
                        new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_CBC).build())
                .getEncoded();
    }

    private static byte[] open(byte[] message, PrivateKey key) throws CMSException {
        return open(message, new JceKeyTransEnvelopedRecipient(key));
    }

    private static byte[] open(byte[] message, Recipient recipient) throws CMSException {
        return new CMSEnvelopedData(message)
                .getRecipientInfos()
                .getRecipients()
                .iterator()
                .next()
                .getContent(recipient);
    }
}
