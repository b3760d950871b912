package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.provider.KmsMacKey;
import dev.kmsenvelope.provider.KmsPrivateKey;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.KeyStore.PasswordProtection;
import java.security.KeyStore.PrivateKeyEntry;
import java.security.KeyStore.SecretKeyEntry;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSEnvelopedData;
import org.bouncycastle.cms.CMSEnvelopedDataGenerator;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.SignerInformation;
import org.bouncycastle.cms.jcajce.JcaSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyTransEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each kind of key is in a KMS KeyStore, over the local key service. */
class KeyKindsTest {

    private static final Provider BC = new BouncyCastleProvider();
    private static final Map<String, KeyId> IDS = new HashMap<>();

    @TempDir
    private static Path home;

    @TempDir
    private Path directory;

    @BeforeAll
    static void createKeys() {
        create("alias/aes", KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT);
        create("alias/mac", KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC);
        create("alias/rsa", KeySpec.RSA_2048, KeyUsage.SIGN_VERIFY);
        create("alias/rsa-decrypting", KeySpec.RSA_2048, KeyUsage.ENCRYPT_DECRYPT);
        create("alias/p256", KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY);
        create("alias/p384", KeySpec.ECC_NIST_P384, KeyUsage.SIGN_VERIFY);
        create("alias/k1", KeySpec.ECC_SECG_P256K1, KeyUsage.SIGN_VERIFY);
        create("alias/agreeing", KeySpec.ECC_NIST_P256, KeyUsage.KEY_AGREEMENT);
        create("alias/ed", KeySpec.ECC_NIST_EDWARDS25519, KeyUsage.SIGN_VERIFY);
        create("alias/ml", KeySpec.ML_DSA_44, KeyUsage.SIGN_VERIFY);
        create("alias/off", KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY);
        try (KeyAdministration keys = Backends.openAdministration(Fixture.settings(home))) {
            keys.disable(KeyId.of("alias/off"));
        }
    }

    private static void create(String alias, KeySpec spec, KeyUsage usage) {
        try (KeyAdministration keys = Backends.openAdministration(Fixture.settings(home))) {
            IDS.put(alias, keys.createKey(spec, usage, KeyId.of(alias)).id());
        }
    }

    @AfterEach
    void removeTheProvider() {
        Security.removeProvider(Fixture.PROVIDER.getName());
    }

    private static KeyStore load(String... lines) throws Exception {
        return Fixture.load("local.directory = " + home + "\n" + String.join("\n", lines));
    }

    private static KmsPrivateKey privateKey(KeyStore keyStore, String alias) throws Exception {
        return (KmsPrivateKey) keyStore.getKey(alias, null);
    }

    @ParameterizedTest
    @ValueSource(strings = {"alias/rsa", "alias/p256", "alias/p384", "alias/k1", "alias/ed", "alias/ml"})
    void aKeyThatSignsHasACertificateThatItSignedItself(String alias) throws Exception {
        KeyStore keyStore = load();
        assertThat(keyStore.isKeyEntry(alias)).isTrue();
        assertThat(keyStore.entryInstanceOf(alias, PrivateKeyEntry.class)).isTrue();
        assertThat(keyStore.entryInstanceOf(alias, SecretKeyEntry.class)).isFalse();
        X509Certificate certificate = (X509Certificate) keyStore.getCertificate(alias);
        if (alias.equals("alias/k1") || alias.equals("alias/ml")) {
            certificate.verify(certificate.getPublicKey(), BC);
        } else {
            certificate.verify(certificate.getPublicKey());
        }
        KmsPrivateKey key = privateKey(keyStore, alias);
        assertDetermined(certificate, alias, key);
        assertThat(certificate.getIssuerX500Principal()).isEqualTo(certificate.getSubjectX500Principal());

        PrivateKeyEntry entry = (PrivateKeyEntry) keyStore.getEntry(alias, new PasswordProtection("any".toCharArray()));
        assertThat(entry.getPrivateKey()).isEqualTo(key);
        assertThat(entry.getCertificateChain()).containsExactly(certificate);
        assertThat(keyStore.getCertificateAlias(certificate)).isEqualTo(alias);
        assertThat(load().getCertificate(alias)).as("signed once").isEqualTo(certificate);
        assertThat(keyStore.getKey(IDS.get(alias).value(), null)).isEqualTo(key);
    }

