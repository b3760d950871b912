package dev.kmsenvelope.cli;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.testing.kms.ChangedProperties;
import dev.kmsenvelope.testing.kms.LoopbackKms;
import dev.kmsenvelope.testing.kms.RequestLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands whose keys are in AWS KMS, which is a server on the loopback interface, in two Regions: the second is "us". */
final class AwsCli implements AutoCloseable {

    static final String ACCOUNT = "111122223333";
    static final String REGION = "eu-central-1";
    static final String FAR_REGION = "us-west-2";
    static final String USER = "AKIDUSER";

    private final LoopbackKms server = new LoopbackKms();
    private final ChangedProperties properties =
            new ChangedProperties().noIdentity().identity(USER);
    private final Path directory;
    private final Cli cli;
    private final Path settings;

    AwsCli(Path directory) throws IOException {
        this.directory = directory;
        this.cli = new Cli(directory);
        this.settings = directory.resolve("aws.properties");
        configure();
    }

    LoopbackKms server() {
        return server;
    }

    RequestLog log() {
        return server.log();
    }

    ChangedProperties properties() {
        return properties;
    }

    Path file(String name) {
        return cli.file(name);
    }

    private String endpoint(String prefix, String region) {
        return prefix + "backend = aws\n" + prefix + "aws.region = " + region + "\n" + prefix + "aws.endpoint = "
                + server.endpoint() + "\n" + prefix + "aws.timeout = 60s\n";
    }

    /** Sets what is configured besides the two services. */
    void configure(String... lines) throws IOException {
        Files.writeString(
                settings, endpoint("", REGION) + endpoint("service.us.", FAR_REGION) + String.join("\n", lines) + "\n");
    }

    /** What is configured, for what is done without commands. */
    Configuration configuration() {
        return Configuration.read(settings.toString());
    }

    /** Settings of the far Region's service alone. */
    Path farSettings() throws IOException {
        return Files.writeString(directory.resolve("far.properties"), endpoint("", FAR_REGION));
    }

    Cli.Result run(String... arguments) {
        return run(new byte[0], arguments);
    }

    Cli.Result run(byte[] input, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        if (!all.contains("--config") && !all.get(0).equals("inspect")) {
            all.addAll(List.of("--config", settings.toString()));
        }
        return cli.run(input, all.toArray(String[]::new));
    }

    /** The output of a command that takes --json. */
    JsonElement json(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        return JsonParser.parseString(run(all.toArray(String[]::new)).ok().text());
    }

    String create(String... arguments) {
        List<String> all = new ArrayList<>(List.of("key", "create"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new)).ok().text().strip();
    }

    String createFar(String alias) throws IOException {
        return create(alias, "--config", farSettings().toString());
    }

    Path message(String name, byte[] plaintext, String... options) {
        List<String> arguments =
                new ArrayList<>(List.of("encrypt", "-o", file(name).toString(), "-"));
        arguments.addAll(List.of(options));
        run(plaintext, arguments.toArray(String[]::new)).ok();
        return file(name);
    }

    byte[] open(Path message, String... options) {
        List<String> arguments = new ArrayList<>(List.of("decrypt", "-o", "-", message.toString()));
        arguments.addAll(List.of(options));
        return run(arguments.toArray(String[]::new)).ok().out();
    }

    List<String> operations() {
        return log().all().stream().map(RequestLog.Request::operation).toList();
    }

    @Override
    public void close() {
        properties.close();
        server.close();
    }
}
