package dev.kmsenvelope.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.testing.RsaKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.AuthProvider;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Security;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;

/** The process of {@link SoftHsmTest}: makes keys in the token, works with them, and prints what it has shown. */
final class SoftHsmProcess {

    static final String PIN = "48151623";

    static final List<String> STEPS = List.of(
            "a wrong PIN is refused",
            "no provider was registered",
            "keys cannot be extracted",
            "messages make the round",
            "RSA works with every hash",
            "the AWS Encryption SDK's messages open",
            "changed ciphertexts are told from a failing token",
            "a token that logged out is unavailable");

    private static final byte[] TEXT = "a text".getBytes(StandardCharsets.UTF_8);
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "acme"));
    private static final KeyId AES = KeyId.of("alias/aes");
    private static final KeyId RSA = KeyId.of("alias/rsa");

    private final Path directory;
    private final AuthProvider token;
    private final PublicKey publicKey;
    private int shown;

    private SoftHsmProcess(Path directory) throws Exception {
        this.directory = directory;
        assertThatThrownBy(() -> KeyStoreFiles.open(settings("wrong" + PIN)))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("PKCS11")
                .rootCause()
                .hasMessageContaining("CKR_PIN_INCORRECT")
                .hasMessageNotContaining(PIN);
        shown();
        this.token = (AuthProvider) Security.getProvider("SunPKCS11")
                .configure(directory.resolve("pkcs11.cfg").toString());
        KeyStore keyStore = KeyStore.getInstance("PKCS11", token);
        keyStore.load(null, PIN.toCharArray());
        this.publicKey = makeKeys(keyStore);
    }

    /**
     * Runs it.
     *
     * @param arguments the directory with the configurations
     */
    public static void main(String[] arguments) throws Exception {
        SoftHsmProcess process = new SoftHsmProcess(Path.of(arguments[0]));
        try (KeyService service = KeyStoreFiles.open(process.settings(PIN))) {
            process.use(service);
        }
    }

    private void shown() {
        System.out.println("shown: " + STEPS.get(shown++));
    }

    private Map<String, String> settings(String pin) throws Exception {
        Path file = Files.writeString(directory.resolve("pin"), pin + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return new HashMap<>(Map.of(
                "backend", "application",
                "application.pkcs11-config", directory.resolve("pkcs11.cfg").toString(),
                "application.password-file", file.toString()));
    }

    private PublicKey makeKeys(KeyStore keyStore) throws Exception {
        KeyGenerator aes = KeyGenerator.getInstance("AES", token);
        aes.init(256);
        keyStore.setKeyEntry("aes", aes.generateKey(), null, null);
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA", token);
        rsa.initialize(2048);
        KeyPair pair = rsa.generateKeyPair();
        PublicKey inMemory = KeyFactory.getInstance("RSA", "SunRsaSign")
                .generatePublic(new X509EncodedKeySpec(pair.getPublic().getEncoded()));
        X509Certificate certificate = RsaKeys.certificate(inMemory, RsaKeys.first());
        keyStore.setKeyEntry("rsa", pair.getPrivate(), null, new Certificate[] {certificate});
        for (String alias : List.of("aes", "rsa")) {
            Key key = keyStore.getKey(alias, null);
            assertThat(key.getEncoded()).isNull();
            assertThat(key.getFormat()).isNull();
            assertThat(key instanceof PrivateKey).isEqualTo(alias.equals("rsa"));
        }
        return inMemory;
    }

    private void use(KeyService service) throws Exception {
        assertThat(Security.getProviders())
                .noneMatch(provider -> provider.getName().startsWith("SunPKCS11-"));
        shown();
        assertThat(service.list())
                .extracting(KeyDescription::spec)
                .containsExactlyInAnyOrder(KeySpec.SYMMETRIC_DEFAULT, KeySpec.RSA_2048);
        shown();
        for (KeyId key : List.of(AES, RSA)) {
            assertThat(open(service, key, seal(service, key))).isEqualTo(TEXT);
            assertThat(service.capability(AccessCheck.class)
                            .orElseThrow()
                            .check(service.describe(key))
                            .values())
                    .allMatch(Outcome::allowed);
        }
        assertThatThrownBy(() -> open(service, RSA, seal(service, AES))).isInstanceOf(AEADBadTagException.class);
        shown();
        everyHash();
        shown();
        publishedSdk();
        shown();
        changedCiphertexts(service);
        shown();
        loggedOut(service);
        shown();
    }

    private static byte[] seal(KeyService service, KeyId key) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        cipher.init(Cipher.ENCRYPT_MODE, handle(service, key));
        return cipher.doFinal(TEXT);
    }

    private static byte[] open(KeyService service, KeyId key, byte[] message) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        cipher.init(Cipher.DECRYPT_MODE, handle(service, key));
        return cipher.doFinal(message);
    }

    private static KmsSecretKey handle(KeyService service, KeyId key) {
        return KmsSecretKey.of(service, key, KeyPolicy.of(Configuration.empty(), key));
    }

    private void everyHash() throws Exception {
        Map<String, String> settings = settings(PIN);
        for (String hash : List.of("SHA-1", "SHA-256", "SHA-384", "SHA-512")) {
            settings.put("application.rsa-hash", hash);
            try (KeyService service = KeyStoreFiles.open(settings)) {
                EncryptedDataKey encrypted = service.encrypt(RSA, TEXT, CONTEXT);
                assertThat(KeyStoreFiles.bytes(service.decrypt(RSA, encrypted, CONTEXT)))
                        .isEqualTo(TEXT);
            }
        }
    }

    private void publishedSdk() throws Exception {
        JceMasterKey sdk = JceMasterKey.getInstance(
                publicKey,
                null,
                ApplicationBackendFactory.DEFAULT_NAMESPACE,
                "rsa",
                "RSA/ECB/OAEPWithSHA-256AndMGF1Padding");
        byte[] message = AwsCrypto.standard().encryptData(sdk, TEXT).getResult();
        try (KeyService service = KeyStoreFiles.open(settings(PIN))) {
            assertThat(open(service, RSA, message)).isEqualTo(TEXT);
        }
    }

    private static void changedCiphertexts(KeyService service) {
        for (KeyId key : List.of(AES, RSA)) {
            EncryptedDataKey good = service.encrypt(key, TEXT, CONTEXT);
            byte[] ciphertext = good.ciphertext();
            for (int i = 0; i < ciphertext.length; i += 7) {
                byte[] changed = ciphertext.clone();
                changed[i] ^= 1;
                EncryptedDataKey bad = new EncryptedDataKey(good.providerId(), good.providerInfo(), changed);
                assertThatThrownBy(() -> service.decrypt(key, bad, CONTEXT))
                        .isInstanceOf(InvalidCiphertextException.class);
            }
            byte[] most = new byte[ciphertext.length];
            Arrays.fill(most, (byte) 0xFF);
            assertThatThrownBy(() -> service.decrypt(
                            key, new EncryptedDataKey(good.providerId(), good.providerInfo(), most), CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
            service.decrypt(key, good, CONTEXT).close();
        }
    }

    /** Logging out holds for the whole process, and all its keys of the token. */
    private void loggedOut(KeyService service) throws Exception {
        EncryptedDataKey aes = service.encrypt(AES, TEXT, CONTEXT);
        EncryptedDataKey rsa = service.encrypt(RSA, TEXT, CONTEXT);
        token.logout();
        assertThatThrownBy(() -> service.decrypt(AES, aes, CONTEXT)).isInstanceOf(KmsUnavailableException.class);
        assertThatThrownBy(() -> service.encrypt(AES, TEXT, CONTEXT)).isInstanceOf(KmsUnavailableException.class);
        assertThatThrownBy(() -> service.decrypt(RSA, rsa, CONTEXT)).isInstanceOf(KmsUnavailableException.class);
    }
}
