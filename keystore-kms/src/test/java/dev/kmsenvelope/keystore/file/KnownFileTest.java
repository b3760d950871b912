package dev.kmsenvelope.keystore.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.StoredDataKey;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.generators.HKDFBytesGenerator;
import org.bouncycastle.crypto.params.HKDFParameters;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A file that version 1 of the format has written once: every later version opens it. */
class KnownFileTest {

    private static final String RESOURCE = "version-1.kms";
    private static final KeyId MASTER = KeyId.of("master");
    private static final Map<String, String> CONTEXT = Map.of("tenant", "gr\u00fcn", "purpose", "known \"answer\"");

    @TempDir
    private Path directory;

    private KeyServices services;

    /** The same master key each time: the bytes 0 to 31. */
    @BeforeEach
    void open() throws Exception {
        KeyStore master = KeyStore.getInstance("PKCS12");
        master.load(null, null);
        char[] password = "changeit".toCharArray();
        master.setEntry(
                MASTER.value(),
                new KeyStore.SecretKeyEntry(new SecretKeySpec(counting(0, 32), "AES")),
                new KeyStore.PasswordProtection(password));
        try (OutputStream out = Files.newOutputStream(directory.resolve("master.p12"))) {
            master.store(out, password);
        }
        Files.writeString(directory.resolve("password"), "changeit\n");
        Configuration settings = Configuration.of(Map.of(
                "backend",
                "application",
                "application.keystore",
                directory.resolve("master.p12").toString(),
                "application.password-file",
                directory.resolve("password").toString()));
        services = KeyServices.of(Backends.openService(settings), Map.of());
    }

    @AfterEach
    void close() {
        services.close();
    }

