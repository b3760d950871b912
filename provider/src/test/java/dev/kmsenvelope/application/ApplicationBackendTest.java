package dev.kmsenvelope.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.CryptoInputStream;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import com.amazonaws.encryptionsdk.model.KeyBlob;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.OaepHash;
import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.spi.Backends;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ApplicationBackendTest {

    private static final char[] PASSWORD = "correct horse".toCharArray();
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "acme"));

    @TempDir
    Path directory;

    private final Map<String, String> settings = new HashMap<>();

    private static byte[] keyStore;

    /** Once, because sealing the entries takes its time. */
    @BeforeAll
    static void keyStore() throws Exception {
        KeyStore made = KeyStore.getInstance("PKCS12");
        made.load(null, null);
        for (int bits : new int[] {128, 192, 256}) {
            made.setEntry(
                    "aes" + bits,
                    new KeyStore.SecretKeyEntry(new SecretKeySpec(key(bits), "AES")),
                    new KeyStore.PasswordProtection(PASSWORD));
        }
        made.setEntry(
                "mac",
                new KeyStore.SecretKeyEntry(new SecretKeySpec(new byte[32], "HmacSHA256")),
                new KeyStore.PasswordProtection(PASSWORD));
        made.setEntry(
                "a name with spaces",
                new KeyStore.SecretKeyEntry(new SecretKeySpec(new byte[32], "AES")),
                new KeyStore.PasswordProtection(PASSWORD));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        made.store(out, PASSWORD);
        keyStore = out.toByteArray();
    }

    @BeforeEach
    void files() throws Exception {
        Files.write(directory.resolve("keys.p12"), keyStore);
        writeOwnerOnly(directory.resolve("password"), "correct horse\n");
        settings.put("backend", "application");
        settings.put("application.keystore", directory.resolve("keys.p12").toString());
        settings.put("application.password-file", directory.resolve("password").toString());
    }

    /** A file that nobody is warned about. */
    private static void writeOwnerOnly(Path file, String text) throws IOException {
        Files.writeString(file, text);
        if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }

    private static byte[] key(int bits) {
        byte[] key = new byte[bits / 8];
        Arrays.fill(key, (byte) bits);
        return key;
    }

    private KeyService open() {
        Configuration configuration = Configuration.of(settings);
        configuration.requireKnown(Backends.configurationKeys());
        return Backends.openService(configuration);
    }

    private static byte[] bytes(SecretBytes secret) {
        try (secret) {
            return secret.copy();
        }
    }

    @Test
    void itsAesKeysAreListedUnderTheirAlias() {
        try (KeyService service = open()) {
            assertThat(service.name()).isEqualTo("application");
            assertThat(service.list())
                    .extracting(KeyDescription::id)
                    .extracting(KeyId::value)
                    .containsExactlyInAnyOrder("aes128", "aes192", "aes256");
            assertThat(service.describe(KeyId.of("alias/aes128"))).isEqualTo(service.describe(KeyId.of("aes128")));
            assertThat(service.decryptionKeys(KeyId.of("alias/aes128"))).containsExactly(KeyId.of("aes128"));
            assertThatThrownBy(() -> service.describe(KeyId.of("mac")))
                    .isInstanceOf(KeyNotFoundException.class)
                    .hasMessageContaining("aes256");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {128, 192, 256})
    void dataKeysRoundTrip(int bits) {
        KeyId key = KeyId.of("alias/aes" + bits);
        try (KeyService service = open();
                DataKeyPair pair = service.generateDataKey(key, 32, CONTEXT)) {
            EncryptedDataKey encrypted = service.fromBlob(key, service.toBlob(pair.encrypted()));
            assertThat(service.keyOf(encrypted)).contains(KeyId.of("aes" + bits));
            assertThat(bytes(service.decrypt(key, encrypted, CONTEXT)))
                    .isEqualTo(pair.plaintext().copy());
            assertThatThrownBy(() -> service.decrypt(key, encrypted, EncryptionContext.empty()))
                    .isInstanceOf(InvalidCiphertextException.class);
            KeyId other = KeyId.of(bits == 256 ? "aes128" : "aes256");
            assertThatThrownBy(() -> service.decrypt(other, encrypted, CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
            EncryptedDataKey moved = service.reEncrypt(key, encrypted, CONTEXT, other, EncryptionContext.empty());
            assertThat(bytes(service.decrypt(other, moved, EncryptionContext.empty())))
                    .isEqualTo(pair.plaintext().copy());
        }
    }

    @Test
    void everyChangedByteOfABlobIsNoticed() {
        KeyId key = KeyId.of("aes256");
        try (KeyService service = open()) {
            byte[] blob = service.toBlob(service.encrypt(key, new byte[32], CONTEXT));
            for (int i = 0; i < blob.length; i++) {
                byte[] changed = blob.clone();
                changed[i] ^= 1;
                assertThatThrownBy(() -> service.decrypt(key, service.fromBlob(key, changed), CONTEXT))
                        .as("byte %d", i)
                        .isInstanceOf(InvalidCiphertextException.class);
            }
        }
    }

    @Test
    void theDataKeysOfTheAwsEncryptionSdkOpen() throws Exception {
        settings.put("application.namespace", "my-namespace");
        JceMasterKey master = JceMasterKey.getInstance(
                new SecretKeySpec(key(256), "AES"), "my-namespace", "aes256", "AES/GCM/NoPadding");
        AwsCrypto sdk = AwsCrypto.builder()
                .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
                .build();
        byte[] message = sdk.encryptData(master, new byte[100], CONTEXT.asMap()).getResult();
        try (KeyService service = open();
                CryptoInputStream<JceMasterKey> in =
                        sdk.createDecryptingStream(master, new ByteArrayInputStream(message))) {
            in.readAllBytes();
            KeyBlob blob =
                    in.getCryptoResult().getHeaders().getEncryptedKeyBlobs().get(0);
            EncryptedDataKey encrypted = new EncryptedDataKey(
                    blob.getProviderId(), blob.getProviderInformation(), blob.getEncryptedDataKey());
            EncryptionContext context =
                    EncryptionContext.ofMessage(in.getCryptoResult().getEncryptionContext());
            assertThat(service.keyOf(encrypted)).contains(KeyId.of("aes256"));
            assertThat(bytes(service.decrypt(KeyId.of("aes256"), encrypted, context)))
                    .hasSize(32);
        }
    }

    @Test
    void aFailureOfTheRandomSourceIsAFailureOfTheService() throws Exception {
        SecureRandom broken = new SecureRandom() {
            private static final long serialVersionUID = 1L;

            @Override
            public void nextBytes(byte[] bytes) {
                throw new ProviderException("nextBytes() failed");
            }
        };
        KeyId key = KeyId.of("aes256");
        try (ApplicationKeyService service = new ApplicationKeyService(readAll(broken), broken);
                KeyService whole = new ApplicationKeyService(readAll(), OsRandom.create())) {
            assertThatThrownBy(() -> service.generateDataKey(key, 32, CONTEXT))
                    .isInstanceOf(KmsUnavailableException.class);
            assertThatThrownBy(() -> service.encrypt(key, new byte[32], CONTEXT))
                    .isInstanceOf(KmsUnavailableException.class)
                    .hasMessageContaining("nextBytes");
            EncryptedDataKey encrypted = whole.encrypt(key, new byte[32], CONTEXT);
            service.decrypt(key, encrypted, CONTEXT).close();
            assertThatThrownBy(() -> service.reEncrypt(key, encrypted, CONTEXT, key, CONTEXT))
                    .isInstanceOf(KmsUnavailableException.class);
        }
    }

    private static List<ApplicationKey> readAll() throws Exception {
        return readAll(OsRandom.create());
    }

    private static List<ApplicationKey> readAll(SecureRandom random) throws Exception {
        KeyStore loaded = KeyStore.getInstance("PKCS12");
        loaded.load(new ByteArrayInputStream(keyStore), PASSWORD);
        return new KeyReader("namespace", OaepHash.SHA_256, random).readAll(loaded, PASSWORD);
    }

    @Test
    @DisplayName("RULES 10: a process stops at 2^31 encryptions with one key")
    void usesAreBounded() throws Exception {
        List<ApplicationKey> keys = readAll();
        try (ApplicationKeyService service = new ApplicationKeyService(keys, OsRandom.create())) {
            keys.forEach(key -> ((AesApplicationKey) key).uses().set((1L << 31) - 1));
            KeyId key = KeyId.of("aes256");
            EncryptedDataKey last = service.encrypt(key, new byte[32], CONTEXT);
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> service.encrypt(key, new byte[32], CONTEXT))
                        .isInstanceOf(KeyDisabledException.class);
            }
            service.decrypt(key, last, CONTEXT).close();
        }
    }

    @Test
    void wrongSettingsSayWhatIsRight() throws Exception {
        assertThatThrownBy(() -> Backends.openAdministration(Configuration.of(settings)))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("keytool");
        for (Map.Entry<String, String> wrong : Map.of(
                        "application.keystore-type", "KMS",
                        "application.keystore", directory.resolve("absent").toString(),
                        "application.password-file", "",
                        "application.namespace", "aws-kms")
                .entrySet()) {
            Map<String, String> changed = new HashMap<>(settings);
            changed.put(wrong.getKey(), wrong.getValue());
            assertThatThrownBy(() -> Backends.openService(Configuration.of(changed)))
                    .as(wrong.toString())
                    .isInstanceOf(KmsConfigurationException.class);
        }
        writeOwnerOnly(directory.resolve("password"), "wrong\n");
        assertThatThrownBy(this::open)
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("keys.p12")
                .hasMessageNotContaining("wrong");
    }

    @Test
    @DisplayName("RULES 16: closing wipes the keys")
    void closingWipes() throws Exception {
        List<ApplicationKey> keys = readAll();
        KeyService service = new ApplicationKeyService(keys, OsRandom.create());
        service.close();
        service.close();
        assertThat(keys)
                .isNotEmpty()
                .allMatch(key -> ((AesApplicationKey) key).material().isDestroyed());
        assertThatThrownBy(service::list).isInstanceOf(IllegalStateException.class);
    }
}
