package dev.kmsenvelope.engine;

import static dev.kmsenvelope.testing.TestVectors.base64;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.testing.FixedDataKey;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.TestEngine;
import dev.kmsenvelope.testing.TestEngine.Reading;
import dev.kmsenvelope.testing.TestVectors;
import java.io.ByteArrayInputStream;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The messages of version 1 that the AWS Encryption SDK for Python publishes, one of each suite for each kind of key. */
class OracleVectorsTest {

    @Test
    @DisplayName("RULES 8: all 18 messages with known data keys open, and none without being asked for")
    void everyMessageOpens() throws Exception {
        int opened = 0;
        Set<AlgorithmSuite> suites = EnumSet.noneOf(AlgorithmSuite.class);
        for (JsonObject test : TestVectors.readArray("esdk/decrypt_vectors.json")) {
            byte[] message = base64(test, "ciphertext");
            MessageHeader header = MessageHeader.read(new ByteArrayInputStream(message), HeaderLimits.DEFAULT);
            assertThat(header.suite().hexId())
                    .isEqualTo(test.get("algorithm-suite").getAsString());
            int length = header.suite().dataKeyLength();
            Map<String, byte[]> keys =
                    Map.of("null", new byte[length], "test_counting", HandMadeMessage.ascending(length, 1));
            byte[] dataKey = keys.get(test.get("key-type").getAsString());
            if (dataKey == null) {
                continue; // under a key of AWS KMS that only its owner can use
            }
            for (IntSupplier pieces : List.of(TestEngine.AT_ONCE, TestEngine.BYTE_BY_BYTE)) {
                Reading reading = Reading.of(decryptor(dataKey, TestEngine.everySuite()), message, pieces);
                assertThat(reading.fault()).as(header.suite().hexId()).isNull();
                assertThat(reading.all()).isEqualTo(base64(test, "plaintext"));
            }
            Reading refused = Reading.of(decryptor(dataKey, TestEngine.defaults()), message, TestEngine.AT_ONCE);
            assertThat(refused.all()).isEmpty();
            assertThat(refused.fault())
                    .isInstanceOfSatisfying(
                            InvalidMessageException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.NOT_ALLOWED));
            suites.add(header.suite());
            opened++;
        }
        assertThat(opened).isEqualTo(18);
        assertThat(suites).hasSize(9);
    }

    private static MessageDecryptor decryptor(byte[] dataKey, EngineSettings settings) {
        return new MessageDecryptor(
                TestEngine.recipient(new FixedDataKey(dataKey)), settings, Release.EACH_FRAME, null);
    }
}
