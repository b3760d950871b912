package dev.kmsenvelope.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Branch keys in a file, under a key of the embedded backend. */
class BranchKeyCommandsTest {

    private static final byte[] PLAINTEXT = {1, 2, 3};

    @TempDir
    private Path directory;

    private Cli cli;
    private String file;

    @BeforeEach
    void makeCli() throws IOException {
        cli = new Cli(directory).withKey();
        file = directory.resolve("branch-keys").toString().replace("\\", "\\\\");
        cli.configure("backend = hierarchical", "hierarchical.file = " + file, "hierarchical.kms-key = " + Cli.KEY);
    }

    private JsonObject describe(String id, String... options) {
        String[] arguments = new String[options.length + 4];
        System.arraycopy(new String[] {"branch-key", "describe", "--json", id}, 0, arguments, 0, 4);
        System.arraycopy(options, 0, arguments, 4, options.length);
        return JsonParser.parseString(cli.run(arguments).ok().text()).getAsJsonObject();
    }

    @Test
    void aBranchKeyLives() throws IOException {
        assertThat(cli.run("branch-key", "list").ok().err()).contains("branch-key create");
        assertThat(cli.run("branch-key", "create", "tenant-1", "--context", "department=a b")
                        .ok()
                        .text()
                        .strip())
                .isEqualTo("tenant-1");
        cli.run("branch-key", "create", "tenant-1").failed(4, "tenant-1", "exists already");
        JsonObject created = describe("tenant-1");
        assertThat(created.getAsJsonObject("context").get("department").getAsString())
                .isEqualTo("a b");
        assertThat(created.getAsJsonArray("versions")).hasSize(1);

        Path before = cli.file("before");
        cli.run(PLAINTEXT, "encrypt", "--key", "tenant-1", "-o", before.toString(), "-")
                .ok();
        assertThat(cli.run("branch-key", "rotate", "tenant-1").ok().err()).contains("encrypts with version");
        JsonArray versions = describe("tenant-1").getAsJsonArray("versions");
        assertThat(versions).hasSize(2);
        assertThat(versions.get(0)).isEqualTo(created.getAsJsonArray("versions").get(0));
        assertThat(cli.run("decrypt", "--key", "tenant-1", "-o", "-", before.toString())
                        .ok()
                        .out())
                .isEqualTo(PLAINTEXT);

        String random = cli.run("branch-key", "create").ok().text().strip();
        assertThat(random).hasSize(36);
        assertThat(cli.run("branch-key", "list").ok().text()).contains("tenant-1", random, "ACTIVE VERSION");
        assertThat(JsonParser.parseString(
                                cli.run("branch-key", "list", "--json").ok().text())
                        .getAsJsonArray())
                .hasSize(2);
        assertThat(cli.run("branch-key", "describe", "tenant-1").ok().text())
                .contains("department=a b", ", active", "KMS key");
        assertThat(cli.run("key", "list").ok().text()).contains("alias/tenant-1");
    }

    @Test
    void anotherTenantCannotRead() throws IOException {
        cli.run("branch-key", "create", "tenant-1").ok();
        cli.run("branch-key", "create", "tenant-2").ok();
        Path message = cli.file("message");
        cli.run(PLAINTEXT, "encrypt", "--key", "tenant-1", "-o", message.toString(), "-")
                .ok();
        cli.run("decrypt", "--key", "tenant-2", "-o", "-", message.toString()).failed(3);
    }

    @Test
    void whatIsWrongIsSaid() throws IOException {
        cli.run("branch-key", "rotate", "nobody").failed(4, "nobody", "there is no branch key");
        cli.run("branch-key", "describe", "nobody").failed(4, "nobody");
        cli.run("branch-key", "create", "alias/x").failed(2, "alias/x");
        cli.run("branch-key", "create", "a b").failed(2, "printable");
        cli.run("branch-key", "create", "x", "--context", "y").failed(2, "NAME=VALUE");
        cli.run("branch-key", "list", "--service", "nowhere").failed(2, "nowhere");
        cli.run("key", "create", "alias/x").failed(2, "branch-key create");
        cli.configure("backend = hierarchical", "hierarchical.store = ftp");
        cli.run("branch-key", "list").failed(2, "'hierarchical.store' is 'ftp'", "dynamodb or file");
        cli.configure("backend = hierarchical");
        cli.run("branch-key", "list").failed(2, "hierarchical.file");
        cli.configure("backend = hierarchical", "hierarchical.store = dynamodb");
        cli.run("branch-key", "list").failed(2, "hierarchical.table");
    }

    /** Branch keys of a further service, under a key of another further service. */
    @Test
    void severalServices() throws IOException {
        cli.configure(
                "service.tenants.backend = hierarchical",
                "service.tenants.hierarchical.file = " + file,
                "service.tenants.hierarchical.kms-key = root:" + Cli.KEY,
                "service.root.backend = local",
                "service.root.local.directory = "
                        + directory.resolve("keys").toString().replace("\\", "\\\\"));
        cli.run("branch-key", "create", "--service", "tenants", "tenant-1").ok();
        assertThat(describe("tenant-1", "--service", "tenants").get("id").getAsString())
                .isEqualTo("tenant-1");
        Path message = cli.file("message");
        cli.run(PLAINTEXT, "encrypt", "--key", "tenants:tenant-1", "-o", message.toString(), "-")
                .ok();
        assertThat(cli.run("decrypt", "--key", "tenants:tenant-1", "-o", "-", message.toString())
                        .ok()
                        .out())
                .isEqualTo(PLAINTEXT);

        cli.configure(
                "service.tenants.backend = hierarchical",
                "service.tenants.hierarchical.file = " + file,
                "service.tenants.hierarchical.kms-key = tenants:x");
        cli.run("branch-key", "list", "--service", "tenants").failed(2, "is not hierarchical");
    }
}
