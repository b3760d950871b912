package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import javax.crypto.Cipher;
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
 * Encrypts a message and decrypts it again, with the Cipher reused: under a key of the embedded key service, which gives a
 * fresh data key to each message, beside the JDK's AES-GCM under a raw key, which has nothing to fetch, derive or commit to.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@SuppressWarnings("NullAway.Init") // JMH calls setUp first
public class RoundTripBenchmark {

    private static final int IV_LENGTH = 12;

    /** Who does it. */
    @Param({"KmsEnvelope", "SunJCE"})
    public String contender = "";

    /** Plaintext bytes of a message. */
    @Param({"64", "1024", "16384", "1048576"})
    public int size;

    private BenchmarkKeys keys;
    private Key key;
    private Cipher encryptor;
    private Cipher decryptor;
    private byte[] plaintext;
    private byte[] iv;
    private long messages;

    /** Makes keys, ciphers and data. */
    @Setup(Level.Trial)
    public void setUp() throws IOException, GeneralSecurityException {
        SecureRandom random = new SecureRandom();
        keys = new BenchmarkKeys();
        if (contender.equals("SunJCE")) {
            byte[] raw = new byte[32];
            random.nextBytes(raw);
            key = new SecretKeySpec(raw, "AES");
            encryptor = Cipher.getInstance("AES/GCM/NoPadding", contender);
            decryptor = Cipher.getInstance("AES/GCM/NoPadding", contender);
        } else {
            key = keys.handle();
            encryptor = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
            decryptor = Cipher.getInstance("AES/GCM/NoPadding", new KmsEnvelopeProvider());
        }
        plaintext = new byte[size];
        random.nextBytes(plaintext);
        iv = new byte[IV_LENGTH];
    }

    /** Removes the keys. */
    @TearDown(Level.Trial)
    public void tearDown() throws IOException {
        keys.close();
    }

    /** One message there and back. */
    @Benchmark
    public byte[] roundTrip() throws GeneralSecurityException {
        messages++;
        for (int i = 0; i < Long.BYTES; i++) {
            iv[i] = (byte) (messages >>> (8 * i));
        }
        GCMParameterSpec parameters = new GCMParameterSpec(128, iv);
        encryptor.init(Cipher.ENCRYPT_MODE, key, parameters);
        byte[] message = encryptor.doFinal(plaintext);
        decryptor.init(Cipher.DECRYPT_MODE, key, parameters);
        return decryptor.doFinal(message);
    }
}
