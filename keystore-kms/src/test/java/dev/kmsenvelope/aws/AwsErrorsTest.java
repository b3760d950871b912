package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsAuthenticationException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsLimitException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What each failure of the service becomes, through the SDK and HTTP. */
@ExtendWith(TestCredentials.class)
class AwsErrorsTest {

    private static final String ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    private static final KeyId KEY = KeyId.of(ARN);
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "context-value"));
    private static final EncryptedDataKey ENCRYPTED =
            new EncryptedDataKey("aws-kms", ARN.getBytes(StandardCharsets.UTF_8), new byte[100]);

    private final CannedServer server;
    private AwsKeyService service;

    AwsErrorsTest() throws IOException {
        server = new CannedServer();
        service = new AwsKeyService(server.settings());
    }

    @AfterEach
    void close() {
        service.close();
        server.close();
    }

    private void open(String... settings) {
        service.close();
        service = new AwsKeyService(server.settings(settings));
    }

    private static Class<? extends KmsException> type(String name) {
        return java.util.stream.Stream.of(
                        AliasExistsException.class,
                        InvalidCiphertextException.class,
                        InvalidKeyUsageException.class,
                        KeyAccessDeniedException.class,
                        KeyDisabledException.class,
                        KeyNotFoundException.class,
                        KmsAuthenticationException.class,
                        KmsConfigurationException.class,
                        KmsLimitException.class,
                        KmsThrottledException.class,
                        KmsUnavailableException.class)
                .filter(type -> type.getSimpleName().equals(name + "Exception"))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({
        "AlreadyExistsException, 400, AliasExists",
        "ConflictException, 400, KmsUnavailable",
        "AccessDeniedException, 400, KeyAccessDenied",
        "DisabledException, 400, KeyDisabled",
        "KMSInvalidStateException, 400, KeyDisabled",
        "InvalidGrantTokenException, 400, KmsConfiguration",
        "ExpiredTokenException, 400, KmsAuthentication",
        "UnrecognizedClientException, 400, KmsAuthentication",
        "InvalidSignatureException, 400, KmsAuthentication",
        "MissingAuthenticationTokenException, 400, KmsAuthentication",
        "IncompleteSignatureException, 400, KmsAuthentication",
        "RequestExpired, 400, KmsAuthentication",
        "SomethingElse, 401, KmsAuthentication",
        "LimitExceededException, 400, KmsLimit",
        "InvalidArnException, 400, KeyNotFound",
        "NotFoundException, 400, KeyNotFound",
        "UnknownOperationException, 400, KmsConfiguration",
        "ValidationException, 400, KmsConfiguration",
        "SomethingElse, 400, KmsConfiguration",
        "ThrottlingException, 400, KmsThrottled",
        "TooManyRequestsException, 400, KmsThrottled",
        "SomethingElse, 429, KmsThrottled",
        "KMSInternalException, 500, KmsUnavailable",
        "DependencyTimeoutException, 500, KmsUnavailable",
        "KeyUnavailableException, 500, KmsUnavailable",
        "SomethingElse, 503, KmsUnavailable",
        "InvalidKeyUsageException, 400, InvalidKeyUsage",
        "UnsupportedOperationException, 400, InvalidKeyUsage",
        "IncorrectKeyException, 400, InvalidCiphertext",
        "InvalidCiphertextException, 400, InvalidCiphertext",
    })
    void aCodeDecides(String code, int status, String expected) {
        server.fail(status, code);
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                .isExactlyInstanceOf(type(expected))
                .hasMessageContainingAll("Decrypt", ARN, CannedServer.REQUEST_ID)
                .satisfies(AwsErrorsTest::tellsNoText);
    }

    /** RULES 20: no text of the service, no context value, anywhere in the stack trace. */
    private static void tellsNoText(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        assertThat(e.getCause()).as("there is a cause").isNotNull();
        assertThat(text.toString()).doesNotContain("secret text", "context-value");
    }

    @Test
    void aDenialNamesThePermission() {
        server.fail(400, "AccessDeniedException");
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT)).hasMessageContaining("kms:Decrypt");
        assertThatThrownBy(() -> service.generateDataKey(KEY, 32, CONTEXT)).hasMessageContaining("kms:GenerateDataKey");
        assertThatThrownBy(() -> service.reEncrypt(KEY, ENCRYPTED, CONTEXT, KEY, CONTEXT))
                .hasMessageContainingAll("kms:ReEncryptFrom", "kms:ReEncryptTo");
    }

    @Test
    void aGrantTokenIsNamedByItsSetting() {
        server.fail(400, "InvalidGrantTokenException");
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT)).hasMessageContaining("aws.grant-tokens");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>ok</html>", "{", "[]", "{\"Plaintext\":17}", "{\"Plaintext\":\"!\"}", "{}"})
    void garbageIsAnOutage(String body) {
        server.answer(200, body);
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                .isInstanceOfAny(KmsUnavailableException.class, InvalidCiphertextException.class)
                .hasMessageContaining(ARN);
        assertThatThrownBy(() -> service.generateDataKey(KEY, 32, CONTEXT))
                .isExactlyInstanceOf(KmsUnavailableException.class)
                .hasMessageContainingAll("GenerateDataKey", ARN);
    }

    @ParameterizedTest
    @CsvSource({"403, <html>proxy</html>", "404, not here", "407, who are you", "400, {}", "302, moved"})
    void anAnswerWithoutACodeIsAnOutage(int status, String body) {
        server.answer(status, body);
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                .isExactlyInstanceOf(KmsUnavailableException.class)
                .hasMessageContaining("HTTP status " + status);
    }

    /** What the SDK's parser quotes of a reply may be a key in plain text. */
    @Test
    void aReplyIsNotQuoted() {
        server.answer(200, "{\"Plaintext\": notquotedsecret}");
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                .isExactlyInstanceOf(KmsUnavailableException.class)
                .satisfies(e -> {
                    StringWriter text = new StringWriter();
                    e.printStackTrace(new PrintWriter(text));
                    assertThat(text.toString()).doesNotContain("notquotedsecret");
                });
    }

    @Test
    void aKeyOfTheWrongLengthIsRefused() {
        server.answer(200, "{\"KeyId\":\"" + ARN + "\",\"Plaintext\":\"AAAA\",\"CiphertextBlob\":\"AAAA\"}");
        assertThatThrownBy(() -> service.generateDataKey(KEY, 32, CONTEXT))
                .isExactlyInstanceOf(KmsUnavailableException.class)
                .hasMessageContaining("3 bytes where there must be 32");
    }

    @Test
    void aReplyUnderAnotherKeyIsRefused() {
        server.answer(
                200,
                "{\"KeyId\":\"" + ARN.replace("1234abcd", "5678abcd")
                        + "\",\"Plaintext\":\"AAAA\",\"CiphertextBlob\":\"AAAA\"}");
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                .isExactlyInstanceOf(InvalidCiphertextException.class)
                .hasMessageContaining(ARN);
        assertThatThrownBy(() -> service.encrypt(KEY, new byte[1], CONTEXT))
                .isExactlyInstanceOf(KmsUnavailableException.class);
    }

    @Test
    void attemptsAreBounded() {
        for (int retries : new int[] {0, 1, 2}) {
            open("aws.retries", Integer.toString(retries));
            server.fail(500, "KMSInternalException");
            server.forget();
            assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                    .isExactlyInstanceOf(KmsUnavailableException.class);
            assertThat(server.count()).isEqualTo(retries + 1);
        }
    }

    @Test
    void whatWaitingDoesNotHelpIsNotTriedAgain() {
        open("aws.retries", "5");
        server.fail(400, "AccessDeniedException");
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                .isExactlyInstanceOf(KeyAccessDeniedException.class);
        assertThat(server.count()).isEqualTo(1);
    }

    @Test
    void aServiceThatDoesNotAnswerIsLeftInTime() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        server.fail(400, "NotFoundException");
        open("aws.timeout", "500ms");
        server.answer(exchange -> {
            try {
                end.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                .isExactlyInstanceOf(KmsUnavailableException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        end.countDown();
    }

    @Test
    void aCutConnectionIsAnOutage() {
        server.answer(exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write('{');
        });
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                .isExactlyInstanceOf(KmsUnavailableException.class);
    }

    @Test
    void nobodyListening() {
        server.close();
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                .isExactlyInstanceOf(KmsUnavailableException.class)
                .hasMessageContaining("cannot be reached")
                .hasRootCauseInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void anInterruptIsMarkedAgain() {
        server.answer(200, "{}");
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT))
                    .isExactlyInstanceOf(KmsUnavailableException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    @Test
    void afterCloseNothingWorks() {
        server.fail(400, "NotFoundException");
        assertThatThrownBy(() -> service.describe(KEY)).isInstanceOf(KeyNotFoundException.class);
        service.close();
        service.close();
        assertThatThrownBy(() -> service.describe(KEY)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> service.decrypt(KEY, ENCRYPTED, CONTEXT)).isInstanceOf(IllegalStateException.class);
    }
}
