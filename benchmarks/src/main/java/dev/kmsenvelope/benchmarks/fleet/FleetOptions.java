package dev.kmsenvelope.benchmarks.fleet;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.CacheSettings;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** A fleet on the command line. The limits of the cache are those that it has when nothing is set. */
final class FleetOptions {

    @Option(names = "--processes", defaultValue = "100", description = "processes, each with its own cache: 100")
    private int processes;

    @Option(names = "--messages", defaultValue = "100", description = "messages written per second and process: 100")
    private double messages;

    @Option(names = "--reads-per-write", defaultValue = "1", description = "how often each message is read: 1")
    private double readsPerWrite;

    @Option(names = "--size", defaultValue = "1KiB", converter = Bytes.class, description = "of a message: 1KiB")
    private long size;

    @Option(names = "--contexts", defaultValue = "100", description = "encryption contexts, or keys: 100")
    private int contexts;

    @Option(names = "--zipf", defaultValue = "1", description = "exponent of their popularity, 0 for even: 1")
    private double zipf;

    @Option(
            names = "--archive-keys",
            defaultValue = "0",
            description = "read from a stock under so many data keys per context; 0: as soon as written")
    private long archiveKeys;

    @Option(names = "--max-age", converter = Time.class, description = "cache.max-age: 5m")
    private Duration maxAge = CacheSettings.DEFAULT_MAX_AGE;

    @Option(names = "--max-messages", description = "cache.max-messages: 1048576")
    private long maxMessages = CacheSettings.DEFAULT_MAX_MESSAGES;

    @Option(names = "--max-bytes", converter = Bytes.class, description = "cache.max-bytes: 64GiB")
    private long maxBytes = CacheSettings.DEFAULT_MAX_BYTES;

    @Option(names = "--decrypt-max-age", converter = Time.class, description = "as --max-age, for reading")
    private @Nullable Duration decryptMaxAge;

    @Option(names = "--decrypt-max-messages", description = "as --max-messages, for reading")
    private @Nullable Long decryptMaxMessages;

    @Option(names = "--decrypt-max-bytes", converter = Bytes.class, description = "as --max-bytes, for reading")
    private @Nullable Long decryptMaxBytes;

    @Option(names = "--max-entries", description = "cache.max-entries: 10000")
    private long maxEntries = CacheSettings.DEFAULT_MAX_ENTRIES;

    @Option(names = "--restarts-per-day", defaultValue = "1", description = "starts of each process per day: 1")
    private double restartsPerDay;

    @Option(
            names = "--start-window",
            defaultValue = "60s",
            converter = Time.class,
            description = "within which the whole fleet starts: 60s")
    private Duration startWindow = Duration.ZERO;

    @Option(names = "--price", defaultValue = "0.03", description = "of 10,000 requests: 0.03")
    private double price;

    @Option(names = "--key-price", defaultValue = "1", description = "of a key per month: 1")
    private double keyPrice;

    @Option(names = "--kms-keys", defaultValue = "1", description = "keys of the key service: 1")
    private int kmsKeys;

    @Option(names = "--quota", defaultValue = "10000", description = "requests per second it answers: 10000")
    private double quota;

    Fleet fleet() {
        return new Fleet(
                new Fleet.Traffic(processes, messages, readsPerWrite, size, contexts, zipf, archiveKeys),
                new Limits(maxAge, maxMessages, maxBytes),
                new Limits(
                        decryptMaxAge == null ? maxAge : decryptMaxAge,
                        decryptMaxMessages == null ? maxMessages : decryptMaxMessages,
                        decryptMaxBytes == null ? maxBytes : decryptMaxBytes),
                maxEntries,
                new Fleet.Restarts(restartsPerDay, startWindow),
                new Fleet.Service(price, keyPrice, kmsKeys, quota));
    }

    /** As in the configuration: {@code 500ms}, {@code 30s}, {@code 5m}. */
    static final class Time implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            return read(value, configuration -> configuration.getDuration("duration", Duration.ZERO));
        }
    }

    /** As in the configuration: {@code 512}, {@code 1KiB}, {@code 64GiB}. */
    static final class Bytes implements ITypeConverter<Long> {
        @Override
        public Long convert(String value) {
            return read(value, configuration -> configuration.getBytes("size", 0, 0, Long.MAX_VALUE));
        }
    }

    private interface Reading<T> {
        T of(Configuration configuration);
    }

    private static <T> T read(String value, Reading<T> reading) {
        try {
            return reading.of(Configuration.of(Map.of("duration", value, "size", value)));
        } catch (dev.kmsenvelope.kms.KmsConfigurationException e) {
            throw new TypeConversionException(e.getMessage());
        }
    }
}
