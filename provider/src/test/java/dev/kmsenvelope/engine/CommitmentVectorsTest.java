package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestVectors.base64;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.testing.FixedDataKey;
import dev.kmsenvelope.testing.Headers;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import dev.kmsenvelope.testing.TestVectors;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The AWS Encryption SDK's vectors for key commitment, written by four implementations. */
class CommitmentVectorsTest {

    @Test
    @DisplayName(
            "RULES 4: 41 messages open, signed and not framed ones among them, and 5 are refused for their commitment")
    void vectors() throws Exception {
        List<JsonObject> opened = new ArrayList<>();
        List<JsonObject> signed = new ArrayList<>();
        List<JsonObject> notFramed = new ArrayList<>();
        List<JsonObject> refused = new ArrayList<>();
        for (JsonObject test : TestVectors.objects(TestVectors.read("esdk/commitment-test-vectors.json"), "tests")
                .toList()) {
            byte[] message = base64(test, "ciphertext");
            MessageHeader header = MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT);
            compareHeader(test, header);
            if (test.get("status").getAsBoolean()) {
                for (Release release : Release.values()) {
                    for (IntSupplier pieces : List.of(TestEngine.AT_ONCE, TestEngine.BYTE_BY_BYTE)) {
                        Reading reading = read(test, release, message, pieces);
                        assertThat(reading.fault())
                                .as("%s", test.get("comment"))
                                .isNull();
                        assertThat(new String(reading.all(), StandardCharsets.UTF_8))
                                .isEqualTo(plaintext(test));
                        if (header.suite().isSigned()) {
                            assertThat(reading.early()).isEmpty();
                        }
                    }
                }
                opened.add(test);
                if (header.suite().isSigned()) {
                    signed.add(test);
                }
                if (!header.isFramed()) {
                    notFramed.add(test);
                }
            } else {
                Reading reading = read(test, Release.EACH_FRAME, message, TestEngine.AT_ONCE);
                assertThat(reading.all()).isEmpty();
                assertThat(reading.fault())
                        .isInstanceOfSatisfying(
                                InvalidMessageException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.NOT_AUTHENTIC));
                refused.add(test);
            }
        }
        assertThat(List.of(opened.size(), signed.size(), notFramed.size(), refused.size()))
                .isEqualTo(List.of(41, 21, 7, 5));
    }

    private static Reading read(JsonObject test, Release release, byte[] message, IntSupplier pieces) {
        FixedDataKey service = new FixedDataKey(base64(test, "decrypted-dek"));
        return Reading.of(TestEngine.decryptor(service, release), message, pieces);
    }

    private static String plaintext(JsonObject test) {
        return StreamSupport.stream(test.getAsJsonArray("plaintext-frames").spliterator(), false)
                .map(JsonElement::getAsString)
                .collect(Collectors.joining());
    }

    private static void compareHeader(JsonObject test, MessageHeader header) {
        assertThat(header.messageId()).isEqualTo(base64(test, "message-id"));
        test.getAsJsonObject("encryption-context")
                .entrySet()
                .forEach(pair -> assertThat(header.context().asMap())
                        .contains(Map.entry(pair.getKey(), pair.getValue().getAsString())));
        try (DerivedKeys keys =
                DerivedKeys.derive(header.suite(), base64(test, "decrypted-dek"), header.messageId(), null)) {
            // of a message that must be refused, the file shows either the commitment that stands there or the right
            // one
            assertThat(base64(test, "commitment")).isIn(keys.commitment(), Headers.commitment(header));
            assertThat(Arrays.equals(keys.commitment(), Headers.commitment(header)))
                    .isEqualTo(test.get("status").getAsBoolean());
            if (test.has("content-encryption-key") && test.get("status").getAsBoolean()) {
                assertThat(keys.messageKey()).isEqualTo(base64(test, "content-encryption-key"));
            }
        }
    }
}
