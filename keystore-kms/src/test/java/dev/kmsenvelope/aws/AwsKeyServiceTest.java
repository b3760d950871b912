package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the backend asks for, when it asks, and what it makes of the answers. */
class AwsKeyServiceTest extends AwsKeyServiceFixture {

    @Test
    void anAliasIsLookedUpAgainWhenItsTimeIsOver() {
        AtomicReference<String> target = new AtomicReference<>(ARN);
        serve(target);
        assertThat(service.decryptionKeys(ALIAS)).containsExactly(KeyId.of(ARN));
        target.set(OTHER);
        now.set(Duration.ofSeconds(59).toNanos());
        assertThat(service.decryptionKeys(ALIAS)).containsExactly(KeyId.of(ARN));
        assertThat(server.count()).isEqualTo(1);

        now.set(Duration.ofSeconds(61).toNanos());

        assertThat(service.decryptionKeys(ALIAS)).containsExactly(KeyId.of(OTHER));
        assertThat(server.count()).isEqualTo(2);
    }

    @Test
    void theArnOfAKeyNeedsNoRequest() {
        assertThat(service.decryptionKeys(KeyId.of(ARN))).containsExactly(KeyId.of(ARN));
        assertThat(service.keyOf(encryptedUnder(ARN))).contains(KeyId.of(ARN));
        assertThat(service.fromBlob(KeyId.of(ARN), new byte[100])).isEqualTo(encryptedUnder(ARN));
        assertThat(server.count()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"aws-kms-mrk-aware", "AWS-KMS", "kms-envelope-local", ""})
    void anotherProviderIdIsNotOurs(String provider) {
        assertThat(service.keyOf(new EncryptedDataKey(provider, ARN.getBytes(StandardCharsets.UTF_8), new byte[1])))
                .isEmpty();
    }

