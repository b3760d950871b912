package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Users and administrators of keys of AWS KMS with credentials of their own, and what doctor tells of each. */
class AwsRolesTest {

    private static final String ALIAS = "alias/orders";
    private static final byte[] TEXT = {1, 2, 3};
    private static final String[] USE = {
        "DescribeKey", "GenerateDataKey", "Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"
    };
    private static final String[] ADMINISTRATION = {
        "CreateKey",
        "CreateAlias",
        "UpdateAlias",
        "DeleteAlias",
        "EnableKey",
        "DisableKey",
        "ScheduleKeyDeletion",
        "CancelKeyDeletion",
        "RotateKeyOnDemand",
        "EnableKeyRotation",
        "DisableKeyRotation",
        "ListKeys",
        "ListAliases",
        "DescribeKey",
        "GetKeyRotationStatus",
        "ListKeyRotations"
    };

    @TempDir
    private Path directory;

    private AwsCli cli;

    @BeforeEach
    void start() throws IOException {
        Assumptions.assumeTrue(
                System.getenv("AWS_ACCESS_KEY_ID") == null, "AWS_ACCESS_KEY_ID is set in this environment");
        cli = new AwsCli(directory);
    }

    @AfterEach
    void close() {
        cli.close();
    }

    /** Each has a profile; the properties of this JVM, which would win over profiles, name nobody. */
    private void separate(String config) throws IOException {
        Path credentials = Files.writeString(directory.resolve("credentials"), """
                [orders-service]
                aws_access_key_id = AKIDSERVICE
                aws_secret_access_key = not-checked
                [kms-admin]
                aws_access_key_id = AKIDADMIN
                aws_secret_access_key = not-checked
                """);
        cli.properties()
                .noIdentity()
                .set("aws.sharedCredentialsFile", credentials.toString())
                .set(
                        "aws.configFile",
                        Files.writeString(directory.resolve("config"), config).toString());
        cli.configure("aws.profile = orders-service", "administration.aws.profile = kms-admin");
        cli.server().access().allowOnly("AKIDSERVICE", USE);
        cli.server().access().allowOnly("AKIDADMIN", ADMINISTRATION);
    }

    @Test
    @DisplayName("With separate credentials, each command is made as the right one of the two")
    void bothInOneConfiguration() throws Exception {
        separate("");
        String arn = cli.create(ALIAS);
        Path message = cli.message("m", TEXT, "--key", ALIAS);
        assertThat(cli.open(message, "--key", ALIAS)).isEqualTo(TEXT);
        cli.run("key", "rotate", ALIAS).ok();
        cli.run("key", "rotation", "--every", "90d", ALIAS).ok();
        cli.run("key", "alias", "alias/second", arn).ok();
        cli.run("key", "alias", "--delete", "alias/second").ok();
        assertThat(cli.run("key", "list").ok().text()).contains(arn, ALIAS);
        assertThat(cli.run("key", "describe", ALIAS).ok().text()).contains(arn, "every 90 days");
        String folder = cli.file("").toString();
        cli.run("reencrypt", folder).failedOf(ExitCode.KEY_SERVICE, "kms:ListAliases", "--from");
        cli.run("decrypt", message.toString(), "-o", "-").failed(ExitCode.KEY_SERVICE, "kms:ListAliases", "--key");
        cli.run("reencrypt", "--from", ALIAS, folder).ok();
        cli.run("key", "rotate", ALIAS).ok();
        assertThat(cli.json("reencrypt", "--key", ALIAS, folder)
                        .getAsJsonObject()
                        .get("moved")
                        .getAsInt())
                .isEqualTo(1);
        cli.create("--spec", "ECC_NIST_P256", "alias/signing");
        cli.run("key", "public-key", "alias/signing").ok();
        cli.run("key", "disable", ALIAS).ok();
        cli.run("decrypt", "--key", ALIAS, message.toString(), "-o", "-").failed(ExitCode.KEY_SERVICE, "not enabled");
        cli.run("key", "enable", ALIAS).ok();
        cli.run("key", "delete", "--days", "7", ALIAS).ok();
        cli.run("key", "delete", "--cancel", ALIAS).ok();
    }

