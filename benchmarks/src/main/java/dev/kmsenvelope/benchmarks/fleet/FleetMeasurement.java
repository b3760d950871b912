package dev.kmsenvelope.benchmarks.fleet;

import dev.kmsenvelope.benchmarks.keyservice.CallCounts;
import dev.kmsenvelope.benchmarks.keyservice.DelayedKeyService;
import dev.kmsenvelope.benchmarks.keyservice.FreshKeyService;
import dev.kmsenvelope.benchmarks.keyservice.Latency;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.CacheStatistics;
import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;

/**
 * A fleet in one process, with the real library: a {@link Cipher} per process of the fleet, each with handle and cache of its
 * own, over keys in memory whose requests are counted. Messages are written and read when the {@link Schedule} says, in real
 * time, by one thread. Processes are not started anew. Not thread-safe.
 */
final class FleetMeasurement implements AutoCloseable {

    private static final KeyId KEY = KeyId.of("alias/fleet");

    private final Fleet fleet;
    private final Schedule schedule;
    private final List<Member> processes = new ArrayList<>();
    private final List<EnvelopeParameterSpec> contexts = new ArrayList<>();
    private final Set<DataKeyCache> othersCaches = new HashSet<>(DataKeyCache.all());
    private final byte[] plaintext;
    private Schedule.Event next;
    private long start;
    private long behind;
    private long written;
    private long read;

    private record Member(DelayedKeyService service, KeyServices services, KmsSecretKey handle, Cipher cipher) {}

    /**
     * @param fleet what is measured; messages are read as soon as they are written
     * @param seed what happens when
     * @param latency of each request, which holds up who waits for it
     * @throws GeneralSecurityException if there is no such cipher
     */
    FleetMeasurement(Fleet fleet, long seed, Latency latency) throws GeneralSecurityException {
        Limits.require(fleet.traffic().archive() == 0, "reading from a stock is not measured");
        Limits.require(fleet.traffic().messageBytes() <= 1 << 24, "messages of more than 16 MiB are not measured");
        this.fleet = fleet.withoutRestarts();
        schedule = new Schedule(this.fleet, seed);
        plaintext = new byte[(int) fleet.traffic().messageBytes()];
        Configuration configuration = configuration(fleet);
        FreshKeyService keys = new FreshKeyService(List.of(KEY));
        for (int i = 0; i < fleet.traffic().processes(); i++) {
            DelayedKeyService service = new DelayedKeyService(keys, latency, seed + i);
            KeyServices services = KeyServices.of(service, Map.of());
            KmsSecretKey handle = KmsSecretKey.of(services, KeyReference.ofMain(KEY), KeyPolicy.of(configuration, KEY));
            Cipher cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
            processes.add(new Member(service, services, handle, cipher));
        }
        for (int i = 0; i < fleet.traffic().contexts(); i++) {
            contexts.add(EnvelopeParameterSpec.builder()
                    .context(Map.of("tenant", Integer.toString(i)))
                    .build());
        }
        next = schedule.next();
    }

    private static Configuration configuration(Fleet fleet) {
        return Configuration.of(Map.of(
                "cache.max-age", fleet.writing().maxAge().toMillis() + "ms",
                "cache.max-messages", Long.toString(fleet.writing().maxMessages()),
                "cache.max-bytes", size(fleet.writing().maxBytes()),
                "cache.decrypt.max-age", fleet.reading().maxAge().toMillis() + "ms",
                "cache.decrypt.max-messages", Long.toString(fleet.reading().maxMessages()),
                "cache.decrypt.max-bytes", size(fleet.reading().maxBytes()),
                "cache.max-entries", Long.toString(fleet.maxEntries())));
    }

    /** With the largest unit that leaves no rest: a plain number has ten digits at most there. */
    private static String size(long bytes) {
        int shift = Math.min(30, Long.numberOfTrailingZeros(bytes) / 10 * 10);
        return (bytes >> shift) + List.of("", "KiB", "MiB", "GiB").get(shift / 10);
    }

    /**
     * Lets time pass.
     *
     * @param seconds until when, from the first call
     * @return what happened since the first call
     * @throws GeneralSecurityException if a message cannot be written or read
     * @throws InterruptedException if this thread is interrupted
     */
    Calls runUntil(double seconds) throws GeneralSecurityException, InterruptedException {
        if (start == 0) {
            start = System.nanoTime();
        }
        behind = 0;
        while (next.nanos() < seconds * 1e9) {
            long ahead = start + next.nanos() - System.nanoTime();
            if (ahead > 0) {
                TimeUnit.NANOSECONDS.sleep(ahead);
            }
            behind = Math.max(behind, -ahead);
            if (next instanceof Schedule.Write write) {
                write(write);
            }
            next = schedule.next();
        }
        return calls(seconds);
    }

    /** By how many seconds the latest message of the last {@link #runUntil} came too late: the machine is too slow then. */
    double behind() {
        return behind / 1e9;
    }

    /** Lets the messages to come be as many seconds later as this is behind, so that they need not catch up. */
    void waitForMachine() {
        start = Math.max(start, System.nanoTime() - next.nanos());
    }

    private void write(Schedule.Write write) throws GeneralSecurityException {
        Member writer = processes.get(write.process());
        writer.cipher.init(Cipher.ENCRYPT_MODE, writer.handle, contexts.get(write.context()));
        byte[] message = writer.cipher.doFinal(plaintext);
        written++;
        for (int each : write.readers()) {
            Member reader = processes.get(each);
            reader.cipher.init(Cipher.DECRYPT_MODE, reader.handle);
            if (!Arrays.equals(reader.cipher.doFinal(message), plaintext)) {
                throw new GeneralSecurityException("a message came out differently than it went in");
            }
            read++;
        }
    }

    private Calls calls(double seconds) {
        long generate = 0;
        long decrypt = 0;
        for (Member process : processes) {
            CallCounts counts = process.service.counts();
            generate += counts.generateDataKey();
            decrypt += counts.decrypt();
        }
        // The library counts waits for writing and reading together.
        long waits = 0;
        for (DataKeyCache cache : DataKeyCache.all()) {
            CacheStatistics statistics = othersCaches.contains(cache) ? null : cache.statistics();
            waits += statistics == null ? 0 : statistics.misses();
        }
        boolean cached = fleet.writing().isCaching() || fleet.reading().isCaching();
        return new Calls(seconds, written, read, generate, decrypt, cached ? waits : generate + decrypt, 0);
    }

    @Override
    public void close() {
        processes.forEach(process -> process.services.close());
    }
}
