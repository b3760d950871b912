package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.compatibility.report.Area;
import dev.kmsenvelope.compatibility.report.Check;
import dev.kmsenvelope.compatibility.report.HeldKey;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.Trial;
import java.io.StringReader;
import java.security.Key;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.PublicKey;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.xml.crypto.dsig.XMLSignatureFactory;
import javax.xml.crypto.dsig.dom.DOMValidateContext;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.Init;
import org.apache.xml.security.algorithms.MessageDigestAlgorithm;
import org.apache.xml.security.encryption.EncryptedData;
import org.apache.xml.security.encryption.EncryptedKey;
import org.apache.xml.security.encryption.XMLCipher;
import org.apache.xml.security.keys.KeyInfo;
import org.apache.xml.security.signature.XMLSignature;
import org.apache.xml.security.transforms.Transforms;
import org.apache.xml.security.utils.Constants;
import org.apache.xml.security.utils.EncryptionConstants;
import org.junit.jupiter.api.BeforeAll;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** XML encryption and signature of Apache Santuario. */
@Program(area = Area.CMS_AND_XML, name = "Apache Santuario", of = XMLCipher.class)
class SantuarioTest {

    private static final String XML = "<order><card>" + Texts.TEXT + "</card></order>";

    @BeforeAll
    static void start() {
        Init.init();
    }

    @Check(
            what = "XML encryption, aes256-gcm",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_GCM})
    void encryption(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.works(() -> encryptAndOpen(key, key));
        if (held == HeldKey.FILE_GCM) {
            trial.alsoOpenedBy(TestKeys.JDK, () -> encryptAndOpen(key, keys.inTheClear(held)));
        }
    }

    @Check(
            what = "XML encryption, kw-aes256",
            key = {HeldKey.SERVICE_AES, HeldKey.FILE_KW})
    void keyWrapping(Trial trial, TestKeys keys, HeldKey held) throws Exception {
        SecretKey key = keys.secret(held);
        trial.works(() -> wrapAndOpen(wrapping(XMLCipher.AES_256_KeyWrap, key), key));
        if (held == HeldKey.FILE_KW) {
            trial.alsoOpenedBy(
                    TestKeys.JDK, () -> wrapAndOpen(wrapping(XMLCipher.AES_256_KeyWrap, key), keys.inTheClear(held)));
        }
    }

    @Check(
            what = "XML encryption, rsa-oaep with SHA-1",
            key = {HeldKey.SERVICE_RSA, HeldKey.FILE_RSA})
    void keyTransport(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        PrivateKeyEntry inbox = keys.inbox(key);
        trial.works(() -> wrapAndOpen(
                wrapping(XMLCipher.RSA_OAEP, inbox.getCertificate().getPublicKey()), inbox.getPrivateKey()));
    }

    @Check(
            what = "XML signature, rsa-sha256",
            key = {HeldKey.SERVICE_RSA, HeldKey.FILE_RSA})
    void signatureByRsa(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        signAndVerify(trial, XMLSignature.ALGO_ID_SIGNATURE_RSA_SHA256, keys.pair(key));
    }

    @Check(
            what = "XML signature, ecdsa-sha256",
            key = {HeldKey.SERVICE_EC, HeldKey.FILE_EC})
    void signatureByEc(Trial trial, TestKeys keys, HeldKey key) throws Exception {
        signAndVerify(trial, XMLSignature.ALGO_ID_SIGNATURE_ECDSA_SHA256, keys.pair(key));
    }

    private static void encryptAndOpen(SecretKey writersKey, SecretKey readersKey) throws Exception {
        Document document = document();
        XMLCipher cipher = XMLCipher.getInstance(XMLCipher.AES_256_GCM);
        cipher.init(XMLCipher.ENCRYPT_MODE, writersKey);
        cipher.doFinal(document, card(document), true);
        XMLCipher opening = XMLCipher.getInstance();
        opening.init(XMLCipher.DECRYPT_MODE, readersKey);
        assertOpens(opening, document);
    }

    private static XMLCipher wrapping(String algorithm, Key key) throws Exception {
        XMLCipher wrapping = XMLCipher.getInstance(algorithm);
        wrapping.init(XMLCipher.WRAP_MODE, key);
        return wrapping;
    }

    private static void wrapAndOpen(XMLCipher wrapping, Key unwrappingKey) throws Exception {
        Document document = document();
        KeyGenerator generator = KeyGenerator.getInstance("AES");
        generator.init(256);
        SecretKey dataKey = generator.generateKey();
        EncryptedKey wrapped = wrapping.encryptKey(document, dataKey);
        XMLCipher cipher = XMLCipher.getInstance(XMLCipher.AES_256_GCM);
        cipher.init(XMLCipher.ENCRYPT_MODE, dataKey);
        EncryptedData data = cipher.getEncryptedData();
        KeyInfo info = new KeyInfo(document);
        info.add(wrapped);
        data.setKeyInfo(info);
        cipher.doFinal(document, card(document), true);
        XMLCipher opening = XMLCipher.getInstance();
        opening.init(XMLCipher.DECRYPT_MODE, null);
        opening.setKEK(unwrappingKey);
        assertOpens(opening, document);
    }

    private static void assertOpens(XMLCipher opening, Document document) throws Exception {
        assertThat(card(document).getTextContent()).doesNotContain(Texts.TEXT);
        Element data = (Element) document.getElementsByTagNameNS(EncryptionConstants.EncryptionSpecNS, "EncryptedData")
                .item(0);
        opening.doFinal(document, data);
        assertThat(card(document).getTextContent()).isEqualTo(Texts.TEXT);
    }

    private static void signAndVerify(Trial trial, String algorithm, PrivateKeyEntry key) throws Exception {
        PublicKey publicKey = key.getCertificate().getPublicKey();
        Document document = document();
        trial.works(() -> {
            XMLSignature signature = new XMLSignature(document, "", algorithm);
            document.getDocumentElement().appendChild(signature.getElement());
            Transforms transforms = new Transforms(document);
            transforms.addTransform(Transforms.TRANSFORM_ENVELOPED_SIGNATURE);
            signature.addDocument("", transforms, MessageDigestAlgorithm.ALGO_ID_DIGEST_SHA256);
            signature.sign(key.getPrivateKey());
            assertThat(new XMLSignature(signature.getElement(), "").checkSignatureValue(publicKey))
                    .isTrue();
        });
        trial.alsoOpenedBy("JDK", () -> {
            assertThat(isValidToTheJdk(document, publicKey)).isTrue();
            card(document).setTextContent("changed");
            assertThat(isValidToTheJdk(document, publicKey)).isFalse();
        });
    }

    private static boolean isValidToTheJdk(Document document, PublicKey publicKey) throws Exception {
        DOMValidateContext context = new DOMValidateContext(
                publicKey,
                document.getElementsByTagNameNS(Constants.SignatureSpecNS, "Signature")
                        .item(0));
        return XMLSignatureFactory.getInstance("DOM")
                .unmarshalXMLSignature(context)
                .validate(context);
    }

    private static Document document() throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(XML)));
    }

    private static Element card(Document document) {
        return (Element) document.getElementsByTagName("card").item(0);
    }
}
