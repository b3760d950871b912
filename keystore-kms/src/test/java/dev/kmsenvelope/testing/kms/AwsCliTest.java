package dev.kmsenvelope.testing.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The AWS CLI, where it is installed, works with the test server: so the server is not merely shaped to our client. */
class AwsCliTest {

    private final LoopbackKms server = new LoopbackKms();

    @TempDir
    private Path directory;

    @BeforeEach
    void requireCli() {
        boolean installed = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(path -> Files.isExecutable(Path.of(path, "aws")));
        assumeThat(installed).as("the AWS CLI (aws) is on the path").isTrue();
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** What the CLI prints, and how it ends. */
    private record Result(int status, String out, String errors) {
        JsonObject json() {
            assertThat(status).as(errors).isZero();
            return JsonParser.parseString(out).getAsJsonObject();
        }

        String text(String member) {
            return json().get(member).getAsString();
        }
    }

    private Result aws(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("aws", "kms"));
        command.addAll(Arrays.asList(arguments));
        command.addAll(List.of("--endpoint-url", server.endpoint().toString(), "--output", "json"));
        Path out = directory.resolve("out");
        Path errors = directory.resolve("errors");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(out.toFile()).redirectError(errors.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_"));
        builder.environment().put("AWS_ACCESS_KEY_ID", "cli");
        builder.environment().put("AWS_SECRET_ACCESS_KEY", "not-checked");
        builder.environment().put("AWS_DEFAULT_REGION", "eu-central-1");
        builder.environment().put("AWS_CONFIG_FILE", directory.resolve("config").toString());
        builder.environment()
                .put(
                        "AWS_SHARED_CREDENTIALS_FILE",
                        directory.resolve("credentials").toString());
        builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
        builder.environment().put("AWS_PAGER", "");
        Process process = builder.start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ended").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(errors));
    }

    private String file(String name, String base64) throws IOException {
        Path file = directory.resolve(name);
        Files.write(file, java.util.Base64.getDecoder().decode(base64));
        return "fileb://" + file;
    }

    @Test
    void symmetricKeys() throws Exception {
        JsonObject key = aws("create-key", "--description", "by the CLI").json().getAsJsonObject("KeyMetadata");
        String id = key.get("KeyId").getAsString();
        assertThat(aws("create-alias", "--alias-name", "alias/cli", "--target-key-id", id)
                        .status())
                .isZero();
        assertThat(aws("list-aliases").json().getAsJsonArray("Aliases"))
                .extracting(alias -> alias.getAsJsonObject().get("AliasName").getAsString())
                .contains("alias/cli", "alias/aws/s3");
        assertThat(aws("describe-key", "--key-id", "alias/cli").json().getAsJsonObject("KeyMetadata"))
                .isEqualTo(key);

        Path text = Files.writeString(directory.resolve("text"), "attack at dawn");
        String blob = file(
                "blob",
                aws("encrypt", "--key-id", "alias/cli", "--plaintext", "fileb://" + text, "--encryption-context", "a=b")
                        .text("CiphertextBlob"));
        String moved = file(
                "moved",
                aws(
                                "re-encrypt",
                                "--ciphertext-blob",
                                blob,
                                "--source-encryption-context",
                                "a=b",
                                "--destination-key-id",
                                id)
                        .text("CiphertextBlob"));
        byte[] plain = java.util.Base64.getDecoder()
                .decode(aws("decrypt", "--ciphertext-blob", moved).text("Plaintext"));
        assertThat(new String(plain, StandardCharsets.UTF_8)).isEqualTo("attack at dawn");
        Result refused = aws("decrypt", "--ciphertext-blob", blob);
        assertThat(refused.status()).isNotZero();
        assertThat(refused.errors()).contains("InvalidCiphertextException");

        JsonObject dataKey = aws("generate-data-key", "--key-id", id, "--key-spec", "AES_256")
                .json();
        assertThat(aws(
                                "decrypt",
                                "--ciphertext-blob",
                                file("data-key", dataKey.get("CiphertextBlob").getAsString()))
                        .text("Plaintext"))
                .isEqualTo(dataKey.get("Plaintext").getAsString());
    }

    @Test
    void keyPairs() throws Exception {
        String id = aws("create-key", "--key-spec", "ECC_NIST_P256", "--key-usage", "SIGN_VERIFY")
                .json()
                .getAsJsonObject("KeyMetadata")
                .get("Arn")
                .getAsString();
        assertThat(aws("get-public-key", "--key-id", id).text("KeyUsage")).isEqualTo("SIGN_VERIFY");
        String[] common = {
            "--key-id", id, "--signing-algorithm", "ECDSA_SHA_256", "--message-type", "RAW", "--message", "fileb://"
        };
        common[common.length - 1] += Files.writeString(directory.resolve("message"), "attack at dawn");
        String signature = file("signature", aws(with("sign", common)).text("Signature"));
        List<String> verify = new ArrayList<>(Arrays.asList(with("verify", common)));
        verify.addAll(List.of("--signature", signature));
        assertThat(aws(verify.toArray(String[]::new))
                        .json()
                        .get("SignatureValid")
                        .getAsBoolean())
                .isTrue();
    }

    private static String[] with(String command, String... arguments) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(Arrays.asList(arguments));
        return all.toArray(String[]::new);
    }
}
