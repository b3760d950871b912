package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.contenders.BenchmarkKeys;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
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

/** Streams 64 MiB through {@code Envelope} in calls of 64 KiB: what the default frame length was chosen by. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class FrameLengthBenchmark {

    private static final int TOTAL = 64 * 1024 * 1024;
    private static final int PIECE = 64 * 1024;

    /** Plaintext bytes per frame. */
    @Param({"4096", "16384", "65536", "262144", "1048576"})
    public int frameLength;

    private BenchmarkKeys keys;
    private Cipher cipher;
    private byte[] plaintext;
    private byte[] message;
    private byte[] out;

    /** Makes a key and a message. */
    @Setup(Level.Trial)
    public void setUp() throws IOException, GeneralSecurityException {
        keys = BenchmarkKeys.local(Map.of());
        cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
        plaintext = new byte[TOTAL];
        new SecureRandom().nextBytes(plaintext);
        initEncrypt();
        message = cipher.doFinal(plaintext);
        out = new byte[4 * 1024 * 1024];
    }

    /** Removes the key. */
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        keys.close();
    }

    /** Encrypts it all. */
    @Benchmark
    public int encrypt() throws GeneralSecurityException {
        initEncrypt();
        return stream(plaintext);
    }

    /** Decrypts it all. */
    @Benchmark
    public int decrypt() throws GeneralSecurityException {
        cipher.init(Cipher.DECRYPT_MODE, keys.handle());
        return stream(message);
    }

    private void initEncrypt() throws GeneralSecurityException {
        cipher.init(
                Cipher.ENCRYPT_MODE,
                keys.handle(),
                EnvelopeParameterSpec.builder().frameLength(frameLength).build());
    }

    private int stream(byte[] in) throws GeneralSecurityException {
        int written = 0;
        for (int at = 0; at < in.length; at += PIECE) {
            written += cipher.update(in, at, Math.min(PIECE, in.length - at), out, 0);
        }
        return written + cipher.doFinal(out, 0);
    }
}
