package dev.kmsenvelope.benchmarks.process;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Security;
import java.util.Locale;
import java.util.Objects;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * What a child process does: one thing, once. It prints how many seconds the work took, from before the first class of the
 * library was loaded, and how many bytes came out.
 */
final class Task {

    /** Who does the work. */
    enum Contender {
        /** Ours. */
        ENVELOPE,
        /** The JDK's AES-GCM under a raw key. */
        SUNJCE,
        /** That of the Amazon Corretto Crypto Provider. */
        ACCP,
        /** Tink's streaming. */
        TINK,
        /** The AWS Encryption SDK's streams. */
        ESDK;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What is done. */
    enum Operation {
        /** Makes the file that the others read. */
        PREPARE,
        /** Encrypts and forgets. */
        ENCRYPT,
        /** Decrypts the file and forgets. */
        DECRYPT,
        /** Decrypts the file through a {@code CipherInputStream}. */
        CIPHER_INPUT_STREAM
    }

    private static final String KEY = "key";

    private Task() {}

    /** Makes the keys that the tasks in a directory use. */
    static void makeKeys(Path directory) throws IOException {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Files.write(directory.resolve(KEY), key);
        EnvelopeWork.prepare(directory);
    }

    /**
     * Does it.
     *
     * @param args contender, operation, directory and length of the text
     */
    public static void main(String[] args) throws IOException, GeneralSecurityException {
        long start = System.nanoTime();
        Contender contender = Contender.valueOf(args[0]);
        Operation operation = Operation.valueOf(args[1]);
        Path directory = Path.of(args[2]);
        long length = Long.parseLong(args[3]);
        Path file = directory.resolve(contender.label() + "-" + length);
        Streams.Sink sink = new Streams.Sink();
        try (Work work = work(contender, directory)) {
            switch (operation) {
                case PREPARE -> {
                    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
                        work.encrypt(Streams.text(length), out);
                    }
                }
                case ENCRYPT -> work.encrypt(Streams.text(length), sink);
                case DECRYPT -> {
                    try (InputStream in = Files.newInputStream(file)) {
                        work.decrypt(in, sink);
                    }
                }
                case CIPHER_INPUT_STREAM -> {
                    try (InputStream in = Files.newInputStream(file)) {
                        ((EnvelopeWork) work).readThroughCipherInputStream(in, sink);
                    }
                }
            }
        }
        System.out.println((System.nanoTime() - start) / 1e9 + " " + sink.length());
    }

    private static Work work(Contender contender, Path directory) throws IOException, GeneralSecurityException {
        byte[] key = Files.readAllBytes(directory.resolve(KEY));
        SecretKey secret = new SecretKeySpec(key, "AES");
        return switch (contender) {
            case ENVELOPE -> new EnvelopeWork(directory);
            case SUNJCE -> new GcmWork(provider("SunJCE"), secret);
            case ACCP -> new GcmWork(AmazonCorrettoCryptoProvider.INSTANCE, secret);
            case TINK -> new TinkWork(key);
            case ESDK -> new EncryptionSdkWork(secret);
        };
    }

    private static Provider provider(String name) {
        return Objects.requireNonNull(Security.getProvider(name), name);
    }
}
