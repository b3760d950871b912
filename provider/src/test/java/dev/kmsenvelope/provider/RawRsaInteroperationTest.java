package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import com.amazonaws.encryptionsdk.multi.MultipleProviderFactory;
import dev.kmsenvelope.application.ApplicationBackendFactory;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.testing.RsaKeys;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whole messages under RSA keys that the application holds: the published AWS Encryption SDK for Java opens what the cipher
 * writes, and the reverse.
 */
class RawRsaInteroperationTest {

    private static final String NAMESPACE = "my-keys";
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final byte[] TEXT =
            "a text that nobody else may read".repeat(100).getBytes(StandardCharsets.UTF_8);
    private static final Map<String, String> CONTEXT = Map.of("tenant", "ä");
    private static final SecretKey AES = new SecretKeySpec(new byte[32], "AES");
    private static final KeyPair PAIR = RsaKeys.first();

    @TempDir
    Path directory;

    @BeforeEach
    void makeKeyStore() throws Exception {
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        keyStore.load(null, null);
        keyStore.setKeyEntry("aes", AES, PASSWORD, null);
        keyStore.setKeyEntry("rsa", PAIR.getPrivate(), PASSWORD, new Certificate[] {RsaKeys.certificate(PAIR)});
        keyStore.setCertificateEntry("recovery", RsaKeys.certificate(RsaKeys.second()));
        try (OutputStream out = Files.newOutputStream(directory.resolve("keys.p12"))) {
            keyStore.store(out, PASSWORD);
        }
        Path password = Files.writeString(directory.resolve("password"), "changeit\n");
        if (Files.getFileAttributeView(password, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        }
    }

    private KeyService open(String hash) {
        return new ApplicationBackendFactory()
                .openService(Configuration.of(Map.of(
                        "application.keystore",
                        directory.resolve("keys.p12").toString(),
                        "application.password-file",
                        directory.resolve("password").toString(),
                        "application.namespace",
                        NAMESPACE,
                        "application.rsa-hash",
                        hash)));
    }

    private static JceMasterKey sdkKey(String name, KeyPair pair, String hash) {
        return JceMasterKey.getInstance(
                pair.getPublic(), pair.getPrivate(), NAMESPACE, name, "RSA/ECB/OAEPWith" + hash + "AndMGF1Padding");
    }

    private static JceMasterKey sdkAesKey() {
        return JceMasterKey.getInstance(AES, NAMESPACE, "aes", "AES/GCM/NoPadding");
    }

    private static KmsSecretKey handle(KeyService service, String key) {
        KeyId id = KeyId.of("alias/" + key);
        return KmsSecretKey.of(service, id, KeyPolicy.of(Configuration.empty(), id));
    }

    private static byte[] seal(KeyService service, String key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        cipher.init(
                Cipher.ENCRYPT_MODE,
                handle(service, key),
                EnvelopeParameterSpec.builder().context(CONTEXT).build());
        return cipher.doFinal(TEXT);
    }

    private static byte[] open(KeyService service, String key, byte[] message) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        cipher.init(Cipher.DECRYPT_MODE, handle(service, key));
        return cipher.doFinal(message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SHA-1", "SHA-256", "SHA-384", "SHA-512"})
    void bothDirections(String hash) throws Exception {
        JceMasterKey sdkKey = sdkKey("rsa", PAIR, hash);
        try (KeyService service = open(hash)) {
            var opened = AwsCrypto.standard().decryptData(sdkKey, seal(service, "rsa"));
            assertThat(opened.getResult()).isEqualTo(TEXT);
            assertThat(opened.getEncryptionContext()).isEqualTo(CONTEXT);

            byte[] message =
                    AwsCrypto.standard().encryptData(sdkKey, TEXT, CONTEXT).getResult();
            assertThat(open(service, "rsa", message)).isEqualTo(TEXT);
        }
    }

    @Test
    void amongSeveralDataKeysEachHandleFindsItsOwn() throws Exception {
        JceMasterKey wrongHash = sdkKey("rsa", PAIR, "SHA-512");
        JceMasterKey stranger = sdkKey("rsa", RsaKeys.second(), "SHA-256");
        JceMasterKey rsa = sdkKey("rsa", PAIR, "SHA-256");
        JceMasterKey recovery = sdkKey("recovery", RsaKeys.second(), "SHA-256");
        byte[] message = AwsCrypto.standard()
                .encryptData(
                        MultipleProviderFactory.buildMultiProvider(
                                JceMasterKey.class, List.of(wrongHash, stranger, recovery, sdkAesKey(), rsa)),
                        TEXT,
                        CONTEXT)
                .getResult();
        try (KeyService service = open("SHA-256")) {
            assertThat(open(service, "rsa", message)).isEqualTo(TEXT);
            assertThat(open(service, "aes", message)).isEqualTo(TEXT);
            assertThatThrownBy(() -> open(service, "recovery", message))
                    .isInstanceOf(KeyAccessDeniedException.class)
                    .hasMessageContaining("public key only");
        }
    }

    @Test
    void whatACertificateEncryptsOpensWhereThePrivateKeyIs() throws Exception {
        try (KeyService service = open("SHA-256")) {
            byte[] message = seal(service, "recovery");
            assertThat(AwsCrypto.standard()
                            .decryptData(sdkKey("recovery", RsaKeys.second(), "SHA-256"), message)
                            .getResult())
                    .isEqualTo(TEXT);
            // RULES 19: nothing is wrong with the message
            assertThatThrownBy(() -> open(service, "recovery", message)).isInstanceOf(KmsException.class);
            assertThatThrownBy(() -> open(service, "rsa", message)).isInstanceOf(AEADBadTagException.class);
        }
    }

    @Test
    void everyChangedByteOfAMessageIsNoticed() throws Exception {
        try (KeyService service = open("SHA-256")) {
            byte[] message = seal(service, "rsa");
            for (int i = 0; i < 700; i += 7) {
                byte[] changed = message.clone();
                changed[i] ^= 1;
                assertThatThrownBy(() -> open(service, "rsa", changed))
                        .as("byte %d", i)
                        .isInstanceOf(AEADBadTagException.class);
            }
        }
    }

    @Test
    void theContextIsBoundByTheMessageAlthoughRsaDoesNotBindIt() throws Exception {
        try (KeyService service = open("SHA-256")) {
            byte[] message = seal(service, "rsa");
            int at = indexOf(message, "tenant".getBytes(StandardCharsets.UTF_8));
            message[at] ^= 1;
            assertThatThrownBy(() -> open(service, "rsa", message)).isInstanceOf(AEADBadTagException.class);
        }
    }

    private static int indexOf(byte[] message, byte[] part) {
        for (int i = 0; i <= message.length - part.length; i++) {
            if (Arrays.equals(message, i, i + part.length, part, 0, part.length)) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }

    @Test
    void keysAreWrappedUpToWhatRsaTakes() throws Exception {
        try (KeyService service = open("SHA-256")) {
            KmsSecretKey handle = handle(service, "rsa");
            Cipher cipher = Cipher.getInstance("AESWrap", new KmsEnvelopeProvider());
            cipher.init(Cipher.WRAP_MODE, handle);
            byte[] wrapped = cipher.wrap(AES);
            assertThatThrownBy(() -> cipher.wrap(PAIR.getPrivate()))
                    .isInstanceOf(KmsException.class)
                    .hasMessageContaining("at most 190 bytes");
            cipher.init(Cipher.UNWRAP_MODE, handle);
            assertThat(cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY).getEncoded())
                    .isEqualTo(AES.getEncoded());
            wrapped[wrapped.length - 1] ^= 1;
            assertThatThrownBy(() -> cipher.unwrap(wrapped, "AES", Cipher.SECRET_KEY))
                    .isInstanceOf(InvalidKeyException.class);
        }
    }
}
