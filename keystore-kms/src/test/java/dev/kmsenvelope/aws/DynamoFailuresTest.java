package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.hierarchy.BranchKeyConflictException;
import dev.kmsenvelope.hierarchy.item.BranchKeyItem;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KmsAuthenticationException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every request of a store in DynamoDB fails in every way, at a server that answers as AWS documents it. */
@ExtendWith(TestCredentials.class)
class DynamoFailuresTest {

    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final String VERSION = "branch:version:83eec007-5659-4554-bf11-699b90f41ac6";
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("a", "b"));

    private final CannedServer server = new CannedServer();
    private final DynamoSettings settings = settings();
    private final DynamoTable table = new DynamoTable(settings);
    private final KmsWrapping wrapping = new KmsWrapping(settings);

    DynamoFailuresTest() throws IOException {}

    private DynamoSettings settings() {
        AwsSettings aws = server.settings();
        return DynamoSettings.of(Configuration.of(Map.of(
                "hierarchical.table", "keys",
                "hierarchical.kms-arn", ARN,
                "hierarchical.dynamodb-endpoint", String.valueOf(aws.endpoint()),
                "aws.endpoint", String.valueOf(aws.endpoint()),
                "aws.region", "eu-west-1",
                "aws.timeout", "60s",
                "aws.retries", "0")));
    }

    @AfterEach
    void close() {
        table.close();
        wrapping.close();
        server.close();
    }

    private static BranchKeyItem item(Map<String, String> more) {
        Map<String, String> attributes = new java.util.TreeMap<>(Map.of(
                "branch-key-id", "a",
                "create-time", "2026-01-02T03:04:05.678901Z",
                "kms-arn", ARN,
                "hierarchy-version", "1"));
        attributes.putAll(more);
        return BranchKeyItem.of(attributes, new byte[] {1});
    }

    private record Request(String name, Runnable run) {}

    private List<Request> ofTable() {
        BranchKeyItem version = item(Map.of("type", VERSION));
        BranchKeyItem active = item(Map.of("type", "branch:ACTIVE", "version", VERSION));
        return List.of(
                new Request("GetItem", () -> table.get("a", "branch:ACTIVE")),
                new Request("Query", () -> table.all("a")),
                new Request("Scan", table::active),
                new Request("TransactWriteItems", () -> table.create(List.of(version, active))),
                new Request("TransactWriteItems", () -> table.rotate(active, version, active)));
    }

    private List<Request> ofKms() {
        return List.of(
                new Request("Decrypt", () -> wrapping.unwrap(ARN, new byte[100], CONTEXT)),
                new Request("ReEncrypt", () -> wrapping.rewrap(ARN, new byte[100], CONTEXT, CONTEXT)),
                new Request("GenerateDataKeyWithoutPlaintext", () -> wrapping.generate(ARN, CONTEXT)));
    }

    private static Class<? extends KmsException> type(String name) {
        return Stream.of(
                        KeyAccessDeniedException.class,
                        KeyDisabledException.class,
                        KmsAuthenticationException.class,
                        KmsConfigurationException.class,
                        KmsThrottledException.class,
                        KmsUnavailableException.class)
                .filter(type -> type.getSimpleName().equals(name + "Exception"))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "AccessDeniedException, 400, KeyAccessDenied",
        "UnrecognizedClientException, 400, KmsAuthentication",
        "ResourceNotFoundException, 400, KmsConfiguration",
        "ValidationException, 400, KmsConfiguration",
        "ProvisionedThroughputExceededException, 400, KmsThrottled",
        "RequestLimitExceeded, 400, KmsThrottled",
        "ThrottlingException, 400, KmsThrottled",
        "TransactionInProgressException, 400, KmsUnavailable",
        "TransactionConflictException, 400, KmsUnavailable",
        "InternalServerError, 500, KmsUnavailable",
        "Unknown, 503, KmsUnavailable"
    })
    void whatDynamoDbAnswers(String code, int status, String expected) {
        server.fail(status, code);
        for (Request request : ofTable()) {
            assertThatThrownBy(request.run()::run)
                    .as(request.name())
                    .isInstanceOf(type(expected))
                    .hasMessageContainingAll("Amazon DynamoDB " + request.name(), CannedServer.REQUEST_ID)
                    .hasMessageNotContaining("secret");
        }
        assertThat(server.requests()).hasSize(5).allMatch(line -> line.startsWith("DynamoDB_20120810."));
    }

    @ParameterizedTest
    @CsvSource({
        "AccessDeniedException, 400, KeyAccessDenied",
        "DisabledException, 400, KeyDisabled",
        "ThrottlingException, 400, KmsThrottled",
        "KMSInternalException, 500, KmsUnavailable"
    })
    void whatAwsKmsAnswers(String code, int status, String expected) {
        server.fail(status, code);
        for (Request request : ofKms()) {
            assertThatThrownBy(request.run()::run)
                    .as(request.name())
                    .isInstanceOf(type(expected))
                    .hasMessageContainingAll("AWS KMS " + request.name(), ARN);
        }
    }

    @Test
    void theMissingPermissionIsNamed() {
        server.fail(400, "AccessDeniedException");
        assertThatThrownBy(() -> table.get("a", "b")).hasMessageContaining("dynamodb:GetItem");
        assertThatThrownBy(() -> table.active()).hasMessageContaining("dynamodb:Scan");
        assertThatThrownBy(() -> wrapping.generate(ARN, CONTEXT))
                .hasMessageContaining("kms:GenerateDataKeyWithoutPlaintext");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "[]", "{", "{\"Item\":7}", "{\"Items\":7,\"Responses\":7}"})
    void garbageIsNoAnswer(String body) {
        server.answer(200, body);
        for (Request request : ofKms()) {
            assertThatThrownBy(request.run()::run)
                    .as(request.name() + " " + body)
                    .isInstanceOf(KmsUnavailableException.class);
        }
        for (Request request : ofTable()) {
            // An answer without members is one that found nothing; none gives an item.
            KmsException failure = catchThrowableOfType(KmsException.class, request.run()::run);
            assertThat(failure)
                    .satisfiesAnyOf(
                            none -> assertThat(none).isNull(),
                            some -> assertThat(some).isInstanceOf(KmsUnavailableException.class));
        }
    }

    @Test
    void aCancelledTransactionIsAConflictOrPasses() {
        String cancelled = "{\"__type\":\"com.amazonaws.dynamodb.v20120810#TransactionCanceledException\","
                + "\"CancellationReasons\":[{\"Code\":\"None\"},{\"Code\":\"%s\"}]}";
        List<Request> writes = ofTable().subList(3, 5);
        server.answer(400, String.format(cancelled, "ConditionalCheckFailed"));
        for (Request write : writes) {
            assertThatThrownBy(write.run()::run).isInstanceOf(BranchKeyConflictException.class);
        }
        server.answer(400, String.format(cancelled, "TransactionConflict"));
        for (Request write : writes) {
            assertThatThrownBy(write.run()::run).isInstanceOf(KmsUnavailableException.class);
        }
    }

    @Test
    void anUnreachableTableIsUnavailable() {
        server.close();
        for (Request request : ofTable()) {
            assertThatThrownBy(request.run()::run)
                    .isInstanceOf(KmsUnavailableException.class)
                    .hasMessageContaining("Amazon DynamoDB");
        }
    }

    /** A list that names always the same page does not keep us for ever: the token is passed on as it came. */
    @Test
    void pagesAreFollowed() {
        server.answer(exchange -> CannedServer.send(
                exchange,
                200,
                server.count() < 3
                        ? "{\"Items\":[],\"LastEvaluatedKey\":{\"type\":{\"S\":\"next\"}}}"
                        : "{\"Items\":[]}"));
        assertThat(table.active()).isEmpty();
        assertThat(server.requests()).hasSize(3);
        assertThat(server.requests().get(1)).contains("ExclusiveStartKey", "next");
    }

    /** What AWS KMS decrypts under another key than the configured one is not taken. */
    @Test
    void anotherKeyInTheReplyIsRefused() {
        server.answer(
                200,
                "{\"KeyId\":\"" + ARN.replace("1234abcd", "9999abcd") + "\",\"Plaintext\":\""
                        + java.util.Base64.getEncoder().encodeToString(new byte[32]) + "\"}");
        assertThatThrownBy(() -> wrapping.unwrap(ARN, new byte[100], CONTEXT))
                .isInstanceOf(KmsUnavailableException.class);
        server.answer(
                200,
                "{\"KeyId\":\"" + ARN + "\",\"Plaintext\":\""
                        + java.util.Base64.getEncoder().encodeToString(new byte[31]) + "\"}");
        assertThatThrownBy(() -> wrapping.unwrap(ARN, new byte[100], CONTEXT))
                .isInstanceOf(KmsUnavailableException.class);
    }

    @Test
    void openingMakesNoRequest() {
        assertThat(wrapping.currentKey()).isEqualTo(ARN);
        assertThat(wrapping.allows(ARN)).isTrue();
        assertThat(wrapping.allows(ARN.replace("1234abcd", "9999abcd"))).isFalse();
        assertThat(wrapping.allows("alias/x")).isFalse();
        assertThat(table.name()).contains("keys");
        assertThat(server.count()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "hierarchical.table, a, hierarchical.table",
        "hierarchical.table, a/b/c, hierarchical.table",
        "hierarchical.table, '', hierarchical.table",
        "hierarchical.kms-arn, alias/x, hierarchical.kms-arn",
        "hierarchical.kms-arn, '', hierarchical.kms-arn",
        "hierarchical.dynamodb-endpoint, http://example.com, hierarchical.dynamodb-endpoint",
        "aws.retries, 11, aws.retries"
    })
    void wrongSettingsAreNamed(String name, String value, String expected) {
        Configuration wrong = Configuration.of(Map.of(name, value))
                .orElse(Configuration.of(Map.of("hierarchical.table", "keys", "hierarchical.kms-arn", ARN)));
        assertThatThrownBy(() -> DynamoSettings.of(wrong))
                .isInstanceOf(KmsConfigurationException.class)
                .hasMessageContaining(expected);
    }
}
