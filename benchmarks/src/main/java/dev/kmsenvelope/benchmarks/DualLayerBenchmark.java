package dev.kmsenvelope.benchmarks;

import dev.kmsenvelope.benchmarks.contenders.MemoryKeyService;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
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

    private static final String CORRETTO = "AmazonCorrettoCryptoProvider";

    /** How it is encrypted. */
    public enum Layers {
        /** One layer by Corretto. */
        SINGLE_CORRETTO("Envelope", CORRETTO),
        /** One layer by the JDK. */
        SINGLE_JDK("Envelope", "SunJCE"),
        /** The JDK inside, Corretto outside. */
        DUAL_CORRETTO("Envelope/DUAL/NoPadding", CORRETTO),
        /** The JDK inside, BouncyCastle outside. */
        DUAL_BOUNCY_CASTLE("Envelope/DUAL/NoPadding", "BC");

        private final String transformation;
        private final String engine;

        Layers(String transformation, String engine) {
            this.transformation = transformation;
            this.engine = engine;
        }

        private Map<String, String> settings() {
            return transformation.equals("Envelope") ? Map.of("engine", engine) : Map.of("dual.outer-engine", engine);
        }
    }

    /** How it is encrypted. */
    @Param
    public Layers layers;

    /** Plaintext bytes of a message. */
    @Param({"65536", "16777216"})
    public int size;

    private MemoryKeyService service;
    private KmsSecretKey handle;
    private Cipher cipher;
    private byte[] plaintext;
    private byte[] message;
    private byte[] out;

    /** Makes a handle and a message. */
    @Setup(Level.Trial)
    public void setUp() throws GeneralSecurityException {
        service = new MemoryKeyService();
        KmsSecretKey key = KmsSecretKey.of(
                service, MemoryKeyService.KEY, KeyPolicy.of(Configuration.of(layers.settings()), MemoryKeyService.KEY));
        handle = key.withOuterKey(key);
        cipher = Cipher.getInstance(layers.transformation, new KmsEnvelopeProvider());
        plaintext = new byte[size];
        new SecureRandom().nextBytes(plaintext);
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        message = cipher.doFinal(plaintext);
        out = new byte[message.length + 1024];
    }

    /** Ends it. */
    @TearDown(Level.Trial)
    public void tearDown() {
        service.close();
    }

    /** Encrypts it. */
    @Benchmark
    public int encrypt() throws GeneralSecurityException {
        cipher.init(Cipher.ENCRYPT_MODE, handle);
        return cipher.doFinal(plaintext, 0, plaintext.length, out, 0);
    }

    /** Decrypts it. */
    @Benchmark
    public int decrypt() throws GeneralSecurityException {
        cipher.init(Cipher.DECRYPT_MODE, handle);
        return cipher.doFinal(message, 0, message.length, out, 0);
    }
}
