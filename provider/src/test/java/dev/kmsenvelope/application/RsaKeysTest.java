package dev.kmsenvelope.application;

import static dev.kmsenvelope.application.KeyStoreFiles.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.crypto.OaepHash;
import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.testing.RsaKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RsaKeysTest {

    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "acme"));
    private static final KeyId RSA = KeyId.of("alias/rsa");

    @TempDir
    Path directory;

    private KeyStoreFiles keyStore(String type) throws Exception {
        return new KeyStoreFiles(directory, type);
    }

    private KeyService open() throws Exception {
        return keyStore("PKCS12")
                .aes("aes", new byte[32])
                .pair("rsa", RsaKeys.first())
                .open();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PKCS12", "JKS", "JCEKS", "BCFKS"})
    void everyTypeOfKeyStoreServes(String type) throws Exception {
        KeyStoreFiles files = keyStore(type)
                .pair("rsa", RsaKeys.first())
                .certificate("recovery", RsaKeys.certificate(RsaKeys.second()));
        if (!type.equals("JKS")) { // which has no secret keys
            files.aes("aes", new byte[32]);
        }
        try (KeyService service = files.open()) {
            for (KeyDescription key : service.list()) {
                try (DataKeyPair pair = service.generateDataKey(key.id(), 32, CONTEXT)) {
                    EncryptedDataKey encrypted = service.fromBlob(key.id(), service.toBlob(pair.encrypted()));
                    assertThat(service.keyOf(encrypted)).contains(key.id());
                    if (!key.id().value().equals("recovery")) {
                        assertThat(bytes(service.decrypt(key.id(), encrypted, CONTEXT)))
                                .isEqualTo(pair.plaintext().copy());
                    }
                }
            }
            assertThat(service.list()).hasSize(type.equals("JKS") ? 2 : 3);
        }
    }

    @Test
    @DisplayName("Anyone encrypts with a public key, so RSA keys bind no context; it is asked without the private key")
    void onlySymmetricKeysBindContexts() throws Exception {
        try (KeyService service = keyStore("PKCS12")
                .aes("aes", new byte[32])
                .pair("rsa", RsaKeys.first())
                .certificate("recovery", RsaKeys.certificate(RsaKeys.second()))
                .open()) {
            assertThat(service.bindsContext(KeyId.of("alias/aes"))).isTrue();
            assertThat(service.bindsContext(RSA)).isFalse();
            assertThat(service.bindsContext(KeyId.of("recovery"))).isFalse();
            assertThatThrownBy(() -> service.bindsContext(KeyId.of("none"))).isInstanceOf(KeyNotFoundException.class);
        }
    }

    @Test
    void rsaKeysAreDescribedByTheirModulus() throws Exception {
        KeyStoreFiles files = keyStore("PKCS12").aes("aes", new byte[16]);
        for (int bits : new int[] {2048, 2560, 3072, 4096, 8192}) {
            files.certificate("rsa" + bits, RsaKeys.certificate(RsaKeys.publicKey(bits), RsaKeys.first()));
        }
        try (KeyService service = files.open()) {
            assertThat(service.list())
                    .allMatch(key -> key.usage() == KeyUsage.ENCRYPT_DECRYPT)
                    .allMatch(key -> key.state() == KeyState.ENABLED)
                    .allMatch(key -> key.versions().isEmpty())
                    .extracting(key -> key.id() + " " + key.spec() + " " + key.aliases())
                    .containsExactlyInAnyOrder(
                            "aes SYMMETRIC_DEFAULT [alias/aes]",
                            "rsa2048 RSA_2048 [alias/rsa2048]",
                            "rsa2560 OTHER [alias/rsa2560]",
                            "rsa3072 RSA_3072 [alias/rsa3072]",
                            "rsa4096 RSA_4096 [alias/rsa4096]",
                            "rsa8192 OTHER [alias/rsa8192]");
            for (KeyDescription key : service.list()) {
                service.generateDataKey(key.id(), 32, CONTEXT).close();
            }
        }
    }

    @Test
    void theyWrapDataKeysAndAreNothingElse() throws Exception {
        try (KeyService service = open()) {
            for (Class<?> capability : List.of(
                    PublicKeyService.class,
                    RsaDecryptionService.class,
                    SigningService.class,
                    KeyAgreementService.class)) {
                assertThat(service.capability(capability)).isEmpty();
            }
            assertThat(service.capability(RandomService.class).orElseThrow().generateRandom(1024))
                    .hasSize(1024);
            assertThatThrownBy(() -> service.capability(RandomService.class)
                            .orElseThrow()
                            .generateRandom(1025))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void theHashIsASetting(OaepHash hash) throws Exception {
        Map<String, String> settings =
                keyStore("PKCS12").pair("rsa", RsaKeys.first()).settings();
        settings.put("application.rsa-hash", hash.algorithm());
        try (KeyService service = KeyStoreFiles.open(settings)) {
            EncryptedDataKey encrypted = service.encrypt(RSA, new byte[32], CONTEXT);
            assertThat(bytes(service.decrypt(RSA, encrypted, CONTEXT))).isEqualTo(new byte[32]);
            settings.put("application.rsa-hash", hash == OaepHash.SHA_512 ? "sha-1" : "sha-512");
            try (KeyService other = KeyStoreFiles.open(settings)) {
                assertThat(other.keyOf(encrypted)).contains(KeyId.of("rsa"));
                assertThatThrownBy(() -> other.decrypt(RSA, encrypted, CONTEXT))
                        .isInstanceOf(InvalidCiphertextException.class)
                        .hasMessageContaining("SHA-");
            }
        }
    }

    @Test
    void keysMoveBetweenKinds() throws Exception {
        try (KeyService service = open()) {
            KeyId aes = KeyId.of("aes");
            EncryptedDataKey first = service.encrypt(aes, new byte[32], CONTEXT);
            EncryptedDataKey second = service.reEncrypt(aes, first, CONTEXT, RSA, EncryptionContext.empty());
            EncryptedDataKey third = service.reEncrypt(RSA, second, EncryptionContext.empty(), aes, CONTEXT);
            assertThat(bytes(service.decrypt(aes, third, CONTEXT))).isEqualTo(new byte[32]);
            assertThatThrownBy(() -> service.decrypt(RSA, first, CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
            assertThatThrownBy(() -> service.decrypt(aes, second, CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
            assertThatThrownBy(() -> service.encrypt(RSA, new byte[191], CONTEXT))
                    .isInstanceOf(InvalidKeyUsageException.class)
                    .hasMessageContaining("190");
            assertThatThrownBy(() -> service.encrypt(RSA, new byte[0], CONTEXT))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void eachLayoutNamesKeysOfItsKindOnly() throws Exception {
        byte[] iv = new byte[12];
        try (KeyService service = open()) {
            EncryptedDataKey rsa = service.encrypt(RSA, new byte[32], CONTEXT);
            EncryptedDataKey aes = service.encrypt(KeyId.of("aes"), new byte[32], CONTEXT);
            String namespace = rsa.providerId();
            for (EncryptedDataKey nobodys : List.of(
                    new EncryptedDataKey(namespace, new RawAesKeyInfo("rsa", iv).serialize(), aes.ciphertext()),
                    new EncryptedDataKey(namespace, "aes".getBytes(StandardCharsets.UTF_8), rsa.ciphertext()),
                    new EncryptedDataKey(namespace, "rsa2".getBytes(StandardCharsets.UTF_8), rsa.ciphertext()),
                    new EncryptedDataKey(namespace, "rs".getBytes(StandardCharsets.UTF_8), rsa.ciphertext()),
                    new EncryptedDataKey(namespace, "alias/rsa".getBytes(StandardCharsets.UTF_8), rsa.ciphertext()),
                    new EncryptedDataKey("other", rsa.providerInfo(), rsa.ciphertext()),
                    new EncryptedDataKey(namespace, new byte[0], rsa.ciphertext()))) {
                assertThat(service.keyOf(nobodys)).isEmpty();
                for (KeyId key : List.of(RSA, KeyId.of("aes"))) {
                    assertThatThrownBy(() -> service.decrypt(key, nobodys, CONTEXT))
                            .isInstanceOf(InvalidCiphertextException.class);
                }
            }
            byte[] blob = service.toBlob(rsa);
            assertThatThrownBy(() -> service.fromBlob(RSA, Arrays.copyOf(blob, blob.length - 1)))
                    .isInstanceOf(InvalidCiphertextException.class);
        }
    }

    @Test
    @DisplayName("RULES 15: a certificate alone encrypts, and the process cannot read back what it writes")
    void encryptOnly() throws Exception {
        KeyStoreFiles.keytool(
                directory,
                ("-genkeypair -alias recovery -keyalg RSA -keysize 2048 -dname CN=recovery -validity 3650"
                                + " -storetype PKCS12 -keystore private.p12 -storepass changeit")
                        .split(" "));
        KeyStoreFiles.keytool(
                directory,
                "-exportcert -alias recovery -file recovery.crt -keystore private.p12 -storepass changeit".split(" "));
        KeyStoreFiles.keytool(
                directory,
                ("-importcert -noprompt -alias recovery -file recovery.crt -storetype PKCS12 -keystore public.p12"
                                + " -storepass changeit")
                        .split(" "));
        KeyId key = KeyId.of("alias/recovery");
        try (KeyService writer = KeyStoreFiles.open(
                        KeyStoreFiles.settings(directory.resolve("public.p12"), "PKCS12", "changeit"));
                KeyService reader = KeyStoreFiles.open(
                        KeyStoreFiles.settings(directory.resolve("private.p12"), "PKCS12", "changeit"));
                DataKeyPair pair = writer.generateDataKey(key, 32, CONTEXT)) {
            assertThat(writer.describe(key).spec()).isEqualTo(KeySpec.RSA_2048);
            assertThat(writer.describe(key).state()).isEqualTo(KeyState.ENABLED);
            assertThat(writer.decryptionKeys(key)).containsExactly(KeyId.of("recovery"));
            assertThat(writer.keyOf(pair.encrypted())).contains(KeyId.of("recovery"));
            assertThatThrownBy(() -> writer.decrypt(key, pair.encrypted(), CONTEXT))
                    .isInstanceOf(KeyAccessDeniedException.class)
                    .hasMessageContaining("public key only");
            assertThatThrownBy(() -> writer.reEncrypt(key, pair.encrypted(), CONTEXT, key, CONTEXT))
                    .isInstanceOf(KeyAccessDeniedException.class);
            assertThat(bytes(reader.decrypt(key, pair.encrypted(), CONTEXT)))
                    .isEqualTo(pair.plaintext().copy());

            Map<Operation, Outcome> may = access(writer, key);
            assertThat(may.keySet())
                    .containsExactly(
                            Operation.DESCRIBE_KEY,
                            Operation.GENERATE_DATA_KEY,
                            Operation.ENCRYPT,
                            Operation.DECRYPT,
                            Operation.RE_ENCRYPT);
            assertThat(may.get(Operation.ENCRYPT)).isEqualTo(Outcome.success());
            assertThat(may.get(Operation.DECRYPT).allowed()).isFalse();
            assertThat(may.get(Operation.DECRYPT).reason()).contains("public key only");
            assertThat(may.get(Operation.RE_ENCRYPT).allowed()).isFalse();
            assertThat(access(reader, key).values()).allMatch(Outcome::allowed);
        }
    }

    private static Map<Operation, Outcome> access(KeyService service, KeyId key) {
        return service.capability(AccessCheck.class).orElseThrow().check(service.describe(key));
    }

    @Test
    void aKeyThatIsRefusedKeepsNoOtherFromWorking() throws Exception {
        KeyStoreFiles files = keyStore("JCEKS")
                .aes("good", new byte[32])
                .aes("odd", new byte[20])
                .pair("short", RsaKeys.pair("weak", 1024))
                .pair("rsa", RsaKeys.first())
                .pair("mismatch", RsaKeys.first(), RsaKeys.certificate(RsaKeys.second()), KeyStoreFiles.PASSWORD)
                .pair("locked", RsaKeys.second(), RsaKeys.certificate(RsaKeys.second()), "another".toCharArray())
                .certificate("weak", RsaKeys.certificate(RsaKeys.pair("weak", 1024)))
                .pair("ec", RsaKeys.generate("EC", 256))
                .certificate("ec-certificate", RsaKeys.certificate(RsaKeys.generate("EC", 256)))
                .pair("with blank", RsaKeys.second())
                .certificate("ümlaut", RsaKeys.certificate(RsaKeys.second()));
        try (KeyService service = files.open()) {
            assertThat(service.list())
                    .extracting(key -> key.id() + " " + key.spec() + " " + key.state())
                    .containsExactlyInAnyOrder(
                            "good SYMMETRIC_DEFAULT ENABLED",
                            "rsa RSA_2048 ENABLED",
                            "odd OTHER DISABLED",
                            "short OTHER DISABLED",
                            "weak OTHER DISABLED",
                            "mismatch OTHER DISABLED",
                            "locked OTHER DISABLED");
            Map.of(
                            "odd", "20 bytes",
                            "short", "1024 bits",
                            "weak", "1024 bits",
                            "mismatch", "another key",
                            "locked", "password")
                    .forEach((name, text) -> {
                        KeyId key = KeyId.of("alias/" + name);
                        EncryptedDataKey any = service.encrypt(RSA, new byte[32], CONTEXT);
                        for (Callable<?> use : List.<Callable<?>>of(
                                () -> service.generateDataKey(key, 32, CONTEXT),
                                () -> service.encrypt(key, new byte[32], CONTEXT),
                                () -> service.decrypt(key, any, CONTEXT))) {
                            assertThatThrownBy(use::call)
                                    .as(name)
                                    .isInstanceOf(KeyDisabledException.class)
                                    .hasMessageContaining(name)
                                    .hasMessageContaining(text);
                        }
                        assertThat(access(service, key).get(Operation.DECRYPT).reason())
                                .contains(text);
                        assertThat(access(service, key)
                                        .get(Operation.DESCRIBE_KEY)
                                        .allowed())
                                .isTrue();
                    });
            for (String absent : List.of("ec", "ec-certificate", "with", "blank")) {
                assertThatThrownBy(() -> service.describe(KeyId.of(absent)))
                        .isInstanceOf(KeyNotFoundException.class)
                        .hasMessageContaining("good");
            }
            for (String works : List.of("good", "rsa")) {
                EncryptedDataKey encrypted = service.encrypt(KeyId.of(works), new byte[32], CONTEXT);
                assertThat(bytes(service.decrypt(KeyId.of(works), encrypted, CONTEXT)))
                        .hasSize(32);
            }
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
        try (ApplicationKeyService service = new ApplicationKeyService(read(broken), broken)) {
            assertThatThrownBy(() -> service.encrypt(RSA, new byte[32], CONTEXT))
                    .isInstanceOf(KmsUnavailableException.class)
                    .hasMessageContaining("rsa");
            assertThatThrownBy(() -> service.generateRandom(16)).isInstanceOf(KmsUnavailableException.class);
        }
    }

    private static List<ApplicationKey> read(SecureRandom random) throws Exception {
        KeyStore keyStore = KeyStore.getInstance("PKCS12");
        keyStore.load(null, null);
        keyStore.setKeyEntry(
                "rsa", RsaKeys.first().getPrivate(), KeyStoreFiles.PASSWORD, new java.security.cert.Certificate[] {
                    RsaKeys.certificate(RsaKeys.first())
                });
        return new KeyReader("namespace", OaepHash.SHA_256, random).readAll(keyStore, KeyStoreFiles.PASSWORD);
    }

    @Test
    @DisplayName("RULES 16: closing lets go of the private key")
    void closing() throws Exception {
        List<ApplicationKey> keys = read(OsRandom.create());
        ApplicationKeyService service = new ApplicationKeyService(keys, OsRandom.create());
        EncryptedDataKey encrypted = service.encrypt(RSA, new byte[32], CONTEXT);
        RsaApplicationKey key = (RsaApplicationKey) keys.get(0);
        service.close();
        service.close();
        assertThatThrownBy(() -> key.rsa().decrypt(encrypted.ciphertext())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> service.decrypt(RSA, encrypted, CONTEXT)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> service.generateRandom(16)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void manyThreadsUseOneService() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (KeyService service = open()) {
            List<Future<byte[]>> results = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                byte[] plaintext = new byte[32];
                plaintext[0] = (byte) i;
                KeyId key = i % 2 == 0 ? RSA : KeyId.of("aes");
                results.add(threads.submit(() -> {
                    EncryptedDataKey encrypted = service.encrypt(key, plaintext, CONTEXT);
                    return bytes(service.decrypt(service.keyOf(encrypted).orElseThrow(), encrypted, CONTEXT));
                }));
            }
            for (int i = 0; i < results.size(); i++) {
                assertThat(results.get(i).get()[0]).isEqualTo((byte) i);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
