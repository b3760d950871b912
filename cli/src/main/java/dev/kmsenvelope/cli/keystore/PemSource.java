package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.UsageException;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JceOpenSSLPKCS8DecryptorProviderBuilder;
import org.bouncycastle.openssl.jcajce.JcePEMDecryptorProviderBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.bouncycastle.pkcs.PKCSException;
import org.jspecify.annotations.Nullable;

/** Reads PEM files: a private key, encrypted or not, with its certificates in any order; or certificates to trust. */
final class PemSource {

    /** The JDK's key factories; each takes only keys of its own kind. */
    private static final Map<String, String> JDK = Map.of(
            "RSA",
            "SunRsaSign",
            "RSASSA-PSS",
            "SunRsaSign",
            "EC",
            "SunEC",
            "EdDSA",
            "SunEC",
            "XDH",
            "SunEC",
            "DSA",
            "SUN");

    private PemSource() {}

    /**
     * Reads one.
     *
     * @param alias the name of what is in it; certificates to trust after the first get {@code -2}, {@code -3} and so on
     * @param password asked for only if the private key is encrypted; wiped
     */
    static List<SourceEntry> read(byte[] content, String alias, Supplier<char[]> password) throws IOException {
        List<Certificate> certificates = new ArrayList<>();
        PrivateKey key = null;
        try (PEMParser parser = new PEMParser(new StringReader(new String(content, StandardCharsets.ISO_8859_1)))) {
            for (Object each = parser.readObject(); each != null; each = parser.readObject()) {
                if (each instanceof X509CertificateHolder holder) {
                    certificates.add(CertificateText.decode(holder.getEncoded()));
                    continue;
                }
                PrivateKeyInfo info = privateKey(each, password);
                if (info != null) {
                    if (key != null) {
                        throw new SourceException("the source has several private keys; split it into a file for each");
                    }
                    key = decode(info);
                }
            }
        } catch (SourceException e) {
            throw e;
        } catch (GeneralSecurityException | IOException | RuntimeException e) {
            if (e instanceof UsageException || e instanceof ProviderException || e instanceof UncheckedIOException) {
                throw (RuntimeException) e;
            }
            throw new SourceException("the source has something that is no PEM of a key or certificate", e);
        }
        if (key != null) {
            return List.of(new SourceEntry(alias, key, chain(key, certificates)));
        }
        if (certificates.isEmpty()) {
            throw new SourceException("the source has neither a private key nor a certificate in PEM");
        }
        List<SourceEntry> trusted = new ArrayList<>();
        for (Certificate certificate : certificates) {
            String name = trusted.isEmpty() ? alias : alias + "-" + (trusted.size() + 1);
            trusted.add(new SourceEntry(name, null, List.of(certificate)));
        }
        return trusted;
    }

    private static @Nullable PrivateKeyInfo privateKey(Object object, Supplier<char[]> password) throws IOException {
        if (object instanceof PrivateKeyInfo info) {
            return info;
        }
        if (object instanceof PEMKeyPair pair) {
            return pair.getPrivateKeyInfo();
        }
        boolean isPkcs8 = object instanceof PKCS8EncryptedPrivateKeyInfo;
        if (!isPkcs8 && !(object instanceof PEMEncryptedKeyPair)) {
            return null;
        }
        char[] secret = password.get();
        try {
            BouncyCastleProvider provider = new BouncyCastleProvider();
            return isPkcs8
                    ? ((PKCS8EncryptedPrivateKeyInfo) object)
                            .decryptPrivateKeyInfo(new JceOpenSSLPKCS8DecryptorProviderBuilder()
                                    .setProvider(provider)
                                    .build(secret))
                    : ((PEMEncryptedKeyPair) object)
                            .decryptKeyPair(new JcePEMDecryptorProviderBuilder()
                                    .setProvider(provider)
                                    .build(secret))
                            .getPrivateKeyInfo();
        } catch (PKCSException | OperatorCreationException | IOException | RuntimeException e) {
            throw new SourceException("the private key of the source does not decrypt: its password is another one", e);
        } finally {
            Arrays.fill(secret, '\0');
        }
    }

    private static PrivateKey decode(PrivateKeyInfo info) throws IOException {
        byte[] encoded = info.getEncoded();
        try {
            for (Map.Entry<String, String> each : JDK.entrySet()) {
                try {
                    return KeyFactory.getInstance(each.getKey(), each.getValue())
                            .generatePrivate(new PKCS8EncodedKeySpec(encoded));
                } catch (GeneralSecurityException e) {
                    // It is of another kind.
                }
            }
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
        new BouncyCastleProvider(); // fills the table that the next line asks
        PrivateKey key = BouncyCastleProvider.getPrivateKey(info);
        if (key == null) {
            throw new SourceException(
                    "the private key of the source is for an algorithm that this program does not know");
        }
        return key;
    }

    /** The certificate for the key, and from there each issuer that is in the file. */
    private static List<Certificate> chain(PrivateKey key, List<Certificate> certificates) throws IOException {
        List<X509Certificate> left = new ArrayList<>();
        certificates.forEach(each -> left.add((X509Certificate) each));
        X509Certificate own = left.stream()
                .filter(each -> KeyMatch.of(key, each.getPublicKey()).orElse(false))
                .findFirst()
                .orElseThrow(() -> new SourceException("the source has no certificate for its private key"));
        List<Certificate> chain = new ArrayList<>();
        for (X509Certificate next = own; next != null; ) {
            X509Certificate last = next;
            chain.add(last);
            left.remove(last);
            next = left.stream()
                    .filter(each -> each.getSubjectX500Principal().equals(last.getIssuerX500Principal()))
                    .findFirst()
                    .orElse(null);
        }
        return chain;
    }
}
