package dev.kmsenvelope.testing;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Key pairs for tests, each made once per process, and certificates for them. */
public final class RsaKeys {

    private static final Map<String, KeyPair> PAIRS = new ConcurrentHashMap<>();

    private RsaKeys() {}

    /** The first key pair of 2048 bits. */
    public static KeyPair first() {
        return pair("first", 2048);
    }

    /** Another key pair of 2048 bits. */
    public static KeyPair second() {
        return pair("second", 2048);
    }

    /** The key pair of a name. */
    public static KeyPair pair(String name, int bits) {
        return PAIRS.computeIfAbsent(name + bits, any -> generate("RSA", bits));
    }

    /** A fresh key pair. */
    public static KeyPair generate(String algorithm, int bits) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
            generator.initialize(bits);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A public key of any length, quickly: nobody has its private key, and its modulus need not even have two factors. */
    public static PublicKey publicKey(int bits) {
        BigInteger modulus =
                new BigInteger(bits, new Random(bits)).setBit(bits - 1).setBit(0);
        try {
            return KeyFactory.getInstance("RSA")
                    .generatePublic(new RSAPublicKeySpec(modulus, RSAKeyGenParameterSpec.F4));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A self-signed certificate, long expired. */
    public static X509Certificate certificate(KeyPair pair) {
        return certificate(pair.getPublic(), pair);
    }

    /** A certificate for a public key that somebody else signed, long expired. */
    public static X509Certificate certificate(PublicKey subject, KeyPair issuer) {
        X500Principal name = new X500Principal("CN=test");
        String algorithm = issuer.getPrivate().getAlgorithm();
        Date start = Date.from(Instant.EPOCH);
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(new JcaX509v3CertificateBuilder(
                                    name,
                                    BigInteger.ONE,
                                    start,
                                    Date.from(Instant.EPOCH.plus(1, ChronoUnit.DAYS)),
                                    name,
                                    subject)
                            .build(new JcaContentSignerBuilder(
                                            "SHA256with" + (algorithm.equals("EC") ? "ECDSA" : algorithm))
                                    .build(issuer.getPrivate())));
        } catch (OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
