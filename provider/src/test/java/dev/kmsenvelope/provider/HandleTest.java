package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayOutputStream;
import java.io.NotSerializableException;
import java.io.ObjectOutputStream;
import java.security.InvalidKeyException;
import java.security.Key;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a handle is, and what its policy makes ciphers do that know nothing of it. */
class HandleTest {

    private static final Key KEY = new SecretKeySpec(new byte[16], "AES");

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other").withKey("third");
    private final KmsSecretKey handle = Ciphers.handle(service, "master");

    @Test
    @DisplayName("A handle is opaque, an AES key, equal by name, service and policy, and does not leave the process")
    void handle() throws Exception {
        assertThat(handle.getEncoded()).isNull();
        assertThat(handle.getFormat()).isNull();
        assertThat(handle.getAlgorithm()).isEqualTo("AES");
        assertThat(handle.isDestroyed()).isFalse();
        assertThat(handle)
                .isEqualTo(Ciphers.handle(service, "master"))
                .hasSameHashCodeAs(Ciphers.handle(service, "master"));
        assertThat(handle)
                .isNotEqualTo(Ciphers.handle(service, "other"))
                .isNotEqualTo(Ciphers.handle(new InMemoryKeyService(), "master"))
                .isNotEqualTo(Ciphers.handle(service, "master", "key.master.usage", "encrypt"))
                .isNotEqualTo(Ciphers.handle(service, "master", "key.master.context.a", "b"))
                .isNotEqualTo(KEY)
                .isNotEqualTo(null);
        assertThat(handle.toString()).contains("master", "in-memory");
        assertThat(Ciphers.handle(service, "master", "key.master.context.a", "planted")
                        .toString())
                .doesNotContain("planted");
        try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
            assertThatExceptionOfType(NotSerializableException.class).isThrownBy(() -> out.writeObject(handle));
        }
    }

    @ParameterizedTest
    @DisplayName("key.<name>.usage: the other direction is an InvalidKeyException, before the service is asked")
    @CsvSource({"encrypt, 1 3, 2 4", "decrypt, 2 4, 1 3"})
    void usage(String usage, String allowed, String refused) throws Exception {
        KmsSecretKey limited = Ciphers.handle(service, "master", "key.master.usage", usage);
        for (String transformation : new String[] {Ciphers.GCM, Ciphers.ENVELOPE, Ciphers.WRAP}) {
            for (String mode : refused.split(" ", -1)) {
                if (transformation.equals(Ciphers.WRAP) && Integer.parseInt(mode) <= 2) {
                    continue;
                }
                assertThatExceptionOfType(InvalidKeyException.class)
                        .isThrownBy(() -> Ciphers.ours(transformation, Integer.parseInt(mode), limited))
                        .withMessageContaining("master")
                        .withMessageContaining("usage");
            }
            for (String mode : allowed.split(" ", -1)) {
                if (!transformation.equals(Ciphers.WRAP) || Integer.parseInt(mode) > 2) {
                    Ciphers.ours(transformation, Integer.parseInt(mode), limited);
                }
            }
        }
        KmsSecretKey unlimited = Ciphers.handle(service, "master", "key.other.usage", usage);
        assertThat(Ciphers.decrypt(unlimited, Ciphers.encrypt(unlimited, new byte[3])))
                .hasSize(3);
    }

    @Test
    @DisplayName("RULES 3: key.<name>.context.<pair> is bound to and required of the messages of unmodified code")
    void configuredContext() throws Exception {
        KmsSecretKey tenantA = Ciphers.handle(service, "master", "key.master.context.tenant", "a");
        KmsSecretKey tenantB = Ciphers.handle(service, "master", "key.master.context.tenant", "b");
        byte[] message = Ciphers.encrypt(tenantA, new byte[3]);
        assertThat(new String(message, java.nio.charset.StandardCharsets.ISO_8859_1))
                .contains("tenant");
        assertThat(Ciphers.decrypt(tenantA, message)).hasSize(3);
        assertThat(Ciphers.decrypt(handle, message))
                .as("a handle that requires nothing")
                .hasSize(3);
        int before = service.decrypted.get();
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> Ciphers.decrypt(tenantB, message));
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> Ciphers.decrypt(tenantA, Ciphers.encrypt(handle, new byte[3])));
        assertThat(service.decrypted).as("no call to the service").hasValue(before);

        byte[] wrapped = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, tenantA).wrap(KEY);
        assertThat(Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, tenantA).unwrap(wrapped, "AES", Cipher.SECRET_KEY))
                .isEqualTo(KEY);
        for (KmsSecretKey wrong : new KmsSecretKey[] {tenantB, handle}) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, wrong)
                            .unwrap(wrapped, "AES", Cipher.SECRET_KEY));
        }
    }

    @Test
    @DisplayName(
            "RULES 14: messages and blobs under the keys in key.<name>.decrypt-keys open, those under others do not")
    void decryptKeys() throws Exception {
        KmsSecretKey repointed = Ciphers.handle(service, "master", "key.master.decrypt-keys", "other, ,x");
        KmsSecretKey withMore = Ciphers.handle(service, "master", "key.master.decrypt-keys", " other ,");
        KmsSecretKey old = Ciphers.handle(service, "other");
        KmsSecretKey third = Ciphers.handle(service, "third");
        assertThat(Ciphers.decrypt(withMore, Ciphers.encrypt(old, new byte[3]))).hasSize(3);
        assertThat(Ciphers.decrypt(withMore, Ciphers.encrypt(handle, new byte[3])))
                .hasSize(3);
        assertThat(Ciphers.decrypt(handle, Ciphers.encrypt(withMore, new byte[3])))
                .as("encrypts under its own")
                .hasSize(3);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> Ciphers.decrypt(handle, Ciphers.encrypt(old, new byte[3])));
        int before = service.decrypted.get();
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> Ciphers.decrypt(withMore, Ciphers.encrypt(third, new byte[3])));
        assertThat(service.decrypted).as("no call to the service").hasValue(before);

        byte[] blob = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, old).wrap(KEY);
        assertThat(Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, withMore).unwrap(blob, "AES", Cipher.SECRET_KEY))
                .isEqualTo(KEY);
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() ->
                        Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, handle).unwrap(blob, "AES", Cipher.SECRET_KEY));
        for (KmsSecretKey written : List.of(old, repointed)) {
            assertThat(Ciphers.decrypt(repointed, Ciphers.encrypt(written, new byte[3])))
                    .as("a key in the list that does not exist any more is no obstacle")
                    .hasSize(3);
        }
    }

    @ParameterizedTest
    @DisplayName("Settings that cannot be meant are refused, with their name")
    @ValueSource(
            strings = {
                "key.master.usage=both",
                "key.master.usage=Encrypt",
                "key.master.decrypt-keys=a b",
                "key.master.context.a=",
                "key.master.context.aws-crypto-x=y",
                "frame-length=0",
                "frame-length=17MiB",
                "frame-length=x",
                "decrypt.hold=-1",
                "decrypt.hold=2GiB",
                "engine=KmsEnvelope",
                "engine=SUN",
                "engine=nonsense"
            })
    void wrongSettings(String setting) {
        String[] pair = setting.split("=", -1);
        assertThatExceptionOfType(KmsConfigurationException.class)
                .isThrownBy(() -> KeyPolicy.of(Configuration.of(Map.of(pair[0], pair[1])), KeyId.of("master")))
                .withMessageContaining(pair[0].replaceAll("context.*", "context"));
    }

    @Test
    @DisplayName("A policy tells what it was made of, and which settings it reads")
    void policy() {
        KeyPolicy policy = KeyPolicy.of(
                Configuration.of(Map.of(
                        "key.alias/a.context.x", "1",
                        "key.alias/a.usage", "decrypt",
                        "key.alias/a.decrypt-keys", "b,c",
                        "key.alias/b.context.y", "2")),
                KeyId.of("alias/a"));
        assertThat(policy.context().asMap()).containsExactly(Map.entry("x", "1"));
        assertThat(policy.usage()).isEqualTo(KeyPolicy.Usage.DECRYPT);
        assertThat(policy.decryptKeys()).extracting(Object::toString).containsExactly("b", "c");
        assertThat(KeyPolicy.configurationKeys())
                .contains(
                        "key.*.context.*",
                        "key.*.usage",
                        "key.*.decrypt-keys",
                        "frame-length",
                        "decrypt.hold",
                        "tink.max-messages");
        assertThat(policy)
                .isNotEqualTo(KeyPolicy.of(Configuration.empty(), KeyId.of("alias/a")))
                .isNotEqualTo("policy");
    }
}
