package dev.kmsenvelope.provider;

import com.github.benmanes.caffeine.cache.Cache;
import com.sun.management.HotSpotDiagnosticMXBean;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.MaskedKeyService;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;

/**
 * A process that encrypts and decrypts with data keys that it is told, dumps its heap, lets them be evicted in different
 * ways, and dumps its heap again, with all its ciphers still there.
 */
public final class HeapDumpProgram {

    static final String BEFORE = "before.hprof";
    static final String AFTER = "after.hprof";
    static final int MESSAGES = 6;

    private static final byte[] TEXT = new byte[1500];
    private static final int FRAME = 400;
    private static final long PATIENCE_MILLIS = 60_000;

    /** How a data key is evicted. */
    enum Way {
        /** Somebody asks for it. */
        FLUSHED,
        /** The services are closed. */
        CLOSED,
        /** It becomes too old, and nobody uses the cache any more. */
        EXPIRED
    }

    private final Way way;
    private final Path directory;
    private final KeyServices services;
    private final KmsSecretKey handle;
    private final List<Cipher> ciphers = new ArrayList<>();
    private final ByteArrayOutputStream unfinished = new ByteArrayOutputStream();
    private Cipher encrypting;

    private HeapDumpProgram(Way way, Path directory, byte[] masked) {
        this.way = way;
        this.directory = directory;
        services = KeyServices.of(new MaskedKeyService("key", masked), Map.of());
        Map<String, String> settings =
                Map.of("frame-length", Integer.toString(FRAME), "cache.max-age", way == Way.EXPIRED ? "2s" : "1h");
        KeyId key = KeyId.of("key");
        handle = KmsSecretKey.of(services, KeyReference.ofMain(key), KeyPolicy.of(Configuration.of(settings), key));
    }

    /**
     * Runs it.
     *
     * @param arguments a directory for the messages and dumps, and for each way a data key, masked and in hexadecimal
     */
    public static void main(String... arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        List<HeapDumpProgram> programs = new ArrayList<>();
        int argument = 1;
        for (Way way : Way.values()) {
            byte[] masked = HexFormat.of().parseHex(arguments[argument++]);
            programs.add(new HeapDumpProgram(way, directory, masked));
        }
        for (HeapDumpProgram program : programs) {
            program.use();
        }
        dump(directory.resolve(BEFORE));
        for (HeapDumpProgram program : programs) {
            program.finish();
            program.evict();
        }
        dump(directory.resolve(AFTER));
        for (HeapDumpProgram program : programs) {
            program.ciphers.forEach(Cipher::getAlgorithm); // they are reachable up to here
        }
    }

    private void use() throws Exception {
        for (int i = 1; i < MESSAGES; i++) {
            Cipher cipher = cipher(Cipher.ENCRYPT_MODE);
            byte[] message = cipher.doFinal(TEXT);
            Files.write(file(directory, way, i), message);
            Cipher decrypting = cipher(Cipher.DECRYPT_MODE);
            check(decrypting.doFinal(message));
            decrypting.update(message, 0, message.length / 2);
            decrypting.doFinal(message, message.length / 2, message.length - message.length / 2);
            message[message.length - 1] ^= 1;
            try {
                decrypting.doFinal(message);
                throw new IllegalStateException("a changed message was opened");
            } catch (javax.crypto.AEADBadTagException e) {
                cipher.init(Cipher.ENCRYPT_MODE, handle); // has a key again, and is never finished nor used
            }
            cipher.init(Cipher.DECRYPT_MODE, handle);
        }
        encrypting = cipher(Cipher.ENCRYPT_MODE);
        unfinished.writeBytes(encrypting.update(TEXT));
    }

    private void finish() throws Exception {
        unfinished.writeBytes(encrypting.doFinal());
        byte[] message = unfinished.toByteArray();
        Files.write(file(directory, way, 0), message);
        check(cipher(Cipher.DECRYPT_MODE).doFinal(message));
    }

    private Cipher cipher(int mode) throws Exception {
        Cipher cipher = Ciphers.ours(Ciphers.GCM, mode, handle);
        ciphers.add(cipher);
        return cipher;
    }

    private static void check(byte[] plaintext) {
        if (!Arrays.equals(plaintext, TEXT)) {
            throw new IllegalStateException("not the plaintext");
        }
    }

    private void evict() throws Exception {
        DataKeyCache cache = services.companion(handle.policy().cache(), () -> {
            throw new IllegalStateException("there is no cache");
        });
        switch (way) {
            case FLUSHED -> cache.flush();
            case CLOSED -> services.close();
            case EXPIRED -> awaitEmpty(cache);
        }
    }

    /** Looks without a method of the cache, which might clean up. */
    private static void awaitEmpty(DataKeyCache cache) throws Exception {
        Cache<?, ?> entries = (Cache<?, ?>) field(field(cache, "shelf"), "entries");
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
        while (entries.estimatedSize() > 0) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("what is too old is still there");
            }
            Thread.sleep(20);
        }
    }

    private static Object field(Object object, String name) throws ReflectiveOperationException {
        Field field = object.getClass().getDeclaredField(name);
        field.setAccessible(true);
        return field.get(object);
    }

    private static void dump(Path file) throws Exception {
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(file.toString(), true);
    }

    static Path file(Path directory, Way way, int number) {
        return directory.resolve(way + "-" + number);
    }
}