    private static void assertDetermined(X509Certificate certificate, String alias, KmsPrivateKey key)
            throws Exception {
        byte[] hash =
                MessageDigest.getInstance("SHA-256").digest(key.publicKey().getEncoded());
        BigInteger serial = new BigInteger(1, Arrays.copyOf(hash, 16));
        assertThat(certificate.getSerialNumber().bitLength()).isEqualTo(127);
        assertThat(certificate.getSerialNumber().clearBit(126))
                .isEqualTo(serial.clearBit(126).clearBit(127));
        assertThat(certificate.getNotBefore().toInstant())
                .isBetween(Instant.now().minusSeconds(3600), Instant.now());
        assertThat(certificate.getNotAfter()).isEqualTo(Date.from(Instant.parse("9999-12-31T23:59:59Z")));
        assertThat(certificate.getSubjectX500Principal().getName())
                .isEqualTo("CN=" + IDS.get(alias).value());
        assertThat(certificate.getPublicKey()).isEqualTo(key.publicKey());
        assertThat(certificate.getVersion()).isEqualTo(3);
        assertThat(certificate.getPublicKey().getAlgorithm()).isEqualTo(key.getAlgorithm());
    }

    @ParameterizedTest
    @ValueSource(strings = {"alias/rsa-decrypting", "alias/agreeing"})
    void aKeyThatDoesNotSignHasAnUnsignedCertificate(String alias) throws Exception {
        KeyStore keyStore = load();
        X509Certificate certificate = (X509Certificate) keyStore.getCertificate(alias);
        assertDetermined(certificate, alias, privateKey(keyStore, alias));
        assertThat(certificate.getSigAlgOID()).isEqualTo("1.3.6.1.5.5.7.6.36");
        assertThat(certificate.getSignature()).isEmpty();
        assertThat(certificate.getIssuerX500Principal()).isNotEqualTo(certificate.getSubjectX500Principal());
        assertThat(keyStore.getEntry(alias, null)).isInstanceOf(PrivateKeyEntry.class);
        assertThatThrownBy(() -> certificate.verify(certificate.getPublicKey())).isNotNull();
    }

    @Test
    void anHmacKeyIsASecretKeyEntry() throws Exception {
        KeyStore keyStore = load();
        assertThat(keyStore.entryInstanceOf("alias/mac", SecretKeyEntry.class)).isTrue();
        assertThat(keyStore.getCertificate("alias/mac")).isNull();
        Key key = keyStore.getKey("alias/mac", null);
        assertThat(key).isInstanceOf(KmsMacKey.class);
        assertThat(keyStore.getEntry("alias/mac", null)).isInstanceOf(SecretKeyEntry.class);
        assertThat(keyStore.getKey("alias/aes", null)).isInstanceOf(KmsSecretKey.class);
        assertThat(Collections.list(keyStore.aliases())).hasSize(11);
        Mac mac = Mac.getInstance("HmacSHA256", Fixture.PROVIDER);
        mac.init(key);
        assertThat(mac.doFinal(Fixture.TEXT)).hasSize(32).isEqualTo(mac.doFinal(Fixture.TEXT));
    }

    @Test
    void aKeyWhoseChainCannotBeMadeIsNoKeyEntryAndSaysWhyWhenItIsAskedFor() throws Exception {
        KeyStore keyStore = load();
        assertThat(keyStore.containsAlias("alias/off")).isTrue();
        assertThat(keyStore.isKeyEntry("alias/off")).isFalse();
        assertThat(keyStore.getCertificate("alias/off")).isNull();
        assertThat(keyStore.getCertificateChain("alias/off")).isNull();
        assertThat(keyStore.entryInstanceOf("alias/off", PrivateKeyEntry.class)).isFalse();
        assertThat(keyStore.entryInstanceOf("alias/off", SecretKeyEntry.class)).isFalse();
        assertThat(keyStore.getCreationDate("alias/off")).isNotNull();
        assertThat(keyStore.size()).isEqualTo(11);
        assertThatThrownBy(() -> keyStore.getKey("alias/off", null))
                .isInstanceOf(UnrecoverableKeyException.class)
                .hasMessageContaining("alias/off")
                .hasCauseInstanceOf(KeyDisabledException.class);
        assertThatThrownBy(() -> keyStore.getEntry("alias/off", new PasswordProtection(null)))
                .isInstanceOf(UnrecoverableKeyException.class);
    }

