package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.StoredDataKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.AlgorithmParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/** Entries and contents of all kinds. */
final class Samples {

    static final Instant CREATED = Instant.parse("2026-01-31T23:59:59Z");
    static final Map<String, String> CONTEXT = Map.of("tenant", "blue");
    static final BouncyCastleProvider BOUNCY_CASTLE = new BouncyCastleProvider();

    private Samples() {}

    record Identity(PrivateKey key, X509Certificate certificate) {

        Certificate[] chain() {
            return new Certificate[] {certificate};
        }
    }

    static Identity identity(String algorithm, @Nullable AlgorithmParameterSpec parameters, String signature)
            throws GeneralSecurityException, OperatorCreationException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm, BOUNCY_CASTLE);
        if (parameters != null) {
            generator.initialize(parameters);
        }
        KeyPair pair = generator.generateKeyPair();
        X500Principal name = new X500Principal("CN=sample");
        return new Identity(
                pair.getPrivate(),
                new JcaX509CertificateConverter()
                        .setProvider(BOUNCY_CASTLE)
                        .getCertificate(new JcaX509v3CertificateBuilder(
                                        name,
                                        BigInteger.ONE,
                                        Date.from(CREATED),
                                        Date.from(CREATED.plusSeconds(1_000_000_000)),
                                        name,
                                        pair.getPublic())
                                .build(new JcaContentSignerBuilder(signature)
                                        .setProvider(BOUNCY_CASTLE)
                                        .build(pair.getPrivate()))));
    }

    static Identity identity() throws GeneralSecurityException, OperatorCreationException {
        return identity("EC", null, "SHA256withECDSA");
    }

    static DataKeyEntry dataKey(Watched kms, StoreContent in, String alias) {
        return dataKey(kms, in, alias, DataKeyUsage.AES_GCM);
    }

    static DataKeyEntry dataKey(Watched kms, StoreContent in, String alias, DataKeyUsage usage) {
        return kms.wrapping()
                .generate(in, alias, Watched.DATA, usage, 32, false, CONTEXT, StoredDataKey.DEFAULT_MAX_MESSAGES);
    }

    /** One of each kind, the data key in two versions. */
    static StoreContent all(Watched kms) throws GeneralSecurityException, OperatorCreationException {
        StoreContent content = StoreContent.create();
        Identity identity = identity();
        DataKeyEntry tokens = kms.wrapping().addVersion(content, dataKey(kms, content, "tokens"));
        return content.with(new KeyPointer("orders", CREATED, KeyId.of("alias/orders")))
                .with(tokens)
                .with(kms.wrapping()
                        .wrap(
                                content,
                                "cookies",
                                Watched.DATA,
                                DataKeyUsage.HMAC_SHA256,
                                true,
                                Map.of(),
                                1,
                                new byte[48]))
                .with(kms.wrapping().wrap(content, "tls", Watched.DATA, CONTEXT, identity.key(), identity.chain()))
                .with(new CertificateEntry("ca", CREATED, identity.certificate().getEncoded()));
    }

    /** A short file. */
    static StoreContent few(Watched kms) {
        StoreContent content = StoreContent.create();
        return content.with(new KeyPointer("orders", CREATED, KeyId.of("alias/orders")))
                .with(dataKey(kms, content, "tokens"));
    }
}
