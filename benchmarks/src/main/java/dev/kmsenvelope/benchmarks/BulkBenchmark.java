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
 * Messages of 1 MiB in one call, into an array of the caller's where the library can. The warm-up is long on purpose: raw
 * AES-GCM of the JDK runs at a fiftieth of its speed until its callers are compiled, which with calls of 1 MiB takes some ten
 * seconds. So nobody is measured before that; docs/BENCHMARKS.md says what it means for programs.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 9, time = 2)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = Jvm.NATIVE_ACCESS)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class BulkBenchmark {

    private static final int ROOM_FOR_THE_FORMAT = 64 * 1024;

    /** Plaintext bytes of a message. */
    @Param("1048576")
    public int size;

    private Contender.Session session;
    private byte[] plaintext;
    private byte[] message;
    private byte[] out;

    /** Opens a session for this thread, and verifies that it works. */
    @Setup(Level.Trial)
    public void setUp(SharedContender contender) throws GeneralSecurityException, IOException {
        session = contender.get().open();
        plaintext = RoundTrips.plaintext(size);
        RoundTrips.verify(contender.get(), session, plaintext);
        message = session.encrypt(plaintext);
        out = new byte[size + ROOM_FOR_THE_FORMAT];
    }

    /** Encrypts one message. */
    @Benchmark
    public int encrypt() throws GeneralSecurityException {
        return session.encrypt(plaintext, out);
    }

    /** Decrypts one message. */
    @Benchmark
    public int decrypt() throws GeneralSecurityException {
        return session.decrypt(message, out);
    }
}