    private static byte[] counting(int from, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (from + i);
        }
        return bytes;
    }

    private static byte[] known() throws Exception {
        try (InputStream in = KnownFileTest.class.getResourceAsStream(RESOURCE)) {
            assertThat(in).as("the resource " + RESOURCE).isNotNull();
            return in.readAllBytes();
        }
    }

    @Test
    @DisplayName("RULES 18: the known file opens under the key that is pinned, and all its entries unwrap")
    void theKnownFileOpens() throws Exception {
        StoreWrapping wrapping = new StoreWrapping(services);

        StoreContent content = new StoreSeal(services.main(), MASTER, 1).open(known());

        assertThat(content.id()).isEqualTo(Forge.ID);
        assertThat(content.generation()).isEqualTo(1);
        assertThat(content.entries())
                .extracting(StoreEntry::alias)
                .containsExactly("orders", "tokens", "Schl\u00fcssel \u202e", "tls", "ca");
        assertThat(content.entries()).extracting(StoreEntry::created).containsOnly(Samples.CREATED);
        assertThat(content.find("orders"))
                .contains(new KeyPointer("orders", Samples.CREATED, KeyId.of("alias/orders")));

        DataKeyEntry tokens = (DataKeyEntry) content.find("tokens").orElseThrow();
        assertThat(tokens.usage()).isEqualTo(DataKeyUsage.AES_GCM);
        assertThat(tokens.context()).isEqualTo(CONTEXT);
        assertThat(tokens.maxMessages()).isEqualTo(StoredDataKey.DEFAULT_MAX_MESSAGES);
        assertThat(tokens.extractable()).isFalse();
        assertThat(unwrap(wrapping.stored(content, tokens, tokens.version(1).orElseThrow())))
                .isEqualTo(counting(32, 32));
        assertThat(unwrap(wrapping.stored(content, tokens, tokens.version(2).orElseThrow())))
                .hasSize(32);

        DataKeyEntry mac = (DataKeyEntry) content.find("Schl\u00fcssel \u202e").orElseThrow();
        assertThat(mac.usage()).isEqualTo(DataKeyUsage.HMAC_SHA512);
        assertThat(mac.extractable()).isTrue();
        assertThat(unwrap(wrapping.stored(content, mac, mac.newest()))).isEqualTo(counting(64, 64));

        PrivateKeyEntry tls = (PrivateKeyEntry) content.find("tls").orElseThrow();
        X509Certificate certificate = certificate(tls.chain().get(0));
        assertThat(((CertificateEntry) content.find("ca").orElseThrow()).certificate())
                .isEqualTo(certificate.getEncoded());
        PrivateKey key = wrapping.unwrap(content, tls);
        Signature signature = Signature.getInstance("SHA256withECDSA", "SunEC");
        signature.initSign(key);
        byte[] signed = signature.sign();
        signature.initVerify(certificate);
        assertThat(signature.verify(signed)).isTrue();
    }

    private static X509Certificate certificate(byte[] encoded) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509", "SUN").generateCertificate(new ByteArrayInputStream(encoded));
    }

    private byte[] unwrap(StoredDataKey stored) {
        try (SecretBytes key = services.main()
                .decrypt(stored.key(), services.main().fromBlob(stored.key(), stored.blob()), stored.context())) {
            return key.copy();
        }
    }

    @Test
    @DisplayName("The code is that of the documentation, computed by BouncyCastle and the JDK alone")
    void theCodeIsThatOfTheDocumentation() throws Exception {
        List<String> lines = new String(known(), StandardCharsets.UTF_8).lines().toList();
        String encrypted = lines.get(6).replaceAll("^ *\"encrypted-key\": \"|\"$", "");
        EncryptionContext context = EncryptionContext.of(Map.of(
                "kms-envelope-keystore",
                Forge.ID,
                "kms-envelope-kind",
                "seal",
                "kms-envelope-format",
                "1",
                "kms-envelope-generation",
                "1"));
        byte[] blob = Base64.getDecoder().decode(encrypted);
        HKDFBytesGenerator hkdf = new HKDFBytesGenerator(new SHA256Digest());
        try (SecretBytes sealKey =
                services.main().decrypt(MASTER, services.main().fromBlob(MASTER, blob), context)) {
            hkdf.init(new HKDFParameters(
                    sealKey.copy(), null, "kms-envelope-keystore 1 mac".getBytes(StandardCharsets.US_ASCII)));
        }
        byte[] macKey = new byte[32];
        hkdf.generateBytes(macKey, 0, 32);
        Mac mac = Mac.getInstance("HmacSHA256", "SunJCE");
        mac.init(new SecretKeySpec(macKey, "HmacSHA256"));
        for (String line : lines.subList(0, lines.size() - 1)) {
            mac.update((line + "\n").getBytes(StandardCharsets.UTF_8));
        }

        assertThat(lines.get(lines.size() - 1))
                .isEqualTo("mac " + Base64.getEncoder().encodeToString(mac.doFinal()));
    }

    @Test
    void theKnownFileIsWrittenTheSameWayToday() throws Exception {
        byte[] known = known();
        StoreReader reader = new StoreReader(Forge.json(known));
        SealHead head = reader.head();

        assertThat(StoreWriter.write(head, reader.content(head).entries())).isEqualTo(Forge.json(known));
    }

    /** How the file was made: {@code -Dknown.file=PATH} makes another one, which is needed for a new version of the format only. */
    @Test
    @EnabledIfSystemProperty(named = "known.file", matches = ".+")
    void makeTheKnownFile() throws Exception {
        StoreWrapping wrapping = new StoreWrapping(services, Clock.fixed(Samples.CREATED, ZoneOffset.UTC));
        StoreContent content = new StoreContent(Forge.ID, 0, List.of());
        Samples.Identity identity = Samples.identity("EC", new ECGenParameterSpec("P-256"), "SHA256withECDSA");
        DataKeyEntry tokens = wrapping.wrap(
                content,
                "tokens",
                MASTER,
                DataKeyUsage.AES_GCM,
                false,
                CONTEXT,
                StoredDataKey.DEFAULT_MAX_MESSAGES,
                counting(32, 32));
        content = content.with(new KeyPointer("orders", Samples.CREATED, KeyId.of("alias/orders")))
                .with(wrapping.addVersion(content, tokens))
                .with(wrapping.wrap(
                        content,
                        "Schl\u00fcssel \u202e",
                        MASTER,
                        DataKeyUsage.HMAC_SHA512,
                        true,
                        Map.of(),
                        1,
                        counting(64, 64)))
                .with(wrapping.wrap(content, "tls", MASTER, CONTEXT, identity.key(), identity.chain()))
                .with(new CertificateEntry(
                        "ca", Samples.CREATED, identity.certificate().getEncoded()));
        byte[] file = new StoreSeal(services.main(), MASTER, 0).seal(content);
        Files.write(Path.of(System.getProperty("known.file")), file);
    }
}
