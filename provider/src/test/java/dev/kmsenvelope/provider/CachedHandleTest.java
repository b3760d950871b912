package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What handles share and what they do not, seen from outside: by the calls that a service gets. */
class CachedHandleTest {

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final KeyServices services = KeyServices.of(service, Map.of());

    private KmsSecretKey handle(String name, String... settings) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        KeyId id = KeyId.of(name);
        return KmsSecretKey.of(services, KeyReference.ofMain(id), KeyPolicy.of(Configuration.of(values), id));
    }

    @Test
    @DisplayName("Handles of the same services share data keys: one call writes many messages, one opens them")
    void sharing() throws Exception {
        for (int i = 0; i < 50; i++) {
            byte[] message = Ciphers.encrypt(handle("master"), Ciphers.random(i));
            assertThat(Ciphers.decrypt(handle("master"), message)).isEqualTo(Ciphers.random(i));
        }
        assertThat(service.generated).hasValue(1);
        assertThat(service.decrypted).hasValue(1);
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("Within the limits messages are written and opened while the service is down")
    void outage() throws Exception {
        byte[] message = Ciphers.encrypt(handle("master"), Ciphers.random(10));
        Ciphers.decrypt(handle("master"), message);
        service.failWith(() -> new KmsUnavailableException("down"));
        assertThat(Ciphers.decrypt(handle("master"), message)).hasSize(10);
        assertThat(Ciphers.decrypt(handle("master"), Ciphers.encrypt(handle("master"), new byte[7])))
                .hasSize(7);
    }

    @Test
    @DisplayName("RULES 1: messages under one data key have ids, and so keys and ciphertexts, of their own")
    void ids() throws Exception {
        byte[] one = Ciphers.encrypt(handle("master"), new byte[64]);
        byte[] two = Ciphers.encrypt(handle("master"), new byte[64]);
        assertThat(service.generated).hasValue(1);
        assertThat(Arrays.copyOfRange(one, 3, 35)).isNotEqualTo(Arrays.copyOfRange(two, 3, 35));
        assertThat(Arrays.copyOfRange(one, one.length - 96, one.length))
                .isNotEqualTo(Arrays.copyOfRange(two, two.length - 96, two.length));
    }

    @Test
    @DisplayName("RULES 13: contexts and usages apart; a writer's data key opens nothing")
    void apart() throws Exception {
        byte[] message = Ciphers.encrypt(handle("master", "key.master.context.tenant", "a"), new byte[1]);
        Ciphers.encrypt(handle("master", "key.master.context.tenant", "b"), new byte[1]);
        assertThat(service.generated).hasValue(2);
        KmsSecretKey reader = handle("master", "key.master.usage", "decrypt");
        Ciphers.decrypt(reader, message);
        assertThat(service.decrypted).hasValue(1);
    }

    @Test
    @DisplayName("A maximum age of zero means a call for each message, and no cache at all")
    void uncached() throws Exception {
        int before = DataKeyCache.all().size();
        KmsSecretKey handle = handle("master", "cache.max-age", "0s");
        for (int i = 0; i < 3; i++) {
            Ciphers.decrypt(handle, Ciphers.encrypt(handle, new byte[5]));
        }
        assertThat(service.generated).hasValue(3);
        assertThat(service.decrypted).hasValue(3);
        assertThat(DataKeyCache.all()).hasSizeLessThanOrEqualTo(before);
    }

    @Test
    @DisplayName(
            "RULES 5: what is moved gets a data key of its own from the service, and the old one is asked for anew")
    void reencryption() throws Exception {
        KmsSecretKey handle = handle("master");
        byte[] message = Ciphers.encrypt(handle, new byte[100]);
        Ciphers.decrypt(handle, message);
        MessageReencryption moving = MessageReencryption.builder(handle, handle).build();
        for (int i = 2; i < 5; i++) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            moving.run(new ByteArrayInputStream(message), out);
            assertThat(service.generated).hasValue(i);
            assertThat(service.decrypted).hasValue(i);
            assertThat(Ciphers.decrypt(handle("master", "cache.max-age", "0s"), out.toByteArray()))
                    .hasSize(100);
            service.decrypted.decrementAndGet();
        }
        assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("RULES 11: wrapping and unwrapping under AESWrap ask each time")
    void wrapping() throws Exception {
        KmsSecretKey handle = handle("master");
        byte[] wrapped =
                Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle).wrap(new SecretKeySpec(new byte[16], "AES"));
        for (int i = 1; i < 4; i++) {
            Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, handle).unwrap(wrapped, "AES", Cipher.SECRET_KEY);
            assertThat(service.decrypted).hasValue(i);
        }
    }

    @Test
    @DisplayName("Nothing after shutdown: when the services are closed, handles that were used say so")
    void closing() throws Exception {
        KmsSecretKey handle = handle("master");
        byte[] message = Ciphers.encrypt(handle, new byte[1]);
        Ciphers.decrypt(handle, message);
        List<DataKeyCache> open = DataKeyCache.all();
        services.close();
        assertThat(DataKeyCache.all()).hasSizeLessThan(open.size());
        assertThatIllegalStateException()
                .isThrownBy(() -> Ciphers.encrypt(handle, new byte[1]))
                .withMessageContaining("closed");
        assertThatIllegalStateException().isThrownBy(() -> Ciphers.decrypt(handle, message));
        assertThatIllegalStateException()
                .isThrownBy(() -> handle("other").recipient(EncryptionContext.empty()))
                .withMessageContaining("closed");
    }
}
