package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Messages;
import dev.kmsenvelope.testing.StormyKeyService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RULES 13 through ciphers: two handles that differ in one thing only, and what each gains by what the other did. */
class HandleIsolationTest {

    private static final byte[] TEXT = Ciphers.random(40);

    private final StormyKeyService service = new StormyKeyService()
            .withKey("master")
            .withKey("second")
            .withKey("third")
            .withAlias("alias/one", "master")
            .withAlias("alias/two", "master");
    private final StormyKeyService abroad =
            new StormyKeyService().withKey("master").withKey("second").withAlias("alias/one", "master");
    private final KeyServices services = KeyServices.of(service, Map.of("abroad", abroad));

    @AfterEach
    void close() {
        services.close();
    }

    /** A handle by a text: {@code key; setting=value; setting=value}, where {@code *} in a setting is the key. */
    private KmsSecretKey handle(String text) {
        String[] parts = text.split("; *", -1);
        KeyReference reference = KeyReference.parse(parts[0], Set.of("abroad"));
        Map<String, String> settings = new HashMap<>(Map.of("service.abroad.backend", "local"));
        for (int i = 1; i < parts.length; i++) {
            String[] setting = parts[i].split("=", 2);
            settings.put(setting[0].replace("*", reference.key().value()), setting[1]);
        }
        return KmsSecretKey.of(services, reference, KeyPolicy.of(Configuration.of(settings), reference.key()));
    }

    private static byte[] write(KmsSecretKey handle) throws Exception {
        return Ciphers.encrypt(handle, TEXT);
    }

    private static Set<EncryptedDataKey> dataKeys(byte[] message) {
        return Set.copyOf(Messages.header(message).encryptedDataKeys());
    }

    private int decryptions() {
        return service.decrypted.get() + abroad.decrypted.get();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "the name of the key | alias/one | alias/two",
                "a name and the id | alias/one | master",
                "the key | master | second",
                "the service | master | abroad:master",
                "a context | master | master; key.*.context.a=1",
                "a context's value | master; key.*.context.a=1 | master; key.*.context.a=2",
                "a context's name | master; key.*.context.a=1 | master; key.*.context.b=1",
                "one more pair | master; key.*.context.a=1 | master; key.*.context.a=1; key.*.context.b=1",
                "a recipient | master | master; key.*.recipients=second",
                "one more recipient | master; key.*.recipients=second | master; key.*.recipients=second, third",
                "the order | master; key.*.recipients=second, third | master; key.*.recipients=third, second",
                "a recipient's service | master; key.*.recipients=second | master; key.*.recipients=abroad:second",
                "a limit | master; cache.max-messages=50 | master; cache.max-messages=60",
            })
    @DisplayName("Handles that differ in this write with data keys of their own")
    void writing(String difference, String one, String other) throws Exception {
        byte[] first = write(handle(one));
        byte[] second = write(handle(other));
        assertThat(dataKeys(second)).as(difference).doesNotContainAnyElementsOf(dataKeys(first));
        assertThat(dataKeys(write(handle(one)))).isEqualTo(dataKeys(first));
        assertThat(dataKeys(write(handle(other)))).isEqualTo(dataKeys(second));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "the name of the key | alias/one | alias/two",
                "a name and the id | alias/one | master",
                "further keys | master | master; key.*.decrypt-keys=second",
                "other further keys | master; key.*.decrypt-keys=second | master; key.*.decrypt-keys=third",
                "their order | master; key.*.decrypt-keys=second, third | master; key.*.decrypt-keys=third, second",
                "a limit | master; cache.max-messages=50 | master; cache.max-messages=60",
            })
    @DisplayName("A reader who differs in this asks the service for himself, and then no more")
    void reading(String difference, String one, String other) throws Exception {
        byte[] message = write(handle("master"));
        for (String reader : List.of(one, other)) {
            int before = decryptions();
            assertThat(Ciphers.decrypt(handle(reader), message)).isEqualTo(TEXT);
            assertThat(decryptions()).as(difference).isEqualTo(before + 1);
            assertThat(Ciphers.decrypt(handle(reader), message)).isEqualTo(TEXT);
            assertThat(decryptions()).isEqualTo(before + 1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "second",
                "abroad:master",
                "master; key.*.context.tenant=b",
                "master; key.*.context.more=1",
                "second; key.*.decrypt-keys=third"
            })
    @DisplayName(
            "Who may not read a message does not read it because somebody else did, and the service is not asked for him")
    void strangers(String stranger) throws Exception {
        byte[] message = write(handle("master; key.*.context.tenant=a"));
        Ciphers.decrypt(handle("master; key.*.context.tenant=a"), message);
        assertThat(catchThrowable(() -> Ciphers.decrypt(handle(stranger), message)))
                .isInstanceOf(AEADBadTagException.class);
        assertThat(service.decrypted).hasValue(1);
    }

    @Test
    @DisplayName("What a writer was given reads nothing, what a reader was given writes nothing")
    void writersAndReaders() throws Exception {
        byte[] message = write(handle("master; key.*.usage=encrypt"));
        assertThat(decryptions()).isZero();
        Ciphers.decrypt(handle("master; key.*.usage=decrypt"), message);
        assertThat(decryptions()).as("the service was asked whether he may").isEqualTo(1);
        assertThat(service.generated).hasValue(1);
        byte[] second = write(handle("second; key.*.decrypt-keys=master"));
        assertThat(dataKeys(second)).doesNotContainAnyElementsOf(dataKeys(message));
        assertThat(catchThrowable(() -> write(handle("master; key.*.usage=decrypt"))))
                .isInstanceOf(java.security.InvalidKeyException.class);
        assertThat(catchThrowable(() -> Ciphers.decrypt(handle("master; key.*.usage=encrypt"), message)))
                .isInstanceOf(java.security.InvalidKeyException.class);
    }

    @Test
    @DisplayName(
            "A message whose encrypted data key or context is changed in one bit never profits from what is cached")
    void changedMessages() throws Exception {
        KmsSecretKey key = handle("master; key.*.context.tenant=a");
        byte[] message = write(key);
        assertThat(Ciphers.decrypt(key, message)).isEqualTo(TEXT);
        EncryptedDataKey dataKey = Messages.header(message).encryptedDataKeys().get(0);
        int size = Messages.header(message).encryptedDataKeys().stream()
                .collect(Collectors.summingInt(EncryptedDataKey::length));
        int end = indexOf(message, dataKey.ciphertext()) + dataKey.ciphertext().length;
        Cipher cipher = Ciphers.ours(Ciphers.GCM, Cipher.DECRYPT_MODE, key);
        for (int at = end - size - 6; at < end; at++) {
            byte[] changed = Ciphers.flipped(message, at);
            assertThat(catchThrowable(() -> cipher.doFinal(changed)))
                    .as("byte " + at)
                    .isInstanceOf(AEADBadTagException.class);
        }
        int before = decryptions();
        assertThat(Ciphers.decrypt(key, message))
                .as("what is cached is still good")
                .isEqualTo(TEXT);
        assertThat(decryptions()).isEqualTo(before);
    }

    private static int indexOf(byte[] all, byte[] part) {
        for (int at = 0; at + part.length <= all.length; at++) {
            if (java.util.Arrays.equals(all, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        throw new AssertionError("not there");
    }
}