    @Test
    @DisplayName("The user cannot administer, in any command, and is told which permission is missing")
    void userAlone() throws Exception {
        separate("");
        String arn = cli.create(ALIAS);
        cli.configure("aws.profile = orders-service");
        String[][] commands = {
            {"CreateKey", "create"},
            {"CreateKey", "create", "alias/mine"},
            {"CreateAlias", "alias", "alias/mine", arn},
            {"UpdateAlias", "alias", "--update", ALIAS, arn},
            {"DeleteAlias", "alias", "--delete", ALIAS},
            {"RotateKeyOnDemand", "rotate", ALIAS},
            {"EnableKeyRotation", "rotation", "--every", "90d", ALIAS},
            {"DisableKeyRotation", "rotation", "--off", ALIAS},
            {"GetKeyRotationStatus", "rotation", ALIAS},
            {"DisableKey", "disable", ALIAS},
            {"EnableKey", "enable", ALIAS},
            {"ScheduleKeyDeletion", "delete", "--days", "7", ALIAS},
            {"ListAliases", "list"}
        };
        for (String[] command : commands) {
            String[] arguments = command.clone();
            arguments[0] = "key";
            cli.run(arguments).failed(ExitCode.KEY_SERVICE, "denied", "kms:" + command[0]);
        }
        assertThat(cli.open(cli.message("m", TEXT, "--key", ALIAS), "--key", ALIAS))
                .isEqualTo(TEXT);
    }

    @Test
    @DisplayName("The administrator cannot write or read, in any command, and is told which permission is missing")
    void administratorAlone() throws Exception {
        separate("");
        String arn = cli.create(ALIAS);
        Path message = cli.message("m", TEXT, "--key", ALIAS);
        byte[] before = Files.readAllBytes(message);
        cli.configure("aws.profile = kms-admin");
        cli.run(TEXT, "encrypt", "--key", ALIAS).failed(ExitCode.KEY_SERVICE, "denied", "kms:GenerateDataKey");
        cli.run("decrypt", "--key", ALIAS, message.toString(), "-o", "-")
                .failed(ExitCode.KEY_SERVICE, "denied", "kms:Decrypt");
        cli.run("reencrypt", "--all", message.toString()).failedOf(ExitCode.KEY_SERVICE, "denied", "kms:Decrypt");
        cli.run(
                        "rewrap",
                        "--key",
                        ALIAS,
                        Files.write(cli.file("blob"), new byte[100]).toString())
                .failed(ExitCode.KEY_SERVICE, "kms:ReEncrypt");
        assertThat(Files.readAllBytes(message)).isEqualTo(before);
        cli.run("key", "rotate", arn).ok();
        JsonObject access = access(false);
        for (String operation : new String[] {"GENERATE_DATA_KEY", "ENCRYPT", "DECRYPT", "RE_ENCRYPT"}) {
            assertThat(allowed(access, operation)).as(operation).isFalse();
        }
    }

    private JsonObject access(boolean healthy) {
        Cli.Result result = cli.run("doctor", "--json");
        JsonObject report =
                com.google.gson.JsonParser.parseString(result.text()).getAsJsonObject();
        assertThat(report.get("healthy").getAsBoolean()).as(result.text()).isEqualTo(healthy);
        return report.getAsJsonArray("keys").get(0).getAsJsonObject().getAsJsonObject("access");
    }

    private static boolean allowed(JsonObject access, String operation) {
        return access.getAsJsonObject(operation).get("allowed").getAsBoolean();
    }

