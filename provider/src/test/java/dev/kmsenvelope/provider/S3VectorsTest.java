package dev.kmsenvelope.provider;

import static dev.kmsenvelope.testing.TestVectors.base64;
import static dev.kmsenvelope.testing.TestVectors.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.kmsenvelope.testing.BoundDataKey;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.TestVectors;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Objects that the Amazon S3 Encryption Client for Go publishes, with their data keys. */
class S3VectorsTest {

    private static final String WITHOUT_CONTEXT = "TestDecryptionClientV4_EncryptionContextValidation_MockV2Object";

    /** Its data key is the first object's, whose context has one pair less. */
    private static final String OTHER_CONTEXT = "TestDecryptionClientV4_EncryptionContextValidation_InvalidContextType";

    private static Cipher cipher(JsonObject object, boolean legacy) throws Exception {
        Map<String, String> metadata = metadata(object);
        String blob = metadata.getOrDefault("x-amz-3", metadata.get("x-amz-key-v2"));
        String context = metadata.getOrDefault("x-amz-t", metadata.get("x-amz-matdesc"));
        if (object.get("name").getAsString().equals(OTHER_CONTEXT)) {
            context = "{\"aws:x-amz-cek-alg\":\"AES/GCM/NoPadding\"}";
        }
        Map<?, ?> pairs = new Gson().fromJson(context == null ? "{}" : context, Map.class);
        BoundDataKey service = new BoundDataKey(
                base64(object, "dataKeyBase64"), Base64.getDecoder().decode(blob), strings(pairs));
        return Ciphers.ours(
                S3Objects.TRANSFORMATION,
                Cipher.DECRYPT_MODE,
                Ciphers.handle(
                        service, "bound", S3Objects.POLICY, S3Objects.READS_ALL, "s3.legacy", String.valueOf(legacy)),
                S3EncryptionMetadata.of(metadata));
    }

    private static Map<String, String> metadata(JsonObject object) {
        return strings(new Gson().fromJson(object.getAsJsonObject("metadata"), Map.class));
    }

    private static Map<String, String> strings(Map<?, ?> pairs) {
        Map<String, String> strings = new java.util.LinkedHashMap<>();
        pairs.forEach((name, value) -> strings.put((String) name, (String) value));
        return strings;
    }

    @Test
    @DisplayName("RULES 4, 8: four objects open, two of them legacy and by that setting only; four are refused")
    void objects() throws Exception {
        List<String> opened = new ArrayList<>();
        List<String> legacy = new ArrayList<>();
        List<String> refused = new ArrayList<>();
        JsonObject all = TestVectors.read("s3ec/s3ec_go_objects.json");
        for (JsonObject object : TestVectors.objects(all, "objects").toList()) {
            String name = object.get("name").getAsString();
            byte[] body = hex(object, "bodyHex");
            JsonElement plaintext = object.get("plaintextHex");
            boolean isLegacy = name.contains("V1Interop");
            if (plaintext.isJsonNull()) {
                for (boolean allowed : new boolean[] {false, true}) {
                    Cipher cipher = cipher(object, allowed);
                    assertThatThrownBy(() -> cipher.doFinal(body)).isExactlyInstanceOf(AEADBadTagException.class);
                }
                refused.add(name);
                continue;
            }
            assertThat(cipher(object, true).doFinal(body)).as(name).isEqualTo(hex(object, "plaintextHex"));
            if (isLegacy) {
                Cipher cipher = cipher(object, false);
                assertThatThrownBy(() -> cipher.doFinal(body))
                        .isExactlyInstanceOf(AEADBadTagException.class)
                        .hasMessageContaining("s3.legacy");
                legacy.add(name);
            } else {
                assertThat(cipher(object, false).doFinal(body)).isEqualTo(hex(object, "plaintextHex"));
                opened.add(name);
            }
        }
        assertThat(opened).hasSize(2);
        assertThat(legacy).hasSize(2);
        assertThat(refused).hasSize(4).contains(WITHOUT_CONTEXT, OTHER_CONTEXT);
    }
}
