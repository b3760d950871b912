package dev.kmsenvelope.cli.keystore;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Certificates in DER and PEM. */
final class CertificateText {

    private static final int LINE_LENGTH = 64;

    private CertificateText() {}

    /** Reads one by the JDK where it can, else by BouncyCastle. */
    static X509Certificate decode(byte[] encoded) throws CertificateException {
        try {
            return (X509Certificate) CertificateFactory.getInstance("X.509", "SUN")
                    .generateCertificate(new ByteArrayInputStream(encoded));
        } catch (GeneralSecurityException e) {
            return decodeByBouncyCastle(encoded);
        }
    }

    /** It gives null for bytes that it takes for the end of a list, and has unchecked exceptions for some others. */
    private static X509Certificate decodeByBouncyCastle(byte[] encoded) throws CertificateException {
        try {
            if (CertificateFactory.getInstance("X.509", new BouncyCastleProvider())
                            .generateCertificate(new ByteArrayInputStream(encoded))
                    instanceof X509Certificate certificate) {
                return certificate;
            }
        } catch (IllegalArgumentException | IllegalStateException | ClassCastException e) {
            throw new CertificateException("this is no certificate", e);
        }
        throw new CertificateException("this is no certificate");
    }

    /** RFC 7468. */
    static String pem(byte[] encoded) {
        String base64 = Base64.getMimeEncoder(LINE_LENGTH, new byte[] {'\n'}).encodeToString(encoded);
        return "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n";
    }
}