    @Test
    @DisplayName("doctor shows what is allowed and what is denied, by dry runs that need no ciphertext")
    void doctor() throws Exception {
        cli.create(ALIAS);
        cli.create("--spec", "RSA_2048", "--usage", "ENCRYPT_DECRYPT", "alias/rsa");
        cli.create("--spec", "ECC_NIST_P256", "alias/sign");
        cli.create("--spec", "HMAC_256", "alias/mac");
        cli.create("--spec", "ECC_NIST_P384", "--usage", "KEY_AGREEMENT", "alias/agree");
        cli.log().clear();
        assertThat(cli.run("doctor").ok().text().lines().map(String::strip))
                .anyMatch(line -> line.matches("alias/orders +yes +yes +yes +yes +yes .*"))
                .anyMatch(line -> line.matches("alias/rsa +yes +- +- +yes +- +yes .*"))
                .anyMatch(line -> line.matches("alias/sign +yes .*yes.*"))
                .noneMatch(line -> line.contains("may not"));
        assertThat(cli.operations())
                .contains("Sign", "GenerateMac", "DeriveSharedSecret", "ReEncrypt")
                .doesNotContain("CreateKey");
        assertThat(cli.log().count("Decrypt"))
                .as("two dry runs and one round trip")
                .isEqualTo(3);

        cli.server().access().deny(AwsCli.USER, "Decrypt", "ReEncryptFrom");
        Cli.Result writer = cli.run("doctor").ok();
        assertThat(writer.text())
                .contains("alias/orders may not decrypt: ", "kms:Decrypt", "alias/orders may not re-encrypt: ")
                .contains("alias/rsa may not decrypt: ");
        JsonObject access = cli.json("doctor")
                .getAsJsonObject()
                .getAsJsonArray("keys")
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("access");
        assertThat(allowed(access, "GENERATE_DATA_KEY")).isTrue();
        assertThat(allowed(access, "ENCRYPT")).isTrue();
        assertThat(allowed(access, "DECRYPT")).isFalse();
        assertThat(allowed(access, "RE_ENCRYPT")).isFalse();

        cli.server().access().clear();
        cli.server().access().deny(AwsCli.USER, "ListAliases", "ListKeys");
        Cli.Result blind = cli.run("doctor");
        assertThat(blind.code()).isEqualTo(ExitCode.KEY_SERVICE);
        assertThat(blind.text()).contains("Engine", "BROKEN: ", "kms:ListAliases", "doctor KEY...");

        cli.server().access().clear();
        cli.server().access().deny(AwsCli.USER, "GenerateDataKey", "Encrypt", "ReEncryptTo");
        access = cli.json("doctor")
                .getAsJsonObject()
                .getAsJsonArray("keys")
                .get(0)
                .getAsJsonObject()
                .getAsJsonObject("access");
        assertThat(allowed(access, "GENERATE_DATA_KEY")).isFalse();
        assertThat(allowed(access, "DECRYPT")).isTrue();
        assertThat(allowed(access, "RE_ENCRYPT")).isFalse();
    }

    @Test
    @DisplayName("A profile that assumes a role works with the modules that the one jar has; a refusal names its code")
    void assumedRole() throws Exception {
        List<String> asked = Collections.synchronizedList(new ArrayList<>());
        HttpServer sts = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        sts.createContext("/", exchange -> {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(body);
            boolean known = body.contains("role%2Forders");
            byte[] answer = (known
                            ? "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"
                                    + "<Credentials><AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>x</SecretAccessKey>"
                                    + "<SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>"
                                    + "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
                            : "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>"
                                    + "<Code>AccessDenied</Code><Message>secret text</Message></Error></ErrorResponse>")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(known ? 200 : 403, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        sts.start();
        try {
            cli.create(ALIAS);
            separate("""
                    [profile role]
                    role_arn = arn:aws:iam::111122223333:role/orders
                    source_profile = orders-service
                    region = eu-central-1
                    [profile refused]
                    role_arn = arn:aws:iam::111122223333:role/other
                    source_profile = orders-service
                    region = eu-central-1
                    """);
            cli.properties()
                    .set(
                            "aws.endpointUrlSts",
                            "http://127.0.0.1:" + sts.getAddress().getPort());
            cli.configure("aws.profile = role");
            cli.server().access().allowOnly("AKIDSERVICE");
            assertThat(cli.open(cli.message("m", TEXT, "--key", ALIAS), "--key", ALIAS))
                    .isEqualTo(TEXT);
            assertThat(asked).isNotEmpty().allMatch(body -> body.contains("Action=AssumeRole"));
            cli.configure("aws.profile = refused");
            Cli.Result refused = cli.run(TEXT, "encrypt", "--key", ALIAS)
                    .failed(ExitCode.KEY_SERVICE, "'aws.profile'", "AccessDenied");
            assertThat(refused.err()).doesNotContain("secret text");
        } finally {
            sts.stop(0);
        }
    }
}