    private Path pem(X509Certificate... chain) throws Exception {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            for (X509Certificate certificate : chain) {
                writer.writeObject(certificate);
            }
        }
        return Files.writeString(directory.resolve("chain.pem"), text.toString());
    }

    @Test
    void aCertificateThatWasSuppliedTakesTheSelfSignedOnesPlace() throws Exception {
        KeyStore plain = load();
        X509Certificate own = (X509Certificate) plain.getCertificate("alias/p256");
        X509Certificate issuer = (X509Certificate) plain.getCertificate("alias/rsa");
        KeyStore supplied = load("key.alias/p256.certificate = " + pem(own, issuer));
        assertThat(supplied.getCertificateChain("alias/p256")).containsExactly(own, issuer);
        assertThat(supplied.getKey("alias/p256", null)).isInstanceOf(KmsPrivateKey.class);
        Path der = Files.write(directory.resolve("own.der"), own.getEncoded());
        assertThat(load("key.alias/p256.certificate = " + der).getCertificateChain("alias/p256"))
                .containsExactly(own);
        X509Certificate k1 = (X509Certificate) plain.getCertificate("alias/k1");
        Path k1Der = Files.write(directory.resolve("k1.der"), k1.getEncoded());
        assertThat(load("key.alias/k1.certificate = " + k1Der).getCertificate("alias/k1"))
                .isEqualTo(k1);
    }

    @Test
    void aSuppliedCertificateThatIsWrongIsAnErrorOfThatAliasAlone() throws Exception {
        X509Certificate other = (X509Certificate) load().getCertificate("alias/rsa");
        Path text = Files.writeString(directory.resolve("text"), "no certificate");
        Path empty = Files.createFile(directory.resolve("empty"));
        for (Path file : List.of(pem(other), text, empty, directory.resolve("missing"), directory)) {
            KeyStore keyStore = load("key.alias/p256.certificate = " + file);
            assertThat(keyStore.isKeyEntry("alias/p256")).as(file.toString()).isFalse();
            assertThat(keyStore.isKeyEntry("alias/p384")).isTrue();
            assertThatThrownBy(() -> keyStore.getKey("alias/p256", null))
                    .isInstanceOf(UnrecoverableKeyException.class)
                    .hasMessageContaining("key.alias/p256.certificate")
                    .hasMessageContaining(file.toString())
                    .hasCauseInstanceOf(KmsConfigurationException.class);
        }
    }

    @Test
    void settingsThatAKeyPairCannotHonourAreAnErrorOfThatAliasAlone() throws Exception {
        KeyStore keyStore = load("key.alias/rsa.context.tenant = a", "key.alias/mac.context.tenant = a");
        for (String alias : new String[] {"alias/rsa", "alias/mac"}) {
            assertThat(keyStore.isKeyEntry(alias)).isFalse();
            assertThatThrownBy(() -> keyStore.getKey(alias, null))
                    .isInstanceOf(UnrecoverableKeyException.class)
                    .hasCauseInstanceOf(KmsConfigurationException.class);
        }
        assertThat(keyStore.isKeyEntry("alias/p256")).isTrue();
        assertThatThrownBy(() -> load("keystore.refresh = soon")).hasMessageContaining("keystore.refresh");
        assertThatThrownBy(() -> load("key.alias/rsa.certificat = x")).hasMessageContaining("key.*.certificate");
    }

    @ParameterizedTest
    @CsvSource({
        "alias/rsa, SHA384withRSA",
        "alias/rsa, SHA256withRSAandMGF1",
        "alias/p256, SHA256withECDSA",
        "alias/ed, Ed25519",
        "alias/ml, ML-DSA"
    })
    void whatItSignsVerifiesWithTheCertificate(String alias, String algorithm) throws Exception {
        KeyStore keyStore = load();
        Signature signature = Signature.getInstance(algorithm, Fixture.PROVIDER);
        signature.initSign(privateKey(keyStore, alias));
        signature.update(Fixture.TEXT);
        byte[] signed = signature.sign();
        Signature verifier = Signature.getInstance(algorithm, BC);
        verifier.initVerify(keyStore.getCertificate(alias).getPublicKey());
        verifier.update(Fixture.TEXT);
        assertThat(verifier.verify(signed)).isTrue();
    }

    @Test
    void whatItsPublicKeyEncryptedItDecryptsAndBothSidesAgreeOnASecret() throws Exception {
        KeyStore keyStore = load();
        OAEPParameterSpec oaep =
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                keyStore.getCertificate("alias/rsa-decrypting").getPublicKey(),
                oaep);
        byte[] sealed = cipher.doFinal(Fixture.TEXT);
        Cipher ours = Cipher.getInstance("RSA/ECB/OAEPPadding", Fixture.PROVIDER);
        ours.init(Cipher.DECRYPT_MODE, privateKey(keyStore, "alias/rsa-decrypting"), oaep);
        assertThat(ours.doFinal(sealed)).isEqualTo(Fixture.TEXT);

        java.security.KeyPairGenerator generator = java.security.KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        java.security.KeyPair pair = generator.generateKeyPair();
        KeyAgreement here = KeyAgreement.getInstance("ECDH", Fixture.PROVIDER);
        here.init(privateKey(keyStore, "alias/agreeing"));
        here.doPhase(pair.getPublic(), true);
        KeyAgreement there = KeyAgreement.getInstance("ECDH");
        there.init(pair.getPrivate());
        there.doPhase(keyStore.getCertificate("alias/agreeing").getPublicKey(), true);
        assertThat(here.generateSecret()).isEqualTo(there.generateSecret());
    }

    @ParameterizedTest
    @CsvSource({
        "alias/rsa, SHA256withRSA, true",
        "alias/rsa, SHA256withRSA, false",
        "alias/rsa, SHA256withRSAandMGF1, false",
        "alias/p256, SHA256withECDSA, true",
        "alias/p256, SHA256withECDSA, false"
    })
    void bouncyCastleSignsCmsMessagesWithIt(String alias, String algorithm, boolean named) throws Exception {
        Security.addProvider(Fixture.PROVIDER);
        KeyStore keyStore = load();
        X509Certificate certificate = (X509Certificate) keyStore.getCertificate(alias);
        JcaContentSignerBuilder signer = new JcaContentSignerBuilder(algorithm);
        if (named) {
            signer.setProvider(Fixture.PROVIDER);
        }
        CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
        generator.addSignerInfoGenerator(
                new JcaSignerInfoGeneratorBuilder(new JcaDigestCalculatorProviderBuilder().build())
                        .build(signer.build((PrivateKey) keyStore.getKey(alias, null)), certificate));
        CMSSignedData message = generator.generate(new CMSProcessableByteArray(Fixture.TEXT), true);
        for (SignerInformation each :
                new CMSSignedData(message.getEncoded()).getSignerInfos().getSigners()) {
            assertThat(each.verify(new JcaSimpleSignerInfoVerifierBuilder()
                            .setProvider(BC)
                            .build(certificate.getPublicKey())))
                    .isTrue();
        }
        assertThat(message.getSignerInfos().size()).isOne();
    }

    @Test
    void bouncyCastleDecryptsCmsMessagesWithIt() throws Exception {
        Security.addProvider(Fixture.PROVIDER);
        KeyStore keyStore = load();
        X509Certificate certificate = (X509Certificate) keyStore.getCertificate("alias/rsa-decrypting");
        OAEPParameterSpec oaep =
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
        CMSEnvelopedDataGenerator generator = new CMSEnvelopedDataGenerator();
        generator.addRecipientInfoGenerator(new JceKeyTransRecipientInfoGenerator(
                certificate,
                new org.bouncycastle.operator.jcajce.JcaAlgorithmParametersConverter()
                        .getAlgorithmIdentifier(org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers.id_RSAES_OAEP, oaep)));
        CMSEnvelopedData message = new CMSEnvelopedData(generator
                .generate(
                        new CMSProcessableByteArray(Fixture.TEXT),
                        new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_CBC).build())
                .getEncoded());
        for (RecipientInformation recipient : message.getRecipientInfos().getRecipients()) {
            assertThat(recipient.getContent(new JceKeyTransEnvelopedRecipient(
                            (PrivateKey) keyStore.getKey("alias/rsa-decrypting", null))))
                    .isEqualTo(Fixture.TEXT);
        }
        assertThat(message.getRecipientInfos().size()).isOne();
    }

    @Test
    void theSettingsOfARandomSourceAreTheProviders() throws Exception {
        Path file = Files.writeString(directory.resolve("kms.properties"), "local.directory = " + home + "\n");
        java.security.SecureRandom random =
                java.security.SecureRandom.getInstance("KMS", Fixture.PROVIDER.configure(file.toString()));
        byte[] bytes = new byte[40];
        random.nextBytes(bytes);
        assertThat(bytes).isNotEqualTo(new byte[40]);
    }
}
