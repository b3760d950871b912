package dev.kmsenvelope.benchmarks.fleet;

import dev.kmsenvelope.benchmarks.keyservice.CallCounts;
import dev.kmsenvelope.benchmarks.keyservice.DelayedBackendFactory;
import dev.kmsenvelope.benchmarks.keyservice.DelayedKeyService;
import dev.kmsenvelope.benchmarks.keyservice.Latency;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Cipher;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Writes and reads a million messages over a hundred contexts with the cache as it is when nothing is set, and counts the
 * requests to the key service. Each thread writes its messages one after the other, in random contexts, and reads them again
 * in batches, into the same cache.
 */
@Command(
        name = "MillionMessages",
        mixinStandardHelpOptions = true,
        description =
                "Write and read many messages, and count the requests to the key service. Exit code 1 if there are"
                        + " more of them than contexts, for writing or for reading.")
public final class MillionMessages implements Callable<Integer> {

    private static final int BATCH = 1000;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(names = "--messages", defaultValue = "1000000", description = "messages per run: 1000000")
    private int messages;

    @Option(names = "--contexts", defaultValue = "100", description = "encryption contexts: 100")
    private int contexts;

    @Option(names = "--size", defaultValue = "64", description = "bytes of a message: 64")
    private int size;

    @Option(names = "--threads", defaultValue = "1,2", split = ",", description = "a run each, with so many: 1,2")
    private List<Integer> threads = List.of();

    @Option(names = "--latency", defaultValue = "5ms", description = "of a request: 5ms")
    private String latency = "";

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    private MillionMessages() {}

    /**
     * A run.
     *
     * @param threads that wrote and read
     * @param messages written, and read
     * @param contexts that they were in
     * @param generate requests for data keys to write with
     * @param decrypt requests for data keys to read with
     * @param writtenPerSecond messages per second, all threads together, the first ones included
     * @param readPerSecond the same for reading
     */
    record Run(
            int threads,
            long messages,
            int contexts,
            long generate,
            long decrypt,
            double writtenPerSecond,
            double readPerSecond) {

        boolean isWithinTarget() {
            return generate <= contexts && decrypt <= contexts;
        }
    }

    /** Nanoseconds that a thread spent. */
    private record Spent(long writing, long reading) {}

    /**
     * Runs it.
     *
     * @param args the command line
     */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    static CommandLine commandLine() {
        return new CommandLine(new MillionMessages());
    }

    @Override
    public Integer call() throws GeneralSecurityException, InterruptedException, ExecutionException {
        if (messages < 1
                || contexts < 1
                || size < 0
                || threads.isEmpty()
                || threads.stream().anyMatch(count -> count < 1)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "there must be at least one message, one context and one thread");
        }
        try {
            Latency.parse(latency);
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--latency: " + e.getMessage(), e);
        }
        List<Run> runs = new ArrayList<>();
        for (int count : threads) {
            runs.add(run(count));
        }
        var out = spec.commandLine().getOut();
        if (json) {
            out.println(Json.write(runs));
        } else {
            out.println("threads    messages  contexts  generate   decrypt   written/s      read/s");
            for (Run run : runs) {
                out.println(String.format(
                        Locale.ROOT,
                        "%7d %,11d %9d %9d %9d %,11.0f %,11.0f",
                        run.threads,
                        run.messages,
                        run.contexts,
                        run.generate,
                        run.decrypt,
                        run.writtenPerSecond,
                        run.readPerSecond));
            }
        }
        out.flush();
        return runs.stream().allMatch(Run::isWithinTarget) ? 0 : 1;
    }

    private Run run(int count) throws GeneralSecurityException, InterruptedException, ExecutionException {
        Limits.require(messages >= 1 && contexts >= 1 && size >= 0 && count >= 1, "there is at least one of each");
        DelayedKeyService service =
                DelayedKeyService.inMemory(Latency.parse(latency), List.of(DelayedBackendFactory.DEFAULT_KEY));
        ExecutorService pool = Executors.newFixedThreadPool(count);
        try (KeyServices services = KeyServices.of(service, Map.of())) {
            Key key = KmsSecretKey.of(
                    services,
                    KeyReference.ofMain(DelayedBackendFactory.DEFAULT_KEY),
                    KeyPolicy.of(Configuration.empty(), DelayedBackendFactory.DEFAULT_KEY));
            List<Future<Spent>> results = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int own = messages / count + (i < messages % count ? 1 : 0);
                int seed = i;
                results.add(pool.submit(() -> writeAndRead(key, own, seed)));
            }
            double writing = 0;
            double reading = 0;
            for (Future<Spent> result : results) {
                writing = Math.max(writing, result.get().writing() / 1e9);
                reading = Math.max(reading, result.get().reading() / 1e9);
            }
            CallCounts counts = service.counts();
            return new Run(
                    count,
                    messages,
                    contexts,
                    counts.generateDataKey(),
                    counts.decrypt(),
                    messages / writing,
                    messages / reading);
        } finally {
            pool.shutdownNow();
        }
    }

    private Spent writeAndRead(Key key, int count, int seed) throws GeneralSecurityException {
        SplittableRandom random = new SplittableRandom(seed);
        List<EnvelopeParameterSpec> parameters = new ArrayList<>();
        for (int i = 0; i < contexts; i++) {
            parameters.add(EnvelopeParameterSpec.builder()
                    .context(Map.of("tenant", Integer.toString(i)))
                    .build());
        }
        Cipher writer = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
        Cipher reader = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
        byte[] plaintext = new byte[size];
        byte[][] batch = new byte[BATCH][];
        long writing = 0;
        long reading = 0;
        for (int done = 0; done < count; done += BATCH) {
            int now = Math.min(BATCH, count - done);
            long start = System.nanoTime();
            for (int i = 0; i < now; i++) {
                writer.init(Cipher.ENCRYPT_MODE, key, parameters.get(random.nextInt(contexts)));
                batch[i] = writer.doFinal(plaintext);
            }
            long middle = System.nanoTime();
            for (int i = 0; i < now; i++) {
                reader.init(Cipher.DECRYPT_MODE, key);
                if (reader.doFinal(batch[i]).length != size) {
                    throw new GeneralSecurityException("a message came out with another length");
                }
            }
            writing += middle - start;
            reading += System.nanoTime() - middle;
        }
        return new Spent(writing, reading);
    }
}
