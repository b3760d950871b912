package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.io.ByteArrayInputStream;
import java.security.InvalidKeyException;
import java.security.Key;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the settings about further keys make of a handle, for code that knows nothing of them. */
class RecipientHandlesTest {

    private static final Key KEY = new SecretKeySpec(new byte[16], "AES");
    private static final byte[] TEXT = {1, 2, 3};
    private static final String RECIPIENTS = "key.master.recipients";
    private static final String DECRYPT_KEYS = "key.master.decrypt-keys";

    private final InMemoryKeyService main =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final InMemoryKeyService eu = new InMemoryKeyService().withKey("master");
    private final InMemoryKeyService recovery = new InMemoryKeyService().withKey("recovery-2026");
    private final KeyServices services = KeyServices.of(main, Map.of("eu", eu, "recovery", recovery));

    /** With the further services in the settings, so that their names are known. */
    private static Configuration settings(String... pairs) {
        Map<String, String> values =
                new TreeMap<>(Map.of("service.eu.backend", "local", "service.recovery.backend", "application"));
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], pairs[i + 1]);
        }
        return Configuration.of(values);
    }

    private KmsSecretKey handle(String name, String... settings) {
        KeyPolicy policy = KeyPolicy.of(settings(settings), KeyId.of(name));
        KeyReference reference = KeyReference.parse(name, services.further().keySet());
        return KmsSecretKey.of(services, reference, policy);
    }

    private static List<String> keysIn(byte[] message) throws Exception {
        return MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT).encryptedDataKeys().stream()
                .map(key -> new InMemoryKeyService().keyOf(key).orElseThrow().value())
                .toList();
    }

    private static void assertRefused(Key key, byte[] message) {
        assertThatExceptionOfType(AEADBadTagException.class).isThrownBy(() -> Ciphers.decrypt(key, message));
    }

    @Test
    @DisplayName("key.<name>.recipients: unmodified code writes for all of them, and each alone opens")
    void recipients() throws Exception {
        KmsSecretKey handle = handle("master", RECIPIENTS, " eu:master, recovery:recovery-2026 ,other, eu:master");
        byte[] message = Ciphers.encrypt(handle, TEXT);
        assertThat(keysIn(message)).containsExactly("master", "master", "recovery-2026", "other");
        for (String name : List.of("master", "other", "eu:master", "recovery:recovery-2026")) {
            assertThat(Ciphers.decrypt(handle(name), message)).as(name).isEqualTo(TEXT);
        }
        assertThat(Ciphers.decrypt(handle, message)).isEqualTo(TEXT);
        byte[] fromRecovery = Ciphers.encrypt(handle("recovery:recovery-2026"), TEXT);
        assertThat(Ciphers.decrypt(handle, fromRecovery)).as("of a recipient").isEqualTo(TEXT);
        assertRefused(handle("master"), fromRecovery);
        assertThat(Stream.of(main, eu, recovery).flatMap(service -> service.handedOut.stream()))
                .allMatch(SecretBytes::isDestroyed);
    }

    @Test
    @DisplayName("RULES 19: one service down: writing fails, reading goes on; all down: the first failure")
    void outages() throws Exception {
        KmsSecretKey handle = handle("master", RECIPIENTS, "eu:master, recovery:recovery-2026", "cache.max-age", "0s");
        byte[] message = Ciphers.encrypt(handle, TEXT);
        List<InMemoryKeyService> all = List.of(main, eu, recovery);
        for (int down = 0; down < 8; down++) {
            KmsUnavailableException first = new KmsUnavailableException("first");
            for (int i = 0; i < 3; i++) {
                KmsUnavailableException failure =
                        i == Integer.numberOfTrailingZeros(down) ? first : new KmsUnavailableException("later");
                boolean isDown = (down >> i & 1) == 1;
                all.get(i).failWith(() -> isDown ? failure : null);
            }
            if (down == 0) {
                assertThat(Ciphers.decrypt(handle, Ciphers.encrypt(handle, TEXT)))
                        .isEqualTo(TEXT);
                continue;
            }
            assertThatThrownBy(() -> Ciphers.encrypt(handle, TEXT)).isSameAs(first);
            if (down == 7) {
                assertThatThrownBy(() -> Ciphers.decrypt(handle, message)).isSameAs(first);
            } else {
                assertThat(Ciphers.decrypt(handle, message)).isEqualTo(TEXT);
            }
        }
        assertThat(all).allSatisfy(service -> assertThat(service.handedOut).allMatch(SecretBytes::isDestroyed));
    }

    @Test
    @DisplayName("RULES 3: the context goes to every recipient, and is required whoever opens")
    void context() throws Exception {
        KmsSecretKey handle = handle("master", RECIPIENTS, "eu:master", "key.master.context.tenant", "a");
        byte[] message = Ciphers.encrypt(handle, TEXT);
        main.failWith(() -> new KmsUnavailableException("down"));
        assertThat(Ciphers.decrypt(handle, message)).isEqualTo(TEXT);
        int before = eu.decrypted.get();
        assertRefused(handle("master", RECIPIENTS, "eu:master", "key.master.context.tenant", "b"), message);
        assertThat(eu.decrypted).as("no request").hasValue(before);
    }

    @Test
    @DisplayName("RULES 14: key.<name>.decrypt-keys takes keys of further services, which are not written for")
    void decryptKeys() throws Exception {
        KmsSecretKey moved = handle("master", DECRYPT_KEYS, "eu:master");
        byte[] old = Ciphers.encrypt(handle("eu:master"), TEXT);
        assertThat(Ciphers.decrypt(moved, old)).isEqualTo(TEXT);
        assertRefused(handle("master"), old);
        assertThat(keysIn(Ciphers.encrypt(moved, TEXT))).hasSize(1);
        assertRefused(handle("eu:master"), Ciphers.encrypt(moved, TEXT));
    }

    @Test
    @DisplayName("AESWrap wraps under the handle's own key alone, and unwraps what any key wrapped that may read")
    void wrapping() throws Exception {
        byte[] own = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle("master", RECIPIENTS, "eu:master"))
                .wrap(KEY);
        assertThat(unwrap(handle("master"), own)).isEqualTo(KEY);
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> unwrap(handle("eu:master"), own));

        byte[] old = Ciphers.ours(Ciphers.WRAP, Cipher.WRAP_MODE, handle("eu:master"))
                .wrap(KEY);
        assertThat(unwrap(handle("master", DECRYPT_KEYS, "other, eu:master"), old))
                .isEqualTo(KEY);
        assertThatExceptionOfType(InvalidKeyException.class).isThrownBy(() -> unwrap(handle("master"), old));

        KeyAccessDeniedException denied = new KeyAccessDeniedException("denied");
        main.failWith(() -> denied);
        assertThat(unwrap(handle("master", DECRYPT_KEYS, "eu:master"), old)).isEqualTo(KEY);
        assertThatThrownBy(() -> unwrap(handle("master", DECRYPT_KEYS, "recovery:recovery-2026"), old))
                .isSameAs(denied);
    }

    private static Key unwrap(Key handle, byte[] wrapped) throws Exception {
        return Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, handle).unwrap(wrapped, "AES", Cipher.SECRET_KEY);
    }

    @Test
    @DisplayName("RULES 13: a handle that may only encrypt reads nothing, not even with recipients, by no call")
    void encryptOnly() throws Exception {
        KmsSecretKey writer = handle(
                "master",
                "key.master.usage",
                "encrypt",
                RECIPIENTS,
                "eu:master",
                DECRYPT_KEYS,
                "recovery:recovery-2026");
        byte[] message = Ciphers.encrypt(writer, TEXT);
        assertThat(Ciphers.decrypt(handle("eu:master"), message)).isEqualTo(TEXT);
        int before = main.decrypted.get() + eu.decrypted.get();
        for (String transformation : List.of(Ciphers.GCM, Ciphers.ENVELOPE)) {
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> Ciphers.ours(transformation, Cipher.DECRYPT_MODE, writer));
            assertThatExceptionOfType(InvalidKeyException.class)
                    .isThrownBy(() -> Ciphers.ours(transformation, Cipher.UNWRAP_MODE, writer));
        }
        assertThatExceptionOfType(InvalidKeyException.class)
                .isThrownBy(() -> Ciphers.ours(Ciphers.WRAP, Cipher.UNWRAP_MODE, writer));
        assertThatThrownBy(() -> writer.recipient(EncryptionContext.empty())).isInstanceOf(IllegalStateException.class);
        assertThat(main.decrypted.get() + eu.decrypted.get()).isEqualTo(before);

        KmsSecretKey reader = handle("master", "key.master.usage", "decrypt", RECIPIENTS, "eu:master");
        assertThat(Ciphers.decrypt(reader, message)).isEqualTo(TEXT);
        assertThatThrownBy(reader::dataKeys).isInstanceOf(IllegalStateException.class);
    }

    @Test
    @DisplayName("What a recipient's own settings forbid is not to be had by way of the handle")
    void usageOfRecipients() throws Exception {
        KmsSecretKey handle =
                handle("master", RECIPIENTS, "recovery:recovery-2026", "key.recovery:recovery-2026.usage", "encrypt");
        byte[] message = Ciphers.encrypt(handle, TEXT);
        assertThat(Ciphers.decrypt(handle("recovery:recovery-2026"), message)).isEqualTo(TEXT);
        KmsUnavailableException down = new KmsUnavailableException("down");
        main.failWith(() -> down);
        int before = recovery.decrypted.get();
        assertThatThrownBy(() -> Ciphers.decrypt(handle, message)).isSameAs(down);
        assertThat(recovery.decrypted).hasValue(before);

        assertThatThrownBy(() -> handle("master", RECIPIENTS, "other", "key.other.usage", "decrypt"))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContainingAll(RECIPIENTS, "key.other.usage");
        assertThatThrownBy(() -> handle("master", DECRYPT_KEYS, "other", "key.other.usage", "encrypt"))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContainingAll(DECRYPT_KEYS, "key.other.usage");
    }

    @Test
    @DisplayName("A program gives recipients without settings, as handles of whatever service")
    void withRecipients() throws Exception {
        KmsSecretKey far = Ciphers.handle(recovery, "recovery-2026", "key.recovery-2026.usage", "encrypt");
        KmsSecretKey handle = Ciphers.handle(main, "master").withRecipients(List.of(far, Ciphers.handle(eu, "master")));
        byte[] message = Ciphers.encrypt(handle, TEXT);
        assertThat(keysIn(message)).containsExactly("master", "recovery-2026", "master");
        main.failWith(() -> new KmsUnavailableException("down"));
        assertThat(Ciphers.decrypt(handle, message)).as("by eu").isEqualTo(TEXT);
        assertThat(recovery.decrypted).as("may only encrypt").hasValue(0);
        assertThat(Ciphers.decrypt(Ciphers.handle(recovery, "recovery-2026"), message))
                .isEqualTo(TEXT);
        assertThat(handle)
                .isEqualTo(Ciphers.handle(main, "master").withRecipients(List.of(far, Ciphers.handle(eu, "master"))))
                .isNotEqualTo(Ciphers.handle(main, "master").withRecipients(List.of(far)))
                .isNotEqualTo(Ciphers.handle(main, "master"));

        KmsSecretKey reader = Ciphers.handle(eu, "master", "key.master.usage", "decrypt");
        assertThatThrownBy(() -> handle.withRecipients(List.of(reader))).isInstanceOf(IllegalArgumentException.class);
        List<KmsSecretKey> many = IntStream.range(0, 16)
                .mapToObj(i -> Ciphers.handle(eu, "k" + i))
                .toList();
        assertThatThrownBy(() -> Ciphers.handle(main, "master").withRecipients(many))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("16");
    }

    @ParameterizedTest
    @DisplayName("Settings that cannot be meant are refused, with what would be right")
    @CsvSource(
            delimiter = '|',
            value = {
                "recipients | recovry:k | recovery",
                "decrypt-keys | us:k | nearest",
                "recipients | eu: | key.master.recipients",
                "recipients | a b | key.master.recipients",
                "discovery.accounts | 1234 | 12 digits",
                "discovery.accounts | , | at least one",
                "discovery.accounts | alias/x | 12 digits",
                "discovery.partition | aws | key.master.discovery.accounts"
            })
    void wrongSettings(String setting, String value, String word) {
        assertThatThrownBy(() -> KeyPolicy.requireValid(settings("key.master." + setting, value)))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(word)
                .hasMessageContaining("key.master." + setting);
    }

    @Test
    @DisplayName("More recipients than a message can have, a service that was not given, an ambiguous name")
    void moreWrongSettings() {
        String sixteen = IntStream.range(0, 16).mapToObj(i -> "k" + i).collect(Collectors.joining(","));
        assertThatThrownBy(() -> handle("master", RECIPIENTS, sixteen))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContainingAll(RECIPIENTS, "16");
        KeyService alone = main;
        KeyPolicy policy = KeyPolicy.of(settings(RECIPIENTS, "eu:master"), KeyId.of("master"));
        assertThatThrownBy(() -> KmsSecretKey.of(alone, KeyId.of("master"), policy))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("eu");
        for (String name : List.of("a.context.b", "a.context")) {
            Configuration ambiguous = settings("key." + name + ".usage", "encrypt");
            assertThatThrownBy(() -> KeyPolicy.of(ambiguous, KeyId.of(name)))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContaining(name);
            assertThat(KeyPolicy.of(settings(), KeyId.of(name)).usage()).isEqualTo(KeyPolicy.Usage.BOTH);
        }
        assertThat(KeyPolicy.isConfigured(settings("key.a.b.usage", "encrypt"), KeyId.of("a")))
                .isFalse();
    }

    @ParameterizedTest
    @DisplayName(
            "RULES 14: the filter allows keys, never aliases, of its accounts in its partition, and nothing that resembles them")
    @CsvSource({
        "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab, true",
        "arn:aws:kms:us-gov-west-1:111122223333:key/mrk-1, true",
        "arn:aws:kms:eu-west-1:111122223334:key/x, false",
        "arn:aws-cn:kms:cn-north-1:111122223333:key/x, false",
        "arn:aws:kms:eu-west-1:111122223333:alias/x, false",
        "arn:aws:s3:eu-west-1:111122223333:key/x, false",
        "arn:aws:kms:eu-west-1:999999999999:key/111122223333, false",
        "arn:aws:kms:eu-west-1:999999999999:111122223333:key/x, false",
        "arn:aws:kms:eu-west-1:111122223333:key/x:y, false",
        "xarn:aws:kms:eu-west-1:111122223333:key/x, false",
        "111122223333, false"
    })
    void discoveryFilter(String key, boolean allowed) {
        DiscoveryFilter filter = DiscoveryFilter.of("aws", List.of("111122223333", "444455556666"));
        assertThat(filter.test(KeyId.of(key))).isEqualTo(allowed);
    }

    @Test
    @DisplayName(
            "RULES 14: discovery is off unless asked for, and then bounded by its filter and to the handle's own service")
    void discovery() throws Exception {
        String mine = "arn:aws:kms:eu-west-1:111122223333:key/mine";
        String friend = "arn:aws:kms:eu-west-1:444455556666:key/friend";
        String foe = "arn:aws:kms:eu-west-1:999999999999:key/foe";
        main.withKey(mine).withKey(friend).withKey(foe);
        eu.withKey(friend);
        byte[] fromFriend = Ciphers.encrypt(Ciphers.handle(main, friend), TEXT);
        byte[] fromFoe = Ciphers.encrypt(Ciphers.handle(main, foe), TEXT);
        byte[] inEu = Ciphers.encrypt(Ciphers.handle(eu, friend), TEXT);
        String setting = "key." + mine + ".discovery.accounts";
        int before = main.decrypted.get();
        assertRefused(handle(mine), fromFriend);
        assertRefused(handle(mine, setting, ""), fromFriend);
        assertRefused(handle(mine, setting, "444455556666"), fromFoe);
        assertRefused(
                handle(mine, setting, "444455556666", "key." + mine + ".discovery.partition", "aws-cn"), fromFriend);
        assertThat(main.decrypted).as("no request").hasValue(before);
        assertThat(Ciphers.decrypt(handle(mine, setting, "444455556666"), fromFriend))
                .isEqualTo(TEXT);
        int beforeInEu = eu.decrypted.get();
        assertRefused(handle(mine, setting, "444455556666", "key." + mine + ".decrypt-keys", "eu:master"), inEu);
        assertThat(eu.decrypted).as("discovery is for the own service").hasValue(beforeInEu);
    }
}
