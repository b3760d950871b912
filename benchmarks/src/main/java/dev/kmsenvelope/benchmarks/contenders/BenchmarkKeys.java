package dev.kmsenvelope.benchmarks.contenders;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A handle to a key of a key service that exists for the benchmark only, with {@link MasterKey#CONTEXT} as its context. */
public final class BenchmarkKeys implements AutoCloseable {

    /** Settings that leave AES-GCM to the JDK, whatever else is on the class path. */
    static final Map<String, String> SUN_JCE = Map.of("engine", "SunJCE");

    private static final KeyId ALIAS = KeyId.of("alias/benchmark");

    private final KeyServices services;
    private final KmsSecretKey handle;
    private final @Nullable Path directory;

    private BenchmarkKeys(KeyServices services, KeyId key, Configuration configuration, @Nullable Path directory) {
        this.services = services;
        this.handle = KmsSecretKey.of(services, KeyReference.ofMain(key), KeyPolicy.of(configuration, key));
        this.directory = directory;
    }

    /**
     * A key of a service in memory without latency.
     *
     * @param settings of the library, such as {@code engine}
     * @return the key
     */
    public static BenchmarkKeys inMemory(Map<String, String> settings) {
        return inMemory(new MemoryKeyService(), settings);
    }

    /**
     * A key of a service in memory.
     *
     * @param service the service; closed with this
     * @param settings of the library, such as {@code engine}
     * @return the key
     */
    public static BenchmarkKeys inMemory(MemoryKeyService service, Map<String, String> settings) {
        Configuration configuration = configuration(settings, MemoryKeyService.KEY);
        return new BenchmarkKeys(KeyServices.of(service, Map.of()), MemoryKeyService.KEY, configuration, null);
    }

    /**
     * A key of the embedded key service, in a temporary directory, which is removed when this is closed.
     *
     * @param settings of the library, such as {@code engine}
     * @return the key
     * @throws IOException if the directory cannot be made
     */
    public static BenchmarkKeys local(Map<String, String> settings) throws IOException {
        Path directory = Files.createTempDirectory("kms-envelope-benchmark");
        Map<String, String> all = new HashMap<>(settings);
        all.put("local.directory", directory.toString());
        Configuration configuration = configuration(all, ALIAS);
        try (KeyAdministration administration = Backends.openAdministration(configuration)) {
            administration.createKey(KeySpec.SYMMETRIC_DEFAULT, ALIAS);
        }
        return new BenchmarkKeys(KeyServices.open(configuration), ALIAS, configuration, directory);
    }

    private static Configuration configuration(Map<String, String> settings, KeyId key) {
        Map<String, String> all = new HashMap<>(settings);
        MasterKey.CONTEXT.forEach((name, value) -> all.put("key." + key.value() + ".context." + name, value));
        return Configuration.of(all);
    }

    /**
     * The handle.
     *
     * @return a handle that threads share
     */
    public KmsSecretKey handle() {
        return handle;
    }

    @Override
    public void close() throws IOException {
        services.close();
        if (directory != null) {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder()).forEach(BenchmarkKeys::delete);
            }
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
