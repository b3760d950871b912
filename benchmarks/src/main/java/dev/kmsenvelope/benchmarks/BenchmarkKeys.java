package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** A key of the embedded key service in a temporary directory, which is removed when this is closed. */
final class BenchmarkKeys implements AutoCloseable {

    private static final KeyId ALIAS = KeyId.of("alias/benchmark");

    private final Path directory;
    private final KeyService service;
    private final KmsSecretKey handle;

    BenchmarkKeys() throws IOException {
        directory = Files.createTempDirectory("kms-envelope-benchmark");
        Configuration configuration = Configuration.of(Map.of("local.directory", directory.toString()));
        try (KeyAdministration administration = Backends.openAdministration(configuration)) {
            administration.createKey(KeySpec.SYMMETRIC_DEFAULT, ALIAS);
        }
        service = Backends.openService(configuration);
        handle = KmsSecretKey.of(service, ALIAS, KeyPolicy.of(configuration, ALIAS));
    }

    KmsSecretKey handle() {
        return handle;
    }

    /** A handle with a setting. */
    KmsSecretKey handle(String name, String value) {
        return KmsSecretKey.of(service, ALIAS, KeyPolicy.of(Configuration.of(Map.of(name, value)), ALIAS));
    }

    @Override
    public void close() throws IOException {
        service.close();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(BenchmarkKeys::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
