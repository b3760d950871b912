package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.contenders.Contender;
import dev.kmsenvelope.benchmarks.contenders.ContenderName;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the engine below the cache costs over the cipher that it calls: both under one key in memory, a new nonce for each
 * message, into an array of the caller's. It stands for a handle to a data key, whose messages are plain AES-GCM.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = Jvm.NATIVE_ACCESS)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class DataKeyHandleBenchmark {

    /** Who does it: a {@link ContenderName#id()}. */
    @Param({"engine", "sunjce"})
    public String contender = "";

    /** Plaintext bytes of a message. */
    @Param({"64", "256", "1024", "4096", "16384"})
    public int size;

    private Contender opened;
    private Contender.Session session;
    private byte[] plaintext;
    private byte[] message;
    private byte[] out;

    /** Sets the contender up, and verifies that it works. */
    @Setup(Level.Trial)
    public void setUp() throws GeneralSecurityException, IOException {
        opened = ContenderName.of(contender).open();
        session = opened.open();
        plaintext = RoundTrips.plaintext(size);
        RoundTrips.verify(opened, session, plaintext);
        message = session.encrypt(plaintext);
        out = new byte[message.length];
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        opened.close();
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
