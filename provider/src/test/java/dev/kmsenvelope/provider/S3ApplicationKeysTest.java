package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.S3Objects.Stored;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.RsaKeys;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects whose data keys are under the application's own AES and RSA keys. */
class S3ApplicationKeysTest {

    private static final char[] PASSWORD = "correct horse".toCharArray();
    private static final byte[] AES = Ciphers.random(32);

    @TempDir
    private Path directory;

    private KeyService open(String hash) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        keys.setKeyEntry("aes", new SecretKeySpec(AES, "AES"), PASSWORD, null);
        keys.setKeyEntry("other", new SecretKeySpec(new byte[32], "AES"), PASSWORD, null);
        keys.setKeyEntry(
                "rsa", RsaKeys.first().getPrivate(), PASSWORD, new Certificate[] {RsaKeys.certificate(RsaKeys.first())
                });
        keys.setCertificateEntry("public", RsaKeys.certificate(RsaKeys.second()));
        Path file = directory.resolve("keys.p12");
        try (OutputStream out = Files.newOutputStream(file)) {
            keys.store(out, PASSWORD);
        }
        Path password = Files.writeString(directory.resolve("password"), String.valueOf(PASSWORD));
        if (password.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(password, PosixFilePermissions.fromString("rw-------"));
        }
        return Backends.openService(Configuration.of(Map.of(
                "backend",
                "application",
                "application.keystore",
                file.toString(),
                "application.password-file",
                password.toString(),
                "application.rsa-hash",
                hash)));
    }

    @ParameterizedTest
    @DisplayName("Round trips, and the metadata names the algorithm and has no encryption context")
    @CsvSource({"aes, 3, 02", "aes, 2, AES/GCM", "rsa, 3, 22", "rsa, 2, RSA-OAEP-SHA1"})
    void roundTrips(String name, int version, String algorithm) throws Exception {
        try (KeyService service = open("SHA-1")) {
            KmsSecretKey key = Ciphers.handle(service, "alias/" + name, S3Objects.POLICY, S3Objects.policy(version));
            for (int size : new int[] {0, 1, 100_000}) {
                Stored object = S3Objects.encrypt(key, Ciphers.random(size));
                assertThat(object.metadata()
                                .getOrDefault("x-amz-w", object.metadata().get("x-amz-wrap-alg")))
                        .isEqualTo(algorithm);
                assertThat(object.metadata()).doesNotContainKeys("x-amz-t", "x-amz-m");
                assertThat(object.metadata().getOrDefault("x-amz-matdesc", "{}"))
                        .isEqualTo("{}");
                assertThat(S3Objects.decrypt(key, object)).isEqualTo(Ciphers.random(size));
                assertThat(S3Objects.decrypt(
                                key, object.with(version == 3 ? "x-amz-m" : "x-amz-matdesc", "{\"a\":\"b\"}")))
                        .as("a description is bound to nothing")
                        .hasSize(size);
            }
        }
    }

    @Test
    @DisplayName("The data key under an AES key is AES-GCM with the algorithm's name as associated data")
    void layout() throws Exception {
        try (KeyService service = open("SHA-1")) {
            Stored object = S3Objects.encrypt(Ciphers.handle(service, "aes"), new byte[1]);
            byte[] wrapped = Base64.getDecoder().decode(object.metadata().get("x-amz-3"));
            Cipher plain = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
            plain.init(Cipher.DECRYPT_MODE, new SecretKeySpec(AES, "AES"), new GCMParameterSpec(128, wrapped, 0, 12));
            plain.updateAAD(new byte[] {'1', '1', '5'});
            assertThat(plain.doFinal(wrapped, 12, wrapped.length - 12)).hasSize(32);
        }
    }

    @ParameterizedTest
    @DisplayName("Changed data keys, other keys and other kinds of keys are refused")
    @ValueSource(strings = {"aes", "rsa"})
    void wrong(String name) throws Exception {
        try (KeyService service = open("SHA-1")) {
            KmsSecretKey key = Ciphers.handle(service, name);
            Stored object = S3Objects.encrypt(key, new byte[9]);
            byte[] wrapped = Base64.getDecoder().decode(object.metadata().get("x-amz-3"));
            for (int i = 0; i < wrapped.length; i++) {
                assertWrong(
                        key, object.with("x-amz-3", Base64.getEncoder().encodeToString(Ciphers.flipped(wrapped, i))));
            }
            for (int length : new int[] {1, 12, 28, 29, wrapped.length - 1}) {
                byte[] cut = java.util.Arrays.copyOf(wrapped, length);
                assertWrong(key, object.with("x-amz-3", Base64.getEncoder().encodeToString(cut)));
            }
            for (String other : new String[] {"aes", "rsa", "other"}) {
                if (!other.equals(name)) {
                    assertWrong(Ciphers.handle(service, other), object);
                }
            }
            for (String algorithm : new String[] {"02", "12", "22"}) {
                if (!algorithm.equals(object.metadata().get("x-amz-w"))) {
                    assertWrong(key, object.with("x-amz-w", algorithm));
                    assertWrong(
                            key, object.with("x-amz-w", algorithm).with("x-amz-t", "{\"aws:x-amz-cek-alg\":\"115\"}"));
                }
            }
            Map<String, String> asVersion2 = new TreeMap<>(
                    S3Objects.encrypt(Ciphers.handle(service, name, S3Objects.POLICY, S3Objects.policy(2)), new byte[9])
                            .metadata());
            asVersion2.put("x-amz-key-v2", object.metadata().get("x-amz-3"));
            assertWrong(key, new Stored(object.body(), asVersion2));
        }
    }

    private static void assertWrong(KmsSecretKey key, Stored object) {
        assertThatThrownBy(() -> S3Objects.decrypt(key, object))
                .isExactlyInstanceOf(AEADBadTagException.class)
                .hasCauseInstanceOf(InvalidMessageException.class);
    }

    @ParameterizedTest
    @DisplayName("RULES 3: no context is bound, so none is written and one that is required is not there")
    @ValueSource(strings = {"aes", "rsa"})
    void context(String name) throws Exception {
        try (KeyService service = open("SHA-1")) {
            KmsSecretKey key = Ciphers.handle(service, name);
            assertThatThrownBy(() -> S3Objects.encrypt(key, new byte[1], Ciphers.context("a", "b")))
                    .isInstanceOf(InvalidAlgorithmParameterException.class);
            Stored object = S3Objects.encrypt(key, new byte[1]).with("x-amz-m", "{\"a\":\"b\"}");
            KmsSecretKey strict = Ciphers.handle(service, name, "key." + name + ".context.a", "b");
            assertWrong(strict, object);
        }
    }

    @Test
    @DisplayName("RSA keys with another hash than SHA-1 are not for this, and public keys write only")
    void rsa() throws Exception {
        Stored object;
        Stored forOther;
        try (KeyService service = open("SHA-1")) {
            object = S3Objects.encrypt(Ciphers.handle(service, "rsa"), new byte[9]);
            KmsSecretKey publicOnly = Ciphers.handle(service, "public");
            forOther = S3Objects.encrypt(publicOnly, new byte[9]);
            assertThatThrownBy(() -> S3Objects.decrypt(publicOnly, forOther))
                    .isInstanceOf(KeyAccessDeniedException.class);
            assertWrong(Ciphers.handle(service, "rsa"), forOther);
        }
        try (KeyService service = open("SHA-256")) {
            KmsSecretKey key = Ciphers.handle(service, "rsa");
            assertThatThrownBy(() -> S3Objects.encrypt(key, new byte[1])).isInstanceOf(InvalidKeyUsageException.class);
            assertThatThrownBy(() -> S3Objects.decrypt(key, object)).isInstanceOf(InvalidKeyUsageException.class);
        }
    }
}
