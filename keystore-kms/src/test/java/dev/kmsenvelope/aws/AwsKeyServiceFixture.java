package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;

/** The backend, and a server that answers what a test wants. */
@ExtendWith(TestCredentials.class)
abstract class AwsKeyServiceFixture {

    static final String PREFIX = "arn:aws:kms:eu-west-1:111122223333:key/";
    static final String ARN = PREFIX + "1234abcd-12ab-34cd-56ef-1234567890ab";
    static final String OTHER = PREFIX + "5678abcd-12ab-34cd-56ef-1234567890ab";
    static final String MULTI = PREFIX + "mrk-1234abcd12ab34cd56ef1234567890ab";
    static final String ELSEWHERE = MULTI.replace("eu-west-1", "us-west-2");
    static final KeyId ALIAS = KeyId.of("alias/orders");
    static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "acme"));

    final AtomicLong now = new AtomicLong();
    final CannedServer server = server();
    final AwsKeyService service = new AwsKeyService(server.settings(), now::get);

    static CannedServer server() {
        try {
            return new CannedServer();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        service.close();
        server.close();
    }

    static String metadata(String arn, String more) {
        return "{\"KeyMetadata\":{\"Arn\":\"" + arn + "\",\"KeyId\":\"" + arn.substring(PREFIX.length())
                + "\",\"CreationDate\":1700000000.5" + more + "}}";
    }

    static EncryptedDataKey encryptedUnder(String arn) {
        return new EncryptedDataKey("aws-kms", arn.getBytes(StandardCharsets.UTF_8), new byte[100]);
    }

    /** Describes keys; lists no aliases. */
    void serve(AtomicReference<String> target) {
        server.answer(exchange -> CannedServer.send(
                exchange,
                200,
                exchange.getRequestHeaders().getFirst("X-Amz-Target").endsWith("DescribeKey")
                        ? metadata(target.get(), ",\"KeySpec\":\"SYMMETRIC_DEFAULT\",\"KeyState\":\"Enabled\"")
                        : "{\"Aliases\":[],\"Truncated\":false}"));
    }
}
