package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.contenders.RoundTrips;
import dev.kmsenvelope.benchmarks.contenders.StreamContender;
import dev.kmsenvelope.benchmarks.contenders.StreamContenderName;
import java.io.IOException;
import java.io.OutputStream;
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

/** A stream of 64 MiB in calls of 1 MiB, whose output is counted and dropped. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = Jvm.NATIVE_ACCESS)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class StreamBenchmark {

    /** Who does it: a {@link StreamContenderName#id()}. */
    @Param({"envelope", "envelope-2", "envelope-accp", "sunjce-frames", "accp-frames", "tink-streaming", "esdk"})
    public String contender = "";

    /** Plaintext bytes of the message. */
    @Param("67108864")
    public int size;

    private StreamContender opened;
    private byte[] plaintext;
    private byte[] message;

    /** Sets the contender up, and verifies that it works. */
    @Setup(Level.Trial)
    public void setUp() throws GeneralSecurityException, IOException {
        opened = StreamContenderName.of(contender).open();
        plaintext = RoundTrips.plaintext(size);
        message = RoundTrips.verify(opened, plaintext);
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        opened.close();
    }

    /** Encrypts it all. */
    @Benchmark
    public long encrypt() throws GeneralSecurityException, IOException {
        CountingSink sink = new CountingSink();
        opened.encrypt(plaintext, sink);
        return sink.count;
    }

    /** Decrypts it all. */
    @Benchmark
    public long decrypt() throws GeneralSecurityException, IOException {
        CountingSink sink = new CountingSink();
        opened.decrypt(message, sink);
        return sink.count;
    }

    private static final class CountingSink extends OutputStream {

        private long count;

        @Override
        public void write(int b) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            count += length;
        }
    }
}
