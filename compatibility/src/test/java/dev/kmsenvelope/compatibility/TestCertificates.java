package dev.kmsenvelope.compatibility;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates made with BouncyCastle. */
final class TestCertificates {

    private TestCertificates() {}

    static X509Certificate selfSigned(KeyPair pair) throws GeneralSecurityException {
        String algorithm = pair.getPublic().getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        try {
            return certificate(new JcaContentSignerBuilder(algorithm).build(pair.getPrivate()), pair.getPublic());
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }

    static X509Certificate certificate(ContentSigner signer, PublicKey subject) throws CertificateException {
        X500Name name = new X500Name("CN=compatibility");
        Instant now = Instant.now();
        return new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.ONE,
                                Date.from(now.minus(Duration.ofHours(1))),
                                Date.from(now.plus(Duration.ofDays(1))),
                                name,
                                subject)
                        .build(signer));
    }
}
