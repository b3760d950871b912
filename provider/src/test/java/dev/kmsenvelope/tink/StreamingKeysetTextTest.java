package dev.kmsenvelope.tink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.proto.KeyData;
import com.google.crypto.tink.proto.KeyStatusType;
import com.google.crypto.tink.proto.Keyset;
import dev.kmsenvelope.kms.KmsConfigurationException;
import org.junit.jupiter.api.Test;

/** What a keyset says of itself is text that whoever may encrypt under the key wrote. */
class StreamingKeysetTextTest {

    private static byte[] keyset(String type) {
        return Keyset.newBuilder()
                .setPrimaryKeyId(1)
                .addKey(Keyset.Key.newBuilder()
                        .setKeyId(1)
                        .setStatus(KeyStatusType.ENABLED)
                        .setKeyData(KeyData.newBuilder().setTypeUrl(type)))
                .build()
                .toByteArray();
    }

    @Test
    void theTypeOfAKeyIsNamedShortAndPrintable() {
        assertThatThrownBy(() -> StreamingKeyset.parse(keyset("a\nb\u001b[2J" + "x".repeat(100_000))))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining("'a\\u000ab\\u001b[2Jxx")
                .satisfies(thrown -> assertThat(thrown.getMessage()).matches("[ -~]{1,400}"));
    }

    @Test
    void aTypeThatIsNamedWellIsNamedWhole() {
        String type = "type.googleapis.com/google.crypto.tink.AesCtrHmacStreamingKey";
        assertThatThrownBy(() -> StreamingKeyset.parse(keyset(type))).hasMessageContaining("'" + type);
    }
}
