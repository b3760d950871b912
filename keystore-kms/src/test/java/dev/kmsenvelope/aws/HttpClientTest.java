package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Which HTTP client of the SDK is used, and how quick it is. */
@ExtendWith(TestCredentials.class)
class HttpClientTest {

    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final int WARM_UP = 3000;
    private static final int CALLS = 2000;

    @Test
    void aClientThatIsAskedForMustBeThere() throws Exception {
        String before = System.getProperty(AwsClients.HTTP_CLIENT_PROPERTY);
        System.setProperty(AwsClients.HTTP_CLIENT_PROPERTY, "com.example.NoSuchClient");
        try (CannedServer server = new CannedServer();
                AwsKeyService service = new AwsKeyService(server.settings())) {
            assertThatThrownBy(() -> service.describe(KeyId.of(ARN)))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContainingAll("com.example.NoSuchClient", AwsClients.HTTP_CLIENT_PROPERTY);
        } finally {
            if (before == null) {
                System.clearProperty(AwsClients.HTTP_CLIENT_PROPERTY);
            } else {
                System.setProperty(AwsClients.HTTP_CLIENT_PROPERTY, before);
            }
        }
    }

    @Test
    void latency() throws Exception {
        assumeTrue(
                Boolean.getBoolean("kmsenvelope.test.http-client"),
                "a measurement, not a test; run it alone with -Dkmsenvelope.test.http-client=true");
        System.setProperty("sun.net.httpserver.nodelay", "true"); // Read when the first server is made.
        EncryptedDataKey encrypted =
                new EncryptedDataKey("aws-kms", ARN.getBytes(StandardCharsets.UTF_8), new byte[170]);
        EncryptionContext context = EncryptionContext.of(Map.of("tenant", "acme"));
        try (CannedServer server = new CannedServer();
                AwsKeyService service = new AwsKeyService(server.settings())) {
            server.answer(200, "{\"KeyId\":\"" + ARN + "\",\"Plaintext\":\"AQID\"}");
            long start = System.nanoTime();
            service.decrypt(KeyId.of(ARN), encrypted, context).close();
            long first = System.nanoTime() - start;
            long[] times = new long[WARM_UP + CALLS];
            for (int i = 0; i < times.length; i++) {
                start = System.nanoTime();
                service.decrypt(KeyId.of(ARN), encrypted, context).close();
                times[i] = System.nanoTime() - start;
            }
            long[] warm = Arrays.copyOfRange(times, WARM_UP, times.length);
            Arrays.sort(warm);
            System.out.printf(
                    "Decrypt on %s: first call %d ms, then median %d us, 99%% %d us%n",
                    System.getProperty("java.version"),
                    TimeUnit.NANOSECONDS.toMillis(first),
                    TimeUnit.NANOSECONDS.toMicros(warm[CALLS / 2]),
                    TimeUnit.NANOSECONDS.toMicros(warm[CALLS * 99 / 100]));
        }
    }
}
