package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.contenders.Contender;
import dev.kmsenvelope.benchmarks.contenders.RoundTrips;
import java.io.IOException;
import java.security.GeneralSecurityException;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Small messages, whole in memory, into new arrays. With {@code -t 2} two threads share the contender's key as its library
 * intends. With {@code -prof gc}, {@code gc.alloc.rate.norm} is the garbage per message, its result included.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = Jvm.NATIVE_ACCESS)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class SmallMessageBenchmark {

    /** Plaintext bytes of a message. */
    @Param({"64", "1024", "16384"})
    public int size;

    private Contender.Session session;
    private byte[] plaintext;
    private byte[] message;

    /** Opens a session for this thread, and verifies that it works. */
    @Setup(Level.Trial)
    public void setUp(SharedContender contender) throws GeneralSecurityException, IOException {
        session = contender.get().open();
        plaintext = RoundTrips.plaintext(size);
        RoundTrips.verify(contender.get(), session, plaintext);
        message = session.encrypt(plaintext);
    }

    /** Encrypts one message. */
    @Benchmark
    public byte[] encrypt() throws GeneralSecurityException {
        return session.encrypt(plaintext);
    }

    /** Decrypts one message. */
    @Benchmark
    public byte[] decrypt() throws GeneralSecurityException {
        return session.decrypt(message);
    }
}
