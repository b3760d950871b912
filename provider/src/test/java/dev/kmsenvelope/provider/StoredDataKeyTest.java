package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import java.util.Locale;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The values that a keystore file keeps of a data key. */
class StoredDataKeyTest {

    private static final KeyId KEY = KeyId.of("alias/orders");
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("alias", "planted"));

    private static StoredDataKey stored(String name, int version, DataKeyUsage usage, int length, int blob, long max) {
        return new StoredDataKey(name, version, usage, length, KEY, new byte[blob], CONTEXT, max);
    }

    @ParameterizedTest
    @DisplayName("Every usage is found by its transformation, which SunJCE has under the same name")
    @EnumSource(DataKeyUsage.class)
    void transformations(DataKeyUsage usage) throws Exception {
        assertThat(DataKeyUsage.of(usage.transformation())).isSameAs(usage);
        assertThat(DataKeyUsage.of(usage.transformation().toLowerCase(Locale.ROOT)))
                .isSameAs(usage);
        if (usage.algorithm().equals("AES")) {
            Cipher.getInstance(usage.transformation(), "SunJCE");
        } else {
            assertThat(usage.algorithm()).isEqualTo(usage.transformation());
            Mac.getInstance(usage.transformation(), "SunJCE");
        }
        assertThat(usage.isAuthenticated()).isEqualTo(usage != DataKeyUsage.AES_CBC && usage != DataKeyUsage.AES_CTR);
    }

    @ParameterizedTest
    @DisplayName("No other name is taken, and the error names all")
    @ValueSource(
            strings = {"", "AES", "AES/GCM", "AESWrap", "AES/ECB/PKCS5Padding", "HmacMD5", "AES_256/GCM/NoPadding"})
    void unknown(String transformation) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DataKeyUsage.of(transformation))
                .withMessageContaining("AES/GCM/NoPadding, AES/CBC/PKCS5Padding")
                .withMessageContaining("HmacSHA512");
    }

    @ParameterizedTest
    @DisplayName("AES keys have 16, 24 or 32 bytes, HMAC keys 16 to 64")
    @EnumSource(DataKeyUsage.class)
    void lengths(DataKeyUsage usage) {
        for (int length = -1; length < 70; length++) {
            boolean expected = usage.algorithm().equals("AES")
                    ? length == 16 || length == 24 || length == 32
                    : length >= 16 && length <= 64;
            assertThat(usage.accepts(length)).as("%s", length).isEqualTo(expected);
        }
    }

    @Test
    @DisplayName("Values out of range are refused")
    void ranges() {
        stored("a", 1, DataKeyUsage.AES_GCM, 32, 1, 1);
        stored("a", Integer.MAX_VALUE, DataKeyUsage.AES_GCM, 32, StoredDataKey.MAX_BLOB, StoredDataKey.MOST_MESSAGES);
        assertThatIllegalArgumentException().isThrownBy(() -> stored("", 1, DataKeyUsage.AES_GCM, 32, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> stored("a", 0, DataKeyUsage.AES_GCM, 32, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> stored("a", 1, DataKeyUsage.AES_GCM, 31, 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> stored("a", 1, DataKeyUsage.AES_GCM, 32, 0, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stored("a", 1, DataKeyUsage.AES_GCM, 32, StoredDataKey.MAX_BLOB + 1, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> stored("a", 1, DataKeyUsage.AES_GCM, 32, 1, 0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stored("a", 1, DataKeyUsage.AES_GCM, 32, 1, StoredDataKey.MOST_MESSAGES + 1));
    }

    @Test
    @DisplayName("Arrays are copied; equal by all values; RULES 20: says nothing of context and encrypted key")
    void value() {
        byte[] blob = {77, 78, 79};
        StoredDataKey key = new StoredDataKey("tokens", 2, DataKeyUsage.AES_CTR, 16, KEY, blob, CONTEXT, 5);
        blob[0] = 0;
        key.blob()[1] = 0;
        assertThat(key.blob()).containsExactly(77, 78, 79);
        StoredDataKey same =
                new StoredDataKey("tokens", 2, DataKeyUsage.AES_CTR, 16, KEY, new byte[] {77, 78, 79}, CONTEXT, 5);
        assertThat(key).isEqualTo(same).hasSameHashCodeAs(same).isNotEqualTo(null);
        assertThat(key)
                .isNotEqualTo(new StoredDataKey("other", 2, DataKeyUsage.AES_CTR, 16, KEY, key.blob(), CONTEXT, 5))
                .isNotEqualTo(new StoredDataKey("tokens", 3, DataKeyUsage.AES_CTR, 16, KEY, key.blob(), CONTEXT, 5))
                .isNotEqualTo(new StoredDataKey("tokens", 2, DataKeyUsage.AES_CBC, 16, KEY, key.blob(), CONTEXT, 5))
                .isNotEqualTo(new StoredDataKey("tokens", 2, DataKeyUsage.AES_CTR, 24, KEY, key.blob(), CONTEXT, 5))
                .isNotEqualTo(new StoredDataKey("tokens", 2, DataKeyUsage.AES_CTR, 16, KEY, blob, CONTEXT, 5))
                .isNotEqualTo(new StoredDataKey("tokens", 2, DataKeyUsage.AES_CTR, 16, KEY, key.blob(), CONTEXT, 6))
                .isNotEqualTo(
                        new StoredDataKey("tokens", 2, DataKeyUsage.AES_CTR, 16, KEY, key.blob(), CONTEXT, 5, true))
                .isNotEqualTo(new StoredDataKey(
                        "tokens", 2, DataKeyUsage.AES_CTR, 16, KEY, key.blob(), EncryptionContext.empty(), 5))
                .isNotEqualTo(new StoredDataKey(
                        "tokens", 2, DataKeyUsage.AES_CTR, 16, KeyId.of("k"), key.blob(), CONTEXT, 5));
        assertThat(key.toString())
                .contains("tokens@2", "AES/CTR/NoPadding", "128", "alias/orders")
                .doesNotContain("planted", "77");
    }
}
