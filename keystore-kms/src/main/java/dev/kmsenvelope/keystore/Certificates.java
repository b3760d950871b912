package dev.kmsenvelope.keystore;

import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.provider.KmsPrivateKey;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.NoSuchProviderException;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Reads certificates: those of a file, and one's own. */
final class Certificates {

    private static final int MAX_FILE = 1 << 20;

    private Certificates() {}

    /**
     * Decodes a certificate, with a public key in it of the same algorithm name as the given one, as KeyStore entries must
     * have it: the JDK's where it knows the kind of key, else BouncyCastle's.
     */
    static X509Certificate decode(byte[] encoded, PublicKey publicKey) throws CertificateException {
        return decode(encoded, publicKey.getAlgorithm());
    }

    /** The same, with the name of the algorithm. */
    static X509Certificate decode(byte[] encoded, String algorithm) throws CertificateException {
        try {
            X509Certificate certificate = decodeByJdk(encoded);
            if (certificate.getPublicKey().getAlgorithm().equals(algorithm)) {
                return certificate;
            }
        } catch (CertificateException | NoSuchProviderException e) {
            // a kind of key that this JDK does not know
        }
        return decodeByBouncyCastle(encoded);
    }

    /** Decodes a certificate for any kind of key: by the JDK where it can, else by BouncyCastle. */
    static X509Certificate decode(byte[] encoded) throws CertificateException {
        try {
            return decodeByJdk(encoded);
        } catch (CertificateException | NoSuchProviderException e) {
            return decodeByBouncyCastle(encoded);
        }
    }

    private static X509Certificate decodeByJdk(byte[] encoded) throws CertificateException, NoSuchProviderException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509", "SUN").generateCertificate(new ByteArrayInputStream(encoded));
    }

    /** It gives null for bytes that it takes for the end of a list, and has unchecked exceptions for some others. */
    private static X509Certificate decodeByBouncyCastle(byte[] encoded) throws CertificateException {
        try {
            X509Certificate certificate =
                    (X509Certificate) CertificateFactory.getInstance("X.509", new BouncyCastleProvider())
                            .generateCertificate(new ByteArrayInputStream(encoded));
            if (certificate != null) {
                return certificate;
            }
        } catch (IllegalArgumentException | IllegalStateException | ClassCastException e) {
            throw new CertificateException("this is no certificate", e);
        }
        throw new CertificateException("this is no certificate");
    }

    /**
     * Reads the chain that was supplied for a key, the key's own certificate first.
     *
     * @param setting the name of the setting
     * @param file a file of certificates in PEM or DER
     * @param key the key
     * @return the chain
     * @throws KmsConfigurationException if it cannot be read, or is for another key
     */
    static X509Certificate[] read(String setting, Path file, KmsPrivateKey key) {
        try {
            if (Files.size(file) > MAX_FILE) {
                throw new KmsConfigurationException(
                        "the file of the setting '" + setting + "', " + file + ", is larger than certificates are");
            }
            List<X509Certificate> chain = new ArrayList<>();
            for (Certificate certificate : parse(Files.readAllBytes(file))) {
                PublicKey own = chain.isEmpty() ? key.publicKey() : certificate.getPublicKey();
                chain.add(decode(certificate.getEncoded(), own));
            }
            if (chain.isEmpty()) {
                throw new KmsConfigurationException("in the file of the setting '" + setting + "', " + file
                        + ", there is no certificate in PEM or DER");
            }
            if (!Arrays.equals(
                    chain.get(0).getPublicKey().getEncoded(), key.publicKey().getEncoded())) {
                throw new KmsConfigurationException("the first certificate in the file of the setting '" + setting
                        + "', " + file + ", is for another key than " + key.id());
            }
            return chain.toArray(new X509Certificate[0]);
        } catch (IOException e) {
            throw new KmsConfigurationException("cannot read the file of the setting '" + setting + "', " + file, e);
        } catch (CertificateException e) {
            throw new KmsConfigurationException(
                    "in the file of the setting '" + setting + "', " + file + ", there is no chain in PEM or DER", e);
        }
    }

    private static Collection<? extends Certificate> parse(byte[] bytes) throws CertificateException {
        try {
            return CertificateFactory.getInstance("X.509", "SUN").generateCertificates(new ByteArrayInputStream(bytes));
        } catch (CertificateException | NoSuchProviderException e) {
            return CertificateFactory.getInstance("X.509", new BouncyCastleProvider())
                    .generateCertificates(new ByteArrayInputStream(bytes));
        }
    }
}
