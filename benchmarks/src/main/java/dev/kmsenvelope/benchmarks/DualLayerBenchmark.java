package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.layers.LayeredMessage;
import dev.kmsenvelope.benchmarks.layers.Layers;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a second layer costs: one message in one call, into an array that is used again, with data keys out of the cache. The
 * single layers by Corretto and by the JDK, beside the JDK's inside Corretto's, and inside BouncyCastle's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = Jvm.NATIVE_ACCESS)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class DualLayerBenchmark {

    /** How it is encrypted. */
    @Param
    public Layers layers;

    /** Plaintext bytes of a message. */
    @Param({"1024", "65536", "1048576", "16777216"})
    public int size;

    private LayeredMessage message;

    /** Makes a handle and a message. */
    @Setup(Level.Trial)
    public void setUp() throws GeneralSecurityException {
        message = new LayeredMessage(layers, size, Map.of());
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void tearDown() {
        message.close();
    }

    /** Encrypts it. */
    @Benchmark
    public int encrypt() throws GeneralSecurityException {
        return message.encrypt();
    }

    /** Decrypts it. */
    @Benchmark
    public int decrypt() throws GeneralSecurityException {
        return message.decrypt();
    }
}