    /** RULES 14: what the message names is compared before anything is asked. */
    @Test
    void aMessageForAnotherKeyIsRefusedWithoutARequest() {
        for (EncryptedDataKey encrypted : List.of(
                encryptedUnder(OTHER),
                new EncryptedDataKey("aws-kms", new byte[0], new byte[1]),
                new EncryptedDataKey("other", ARN.getBytes(StandardCharsets.UTF_8), new byte[1]),
                new EncryptedDataKey("aws-kms", ARN.getBytes(StandardCharsets.UTF_8), new byte[6145]))) {
            assertThatThrownBy(() -> service.decrypt(KeyId.of(ARN), encrypted, CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
        }
        assertThatThrownBy(() -> service.fromBlob(KeyId.of(ARN), new byte[6145]))
                .isInstanceOf(InvalidCiphertextException.class);
        assertThat(server.count()).isZero();
    }

    @Test
    void theKeyAndTheContextGoWithEveryRequestToDecrypt() {
        server.answer(200, "{\"KeyId\":\"" + ARN + "\",\"Plaintext\":\"AQID\",\"KeyMaterialId\":\"abc\"}");
        try (SecretBytes plaintext = service.decrypt(KeyId.of(ARN), encryptedUnder(ARN), CONTEXT)) {
            assertThat(plaintext.copy()).containsExactly(1, 2, 3);
        }
        assertThat(service.versionOf(KeyId.of(ARN), encryptedUnder(ARN), CONTEXT))
                .contains("abc");
        assertThat(server.requests())
                .hasSize(2)
                .allSatisfy(request -> assertThat(request)
                        .startsWith("TrentService.Decrypt ")
                        .contains("\"KeyId\":\"" + ARN + "\"", "\"EncryptionContext\":{\"tenant\":\"acme\"}"));
    }

    @Test
    void whatThisVersionDoesNotKnowIsListedAsOther() {
        serve(new AtomicReference<>(ARN));
        server.answer(exchange -> CannedServer.send(
                exchange,
                200,
                exchange.getRequestHeaders().getFirst("X-Amz-Target").endsWith("DescribeKey")
                        ? metadata(
                                ARN,
                                ",\"KeySpec\":\"ML_KEM_9000\",\"KeyUsage\":\"TELEPORT\",\"KeyState\":\"Hovering\","
                                        + "\"CurrentKeyMaterialId\":\"abc\"")
                        : "{\"Aliases\":[{\"AliasName\":\"alias/orders\"}],\"Truncated\":false}"));
        KeyDescription key = service.describe(KeyId.of(ARN));
        assertThat(key.spec()).isEqualTo(KeySpec.OTHER);
        assertThat(key.usage()).isEqualTo(KeyUsage.OTHER);
        assertThat(key.state()).isEqualTo(KeyState.DISABLED);
        assertThat(key.created()).isEqualTo(Instant.ofEpochMilli(1_700_000_000_500L));
        assertThat(key.currentVersion().orElseThrow().id()).isEqualTo("abc");
        assertThat(key.aliases()).containsExactly(ALIAS);
    }

    @Test
    void oneKeyThatMayNotBeSeenDoesNotHideTheOthers() {
        server.answer(exchange -> {
            String operation = exchange.getRequestHeaders().getFirst("X-Amz-Target");
            String request = server.requests().get(server.count() - 1);
            if (operation.endsWith("ListKeys")) {
                boolean second = request.contains("\"Marker\":\"more\"");
                CannedServer.send(
                        exchange,
                        200,
                        second
                                ? "{\"Keys\":[{\"KeyArn\":\"" + OTHER + "\"}],\"Truncated\":false}"
                                : "{\"Keys\":[{\"KeyArn\":\"" + ARN
                                        + "\"}],\"Truncated\":true,\"NextMarker\":\"more\"}");
            } else if (operation.endsWith("ListAliases")) {
                CannedServer.send(
                        exchange,
                        200,
                        "{\"Aliases\":[{\"AliasName\":\"alias/aws/s3\"},{\"AliasName\":\"alias/orders\",\"TargetKeyId\":\""
                                + OTHER.substring(PREFIX.length()) + "\"}],\"Truncated\":false}");
            } else if (request.contains(ARN)) {
                CannedServer.send(exchange, 400, "{\"__type\":\"AccessDeniedException\"}");
            } else {
                CannedServer.send(exchange, 200, metadata(OTHER, ",\"KeyState\":\"Enabled\""));
            }
        });
        assertThat(service.list()).singleElement().satisfies(key -> {
            assertThat(key.id().value()).isEqualTo(OTHER);
            assertThat(key.aliases()).containsExactly(ALIAS);
        });
    }

    @Test
    void aListWithoutEndIsGivenUp() {
        server.answer(200, "{\"Aliases\":[],\"Truncated\":true,\"NextMarker\":\"again\"}");
        assertThatThrownBy(service::list)
                .isInstanceOf(KmsUnavailableException.class)
                .hasMessageContaining("does not end");
    }

    @Test
    void accessIsTriedByDryRuns() {
        server.answer(exchange -> {
            String request = server.requests().get(server.count() - 1);
            if (request.startsWith("TrentService.DescribeKey")) {
                CannedServer.send(exchange, 200, metadata(ARN, ""));
            } else if (request.startsWith("TrentService.Decrypt")) {
                CannedServer.send(exchange, 400, "{\"__type\":\"AccessDeniedException\"}");
            } else {
                assertThat(request).contains("\"DryRun\":true");
                CannedServer.send(exchange, 400, "{\"__type\":\"DryRunOperationException\"}");
            }
        });
        KeyDescription key = new KeyDescription(
                KeyId.of(ARN),
                List.of(),
                KeySpec.SYMMETRIC_DEFAULT,
                KeyUsage.ENCRYPT_DECRYPT,
                KeyState.ENABLED,
                Instant.EPOCH,
                List.of(),
                null);
        var outcomes = service.check(key);
        assertThat(outcomes.keySet())
                .containsExactly(
                        Operation.DESCRIBE_KEY,
                        Operation.GENERATE_DATA_KEY,
                        Operation.ENCRYPT,
                        Operation.DECRYPT,
                        Operation.RE_ENCRYPT);
        assertThat(outcomes.get(Operation.DECRYPT).allowed()).isFalse();
        assertThat(outcomes.get(Operation.DECRYPT).reason()).contains("kms:Decrypt");
        assertThat(outcomes.get(Operation.ENCRYPT).allowed()).isTrue();
        assertThat(server.requests())
                .filteredOn(request -> !request.startsWith("TrentService.DescribeKey"))
                .allSatisfy(request -> assertThat(request).contains("\"DryRun\":true"));
    }

    @Test
    void anOutageIsWaitedForOnce() {
        server.fail(500, "KMSInternalException");
        var outcomes = service.check(new KeyDescription(
                KeyId.of(ARN),
                List.of(),
                KeySpec.ECC_NIST_P521,
                KeyUsage.KEY_AGREEMENT,
                KeyState.ENABLED,
                Instant.EPOCH,
                List.of(),
                null));
        assertThat(outcomes)
                .hasSize(3)
                .allSatisfy(
                        (operation, outcome) -> assertThat(outcome.allowed()).isFalse());
        assertThat(server.count()).isEqualTo(1);
    }

    /** A create request without an answer may have made a key. */
    @Test
    void creatingIsNotRepeated() {
        server.fail(500, "KMSInternalException");
        try (AwsKeyAdministration administration = new AwsKeyAdministration(server.settings("aws.retries", "5"))) {
            assertThatThrownBy(() -> administration.createKey(KeySpec.SYMMETRIC_DEFAULT))
                    .isInstanceOf(KmsUnavailableException.class);
        }
        assertThat(server.count()).isEqualTo(1);
    }

    /** The requests take the name only, which means the alias of that name in this identity's account. */
    @Test
    void anAliasOfAnotherAccountIsNotTakenForOurs() {
        serve(new AtomicReference<>(ARN));
        KeyId theirs = KeyId.of("arn:aws:kms:eu-west-1:444455556666:alias/orders");
        try (AwsKeyAdministration administration = new AwsKeyAdministration(server.settings())) {
            for (ThrowingCallable change : List.<ThrowingCallable>of(
                    () -> administration.deleteAlias(theirs),
                    () -> administration.updateAlias(theirs, KeyId.of(ARN)),
                    () -> administration.createAlias(theirs, KeyId.of(ARN)))) {
                assertThatThrownBy(change)
                        .isInstanceOf(KmsConfigurationException.class)
                        .hasMessageContainingAll("444455556666", "111122223333");
            }
            assertThat(server.requests()).isNotEmpty().allMatch(request -> request.contains("DescribeKey"));

            server.forget();
            server.answer(exchange -> CannedServer.send(
                    exchange,
                    200,
                    exchange.getRequestHeaders().getFirst("X-Amz-Target").endsWith("DescribeKey")
                            ? metadata(ARN, "")
                            : ""));
            administration.deleteAlias(KeyId.of("arn:aws:kms:eu-west-1:111122223333:alias/orders"));
        }
        assertThat(server.requests()).hasSize(2).allMatch(request -> request.contains("\"alias/orders\""));
    }

    @Test
    void threadsEndWithTheService() throws Exception {
        serve(new AtomicReference<>(ARN));
        service.describe(ALIAS);
        List<Thread> threads = ours();
        assertThat(threads).isNotEmpty().allMatch(Thread::isDaemon);
        service.close();
        for (Thread thread : threads) {
            if (!thread.getName().endsWith("cleaner")) { // One for all services.
                thread.join(Duration.ofSeconds(30).toMillis());
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    private static List<Thread> ours() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("kms-envelope-aws")
                        || thread.getName().startsWith("sdk-"))
                .toList();
    }
}
