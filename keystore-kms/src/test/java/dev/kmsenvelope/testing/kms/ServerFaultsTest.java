package dev.kmsenvelope.testing.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The test server itself: its protocol and its faults, byte by byte. */
class ServerFaultsTest {

    private final LoopbackKms server = new LoopbackKms();
    private final HttpClient http = HttpClient.newHttpClient();

    @AfterEach
    void close() {
        server.close();
    }

    private HttpRequest.Builder request(String operation, String body) {
        String date = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'")
                .withZone(ZoneOffset.UTC)
                .format(Instant.now());
        return HttpRequest.newBuilder(URI.create(server.endpoint() + "/"))
                .header("Content-Type", "application/x-amz-json-1.1")
                .header("X-Amz-Target", "TrentService." + operation)
                .header("X-Amz-Date", date)
                .header(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=me/20260101/eu-central-1/kms/aws4_request,"
                                + " SignedHeaders=host;x-amz-date, Signature=" + "0".repeat(64))
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    private void assertRefused(String type, HttpRequest.Builder request) throws Exception {
        HttpResponse<String> answer = send(request);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("\"__type\":\"" + type + "\"");
        assertThat(answer.headers().firstValue("x-amzn-RequestId")).isPresent();
    }

    @Test
    void whatIsNoRequest() throws Exception {
        assertThat(send(request("ListKeys", "{}")).statusCode()).isEqualTo(200);
        assertRefused("UnknownOperationException", request("NoSuchOperation", "{}"));
        assertRefused("UnknownOperationException", request("ListKeys", "{}").setHeader("Content-Type", "text/plain"));
        assertRefused("UnknownOperationException", request("ListKeys", "{}").GET());
        assertRefused("SerializationException", request("ListKeys", "[1]"));
        assertRefused("SerializationException", request("ListKeys", "{"));
        assertRefused("SerializationException", request("ListKeys", "{\"Limit\": []}"));
        assertRefused("ValidationException", request("ListKeys", "{\"Limit\": 0}"));
        assertRefused("ValidationException", request("DescribeKey", "{}"));
        assertRefused("ValidationException", request("CreateKey", "{\"KeySpec\": \"AES_512\"}"));
        assertRefused("ValidationException", request("CreateKey", "{\"KeySpec\": \"RSA_2048\"}"));
        assertRefused(
                "ValidationException",
                request("CreateKey", "{\"KeySpec\": \"HMAC_256\", \"KeyUsage\": \"SIGN_VERIFY\"}"));
        assertRefused("IncompleteSignatureException", request("ListKeys", "{}").setHeader("Authorization", "me"));
        assertRefused("IncompleteSignatureException", request("ListKeys", "{}").setHeader("X-Amz-Date", "today"));
        assertRefused(
                "MissingAuthenticationTokenException",
                HttpRequest.newBuilder(URI.create(server.endpoint() + "/"))
                        .header("Content-Type", "application/x-amz-json-1.1")
                        .header("X-Amz-Target", "TrentService.ListKeys")
                        .POST(HttpRequest.BodyPublishers.ofString("{}")));
    }

    @Test
    void theLogHasNeitherSignaturesNorBodies() throws Exception {
        HttpResponse<String> answer = send(request("DescribeKey", "{\"KeyId\": \"alias/a\", \"Secret\": \"s3cret\"}")
                .header("X-Amz-Security-Token", "t0ken"));
        assertThat(server.log().all()).singleElement().satisfies(request -> {
            assertThat(request.operation()).isEqualTo("DescribeKey");
            assertThat(request.key()).contains("alias/a");
            assertThat(request.headers()).containsKey("x-amz-date").doesNotContainKey("authorization");
            assertThat(request.requestId())
                    .isEqualTo(answer.headers().firstValue("x-amzn-RequestId").orElseThrow());
            assertThat(request.toString()).doesNotContain("s3cret", "t0ken", "Signature");
        });
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void eachFaultHappensAsOftenAsAskedFor(Fault fault) throws Exception {
        String body = "{\"NumberOfBytes\": 3}";
        server.faults().inject("GenerateRandom", fault, 1);
        switch (fault) {
            case CUT_BEFORE_ANSWER, CUT_IN_ANSWER ->
                assertThatThrownBy(() -> send(request("GenerateRandom", body))).isInstanceOf(IOException.class);
            case SLOW -> {
                CompletableFuture<HttpResponse<String>> slow = http.sendAsync(
                        request("GenerateRandom", body)
                                .timeout(Duration.ofSeconds(60))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                while (server.log().count() == 0) {
                    Thread.onSpinWait();
                }
                assertThat(slow).isNotDone();
                server.faults().clear();
                assertThat(slow.get().statusCode()).isEqualTo(503);
            }
            default -> {
                HttpResponse<String> answer = send(request("GenerateRandom", body));
                assertThat(answer.statusCode())
                        .isEqualTo(
                                switch (fault) {
                                    case UNAVAILABLE, DEPENDENCY_TIMEOUT -> 503;
                                    case INTERNAL_ERROR, KEY_UNAVAILABLE -> 500;
                                    default -> fault.isError() ? 400 : 200;
                                });
                assertThat(answer.body().contains(Fault.TEXT)).isEqualTo(fault.isError() || fault == Fault.GARBAGE);
                switch (fault) {
                    case EMPTY, UNAVAILABLE -> assertThat(answer.body()).isEmpty();
                    case MISSING_MEMBERS -> assertThat(answer.body()).isEqualTo("{}");
                    case TRUNCATED_JSON ->
                        assertThat(answer.body()).startsWith("{").doesNotEndWith("}");
                    case WRONG_LENGTH -> assertThat(answer.body()).matches("\\{\"Plaintext\":\".{3}=\"}");
                    default -> {}
                }
            }
        }
        assertThat(send(request("GenerateRandom", body)).body()).matches("\\{\"Plaintext\":\".{4}\"}");
    }

    @Test
    void anotherKeyIsNamedWhereAKeyIs() throws Exception {
        server.faults().inject("CreateKey", Fault.WRONG_KEY);
        assertThat(send(request("CreateKey", "{}")).body()).contains("0badc0de");
    }
}
