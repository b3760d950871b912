package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreFile;
import dev.kmsenvelope.keystore.file.StoreSeal;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.spi.KeyServices;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Provider;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.function.UnaryOperator;
import javax.crypto.SecretKey;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Keystores and certificates that commands are tried with. */
final class Stores {

    static final String PASSWORD = "correct horse battery";

    private Stores() {}

    static KeyPair rsa() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA", "SunRsaSign");
        generator.initialize(2048);
        return generator.generateKeyPair();
    }

    static KeyPair pair(String algorithm, String provider) throws Exception {
        return KeyPairGenerator.getInstance(algorithm, provider).generateKeyPair();
    }

    static X509Certificate certificate(String subject, KeyPair of, String issuer, KeyPair by, String signature)
            throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + issuer),
                BigInteger.valueOf(System.nanoTime()),
                Date.from(Instant.parse("2020-01-01T00:00:00Z")),
                Date.from(Instant.parse("2099-01-01T00:00:00Z")),
                new X500Name("CN=" + subject),
                of.getPublic());
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(signature)
                        .setProvider(new org.bouncycastle.jce.provider.BouncyCastleProvider())
                        .build(by.getPrivate())));
    }

    static KeyStore empty(String type, Provider provider) throws Exception {
        KeyStore store = KeyStore.getInstance(type, provider);
        store.load(null, null);
        return store;
    }

    static void put(KeyStore store, String alias, SecretKey key) throws Exception {
        store.setKeyEntry(alias, key, PASSWORD.toCharArray(), null);
    }

    static void put(KeyStore store, String alias, KeyPair pair, Certificate... chain) throws Exception {
        store.setKeyEntry(alias, pair.getPrivate(), PASSWORD.toCharArray(), chain);
    }

    static byte[] bytes(KeyStore store) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        store.store(out, PASSWORD.toCharArray());
        return out.toByteArray();
    }

    static byte[] pem(Object... objects) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JcaPEMWriter writer = new JcaPEMWriter(new OutputStreamWriter(out, StandardCharsets.US_ASCII))) {
            for (Object each : objects) {
                writer.writeObject(each);
            }
        }
        return out.toByteArray();
    }

    static final KeyId DEFAULT = KeyId.of("alias/kms-envelope-keystore");

    static StoreContent content(Cli cli, Path file, KeyId key) throws IOException {
        try (KeyServices services =
                KeyServices.open(Configuration.read(cli.settings().toString()))) {
            return new StoreSeal(services.main(), key, 0).open(Files.readAllBytes(file));
        }
    }

    /** Changes a file as one who has the sealing key could. */
    static void change(Cli cli, Path file, UnaryOperator<StoreContent> change) throws IOException {
        try (KeyServices services =
                KeyServices.open(Configuration.read(cli.settings().toString()))) {
            StoreSeal seal = new StoreSeal(services.main(), DEFAULT, 0);
            byte[] before = Files.readAllBytes(file);
            StoreFile.at(file).write(before, seal.seal(change.apply(seal.open(before))));
        }
    }
}
