package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.contenders.BenchmarkKeys;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
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
 * 64 MiB through {@code Envelope} in calls of 1 MiB, into an array that is used again, on one thread and on two; and the same
 * by the JDK's AES-GCM in frames of 64 KiB, which is as fast as one thread can be.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class BulkPathBenchmark {

    private static final int CALL = 1024 * 1024;
    private static final int TOTAL = 64 * CALL;
    private static final int FRAME = 64 * 1024;
    private static final int TAG_BITS = 128;

    /** Threads that work on the message; 0 for the JDK's AES-GCM. */
    @Param({"0", "1", "2"})
    public int threads;

    private BenchmarkKeys keys;
    private KmsSecretKey handle;
    private Cipher cipher;
    private Cipher raw;
    private SecretKey rawKey;
    private long nonce;
    private byte[] plaintext;
    private byte[] message;
    private byte[] out;

    /** Makes a key and a message. */
    @Setup(Level.Trial)
    public void setUp() throws IOException, GeneralSecurityException {
        keys = BenchmarkKeys.local(Map.of("engine", "SunJCE", "parallelism", Integer.toString(Math.max(1, threads))));
        handle = keys.handle();
        cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
        raw = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE");
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        rawKey = new SecretKeySpec(random, "AES");
        plaintext = new byte[TOTAL];
        new SecureRandom().nextBytes(plaintext);
        out = new byte[4 * CALL];
        if (threads == 0) {
            message = new byte[TOTAL / FRAME * (FRAME + TAG_BITS / 8)];
            rawFrames(Cipher.ENCRYPT_MODE, plaintext, FRAME, message, FRAME + TAG_BITS / 8);
        } else {
            initEncrypt();
            message = cipher.doFinal(plaintext);
        }
    }

    /** Removes the key. */
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        keys.close();
    }

    /** Encrypts it all. */
    @Benchmark
    public int encrypt() throws GeneralSecurityException {
        if (threads == 0) {
            return rawFrames(Cipher.ENCRYPT_MODE, plaintext, FRAME, out, 0);
        }
        initEncrypt();
        return stream(plaintext);
    }

    /** Decrypts it all. */
    @Benchmark
    public int decrypt() throws GeneralSecurityException {
        if (threads == 0) {
            nonce = 0;
            return rawFrames(Cipher.DECRYPT_MODE, message, FRAME + TAG_BITS / 8, out, 0);
        }
        cipher.init(Cipher.DECRYPT_MODE, handle);
        return stream(message);
    }

    private void initEncrypt() throws GeneralSecurityException {
        cipher.init(Cipher.ENCRYPT_MODE, handle, EnvelopeParameterSpec.builder().build());
    }

    private int stream(byte[] in) throws GeneralSecurityException {
        int written = 0;
        for (int at = 0; at < in.length; at += CALL) {
            written += cipher.update(in, at, Math.min(CALL, in.length - at), out, 0);
        }
        return written + cipher.doFinal(out, 0);
    }

    private int rawFrames(int mode, byte[] in, int length, byte[] to, int stride) throws GeneralSecurityException {
        int written = 0;
        int toOffset = 0;
        for (int at = 0; at < in.length; at += length) {
            byte[] iv = ByteBuffer.allocate(12).putInt(4).putLong(nonce++).array();
            raw.init(mode, rawKey, new GCMParameterSpec(TAG_BITS, iv));
            written += raw.doFinal(in, at, length, to, toOffset);
            toOffset += stride;
        }
        return written;
    }
}
