package dev.kmsenvelope.s3;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.kmsenvelope.testing.TestVectors;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The Amazon S3 Encryption Client's known answers for the keys of version 3. */
class ContentKeysTest {

    @Test
    @DisplayName("The key and the commitment are the published ones, and the key is wiped")
    void knownAnswers() {
        JsonObject all = TestVectors.read("s3ec/s3ec_go_objects.json");
        assertThat(TestVectors.objects(all, "hkdf_kat").toList()).hasSize(2).allSatisfy(test -> {
            ContentKeys keys =
                    ContentKeys.derive(TestVectors.hex(test, "dataKeyHex"), TestVectors.hex(test, "messageIdHex"));
            assertThat(keys.contentKey()).isEqualTo(TestVectors.hex(test, "encKeyHex"));
            assertThat(keys.commitment()).isEqualTo(TestVectors.hex(test, "commitHex"));
            keys.close();
            assertThat(keys.contentKey()).containsOnly(0);
        });
    }
}
