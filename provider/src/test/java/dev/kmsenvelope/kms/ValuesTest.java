package dev.kmsenvelope.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.testing.TestEngine;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.security.ProviderException;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The small values of the key-management port. */
class ValuesTest {

    @ParameterizedTest
    @CsvSource({
        "alias/orders, true",
        "arn:aws:kms:eu-central-1:111122223333:alias/orders, true",
        "arn:aws:kms:eu-central-1:111122223333:key/1234, false",
        "1234abcd-12ab-34cd-56ef-1234567890ab, false",
        "my:alias/x, false",
        "ALIAS/x, false"
    })
    void aliases(String name, boolean alias) {
        assertThat(KeyId.of(name).isAlias()).isEqualTo(alias);
        assertThat(KeyId.of(name)).hasToString(name).isEqualTo(new KeyId(name));
    }

    static List<String> badNames() {
        return List.of("", " ", "a b", "a\tb", "a\n", "ä", "a\u007f", "a\0", "x".repeat(2049), "\uD83D\uDE00");
    }

    @ParameterizedTest
    @MethodSource("badNames")
    void namesThatAreNotSafeInLogsAreRefused(String name) {
        assertThatThrownBy(() -> KeyId.of(name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLongestName() {
        assertThat(KeyId.of("~".repeat(2048)).value()).hasSize(2048);
    }

    @Test
    @DisplayName("RULES 16: a closed secret is wiped, also in the array that it took over")
    void secrets() {
        byte[] bytes = {1, 2, 3};
        SecretBytes copied = SecretBytes.copyOf(bytes);
        SecretBytes owned = SecretBytes.owning(bytes);
        copied.copy()[0] = 9;
        assertThat(copied.copy()).containsExactly(1, 2, 3);
        copied.close();
        assertThat(bytes).containsExactly(1, 2, 3);
        assertThat(owned.isDestroyed()).isFalse();
        owned.close();
        owned.destroy();
        assertThat(bytes).containsOnly(0);
        for (SecretBytes secret : List.of(copied, owned)) {
            assertThat(secret.isDestroyed()).isTrue();
            assertThat(secret.length()).isEqualTo(3);
            assertThatThrownBy(secret::copy).isInstanceOf(IllegalStateException.class);
        }
        assertThat(SecretBytes.owning(new byte[] {77, 78})).hasToString("SecretBytes[2 bytes]");
        assertThat(SecretBytes.class).isFinal();
        assertThatThrownBy(() -> {
                    try (ObjectOutputStream out = new ObjectOutputStream(new ByteArrayOutputStream())) {
                        out.writeObject(owned);
                    }
                })
                .isInstanceOf(java.io.NotSerializableException.class);
    }

    @Test
    void aPairWipesItsPlaintextOnly() {
        SecretBytes plaintext = SecretBytes.copyOf(new byte[32]);
        new DataKeyPair(plaintext, new EncryptedDataKey("p", new byte[1], new byte[1])).close();
        assertThat(plaintext.isDestroyed()).isTrue();
    }

    @Test
    void encryptedDataKeys() {
        byte[] info = TestEngine.randomBytes(65535, 1);
        byte[] ciphertext = TestEngine.randomBytes(65535, 2);
        EncryptedDataKey key = new EncryptedDataKey("p".repeat(65535), info, ciphertext);
        EncryptedDataKey same = new EncryptedDataKey("p".repeat(65535), info, ciphertext);
        info[0]++;
        key.ciphertext()[0]++;

        assertThat(key).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(key.providerInfo()[0]).isNotEqualTo(info[0]);
        assertThat(key).isNotEqualTo(new EncryptedDataKey("p", key.providerInfo(), ciphertext));
        assertThat(key).isNotEqualTo(new EncryptedDataKey(key.providerId(), info, ciphertext));
        assertThat(key).isNotEqualTo(new EncryptedDataKey(key.providerId(), key.providerInfo(), info));
        assertThat(key).hasToString("EncryptedDataKey[65535 bytes]");
        byte[] tooLong = new byte[65536];
        assertThatThrownBy(() -> new EncryptedDataKey("p", tooLong, new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EncryptedDataKey("p", new byte[0], tooLong))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new EncryptedDataKey("ä".repeat(32768), new byte[0], new byte[0]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("RULES 19: every failure of a service is a ProviderException; throttling and outages may pass")
    void failures() {
        List<KmsException> lasting = List.of(
                new InvalidCiphertextException("m"),
                new KeyAccessDeniedException("m"),
                new KeyDisabledException("m"),
                new KeyNotFoundException("m"),
                new AliasExistsException("m"),
                new KmsConfigurationException("m"));
        assertThat(lasting).allMatch(e -> e instanceof ProviderException && !e.isRetryable());
        assertThat(List.of(new KmsThrottledException("m"), new KmsUnavailableException("m", new RuntimeException())))
                .allMatch(e -> e instanceof ProviderException && e.isRetryable());
    }
}
