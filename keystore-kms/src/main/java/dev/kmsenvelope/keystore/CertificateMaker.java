package dev.kmsenvelope.keystore;

import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsPrivateKey;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;

/**
 * Makes the certificate that a private key entry must have when none was supplied: self-signed by the key in the service; for
 * a key that cannot sign, unsigned (RFC 9925). All of it but the signature is determined by the key, so that everybody who
 * makes one makes the same.
 */
final class CertificateMaker {

    /** 99991231235959Z, which RFC 5280, section 4.1.2.5, says for a certificate without a good expiration date. */
    private static final Instant NEVER = Instant.parse("9999-12-31T23:59:59Z");

    /** RFC 9925: the signature is empty, and the issuer a placeholder. */
    private static final ASN1ObjectIdentifier ID_ALG_UNSIGNED = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.6.36");

    private static final ASN1ObjectIdentifier ID_RDNA_UNSIGNED = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.25.1");

    private static final int SERIAL_BYTES = 16;
    private static final int MAX_COMMON_NAME = 64;

    private static final class Ours {
        private static final Provider PROVIDER = new KmsEnvelopeProvider();
    }

    private CertificateMaker() {}

    /**
     * Makes one. A key that signs is asked to sign once.
     *
     * @param key the key
     * @param created when it was created
     * @return the certificate
     * @throws dev.kmsenvelope.kms.KmsException if the service does not sign
     */
    static X509Certificate make(KmsPrivateKey key, Instant created) throws GeneralSecurityException, IOException {
        byte[] publicKey = key.publicKey().getEncoded();
        byte[] fingerprint = MessageDigest.getInstance("SHA-256", "SUN").digest(publicKey);
        byte[] serial = Arrays.copyOf(fingerprint, SERIAL_BYTES);
        serial[0] = (byte) ((serial[0] & 0x3f) | 0x40); // positive, and always of this length
        X500Name subject = name(BCStyle.CN, commonName(key.id().value(), fingerprint));
        boolean signs = key.usage() == KeyUsage.SIGN_VERIFY;
        X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                signs ? subject : name(ID_RDNA_UNSIGNED, ""),
                new BigInteger(serial),
                Date.from(created),
                Date.from(NEVER),
                subject,
                SubjectPublicKeyInfo.getInstance(publicKey));
        ContentSigner signer = signs ? new KmsSigner(key) : new NoSigner();
        return Certificates.decode(builder.build(signer).getEncoded(), key.publicKey());
    }

    private static X500Name name(ASN1ObjectIdentifier type, String value) {
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(type, new DERUTF8String(value))
                .build();
    }

    /** The key's own id, of an ARN its last part; what is longer than a common name may be is a fingerprint instead. */
    private static String commonName(String id, byte[] fingerprint) {
        String name = id.substring(id.lastIndexOf('/') + 1);
        return name.isEmpty() || name.length() > MAX_COMMON_NAME
                ? HexFormat.of().formatHex(fingerprint).substring(0, MAX_COMMON_NAME / 2)
                : name;
    }

    private static String signatureAlgorithm(KeySpec spec) {
        return switch (spec) {
            case RSA_2048, RSA_3072, RSA_4096 -> "SHA256withRSA";
            case ECC_NIST_P256, ECC_SECG_P256K1 -> "SHA256withECDSA";
            case ECC_NIST_P384 -> "SHA384withECDSA";
            case ECC_NIST_P521 -> "SHA512withECDSA";
            case ECC_NIST_EDWARDS25519 -> "Ed25519";
            case ML_DSA_44 -> "ML-DSA-44";
            case ML_DSA_65 -> "ML-DSA-65";
            case ML_DSA_87 -> "ML-DSA-87";
            default -> throw new IllegalArgumentException(spec + " does not sign");
        };
    }

    /** Signs what is written to it in the service. */
    private static final class KmsSigner implements ContentSigner {

        private final Signature signature;
        private final AlgorithmIdentifier identifier;

        KmsSigner(KmsPrivateKey key) throws GeneralSecurityException {
            String algorithm = signatureAlgorithm(key.spec());
            identifier = new DefaultSignatureAlgorithmIdentifierFinder().find(algorithm);
            signature = Signature.getInstance(algorithm, Ours.PROVIDER);
            signature.initSign(key);
        }

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return identifier;
        }

        @Override
        public OutputStream getOutputStream() {
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    try {
                        signature.update(bytes, offset, length);
                    } catch (SignatureException e) {
                        throw new IOException("the certificate cannot be signed", e);
                    }
                }
            };
        }

        @Override
        public byte[] getSignature() {
            try {
                return signature.sign();
            } catch (SignatureException e) {
                throw new IllegalStateException("the certificate cannot be signed", e);
            }
        }
    }

    private static final class NoSigner implements ContentSigner {

        @Override
        public AlgorithmIdentifier getAlgorithmIdentifier() {
            return new AlgorithmIdentifier(ID_ALG_UNSIGNED);
        }

        @Override
        public OutputStream getOutputStream() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public byte[] getSignature() {
            return new byte[0];
        }
    }
}
