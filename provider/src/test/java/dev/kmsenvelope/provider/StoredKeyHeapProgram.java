package dev.kmsenvelope.provider;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Handles;
import dev.kmsenvelope.testing.MaskedKeyService;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * A process that uses stored data keys that it is told, dumps its heap, has them flushed or closed, and dumps its heap again,
 * with all its Cipher and Mac objects still there.
 */
public final class StoredKeyHeapProgram {

    static final String BEFORE = "before.hprof";
    static final String AFTER = "after.hprof";
    static final List<String> WAYS = List.of("FLUSHED", "CLOSED");

    private final KeyServices services;
    private final List<Object> used = new ArrayList<>();
    private Cipher inWork;
    private Mac macInWork;

    private StoredKeyHeapProgram(byte[] masked) {
        services = KeyServices.of(new MaskedKeyService("key", masked), Map.of());
    }

    /**
     * Runs it.
     *
     * @param arguments a directory for the dumps, and for each way a key, masked and in hexadecimal
     */
    public static void main(String... arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        List<StoredKeyHeapProgram> programs = new ArrayList<>();
        for (int i = 1; i < arguments.length; i++) {
            programs.add(new StoredKeyHeapProgram(HexFormat.of().parseHex(arguments[i])));
        }
        for (StoredKeyHeapProgram program : programs) {
            program.use();
        }
        dump(directory.resolve(BEFORE));
        for (StoredKeyHeapProgram program : programs) {
            program.inWork.doFinal();
            program.macInWork.doFinal();
        }
        programs.get(1).services.close();
        KmsEnvelope.flushDataKeys();
        dump(directory.resolve(AFTER));
        for (StoredKeyHeapProgram program : programs) {
            check(new byte[program.used.isEmpty() ? 0 : 500]); // they are reachable up to here
        }
    }

    private KmsStoredKey handle(DataKeyUsage usage) {
        StoredDataKey stored = new StoredDataKey(
                usage.name(), 1, usage, 32, KeyId.of("key"), new byte[] {1}, EncryptionContext.empty(), 1000, true);
        return KmsStoredKey.of(services, stored, KeyPolicy.ofNoKey(Configuration.of(Map.of("cache.max-age", "1h"))));
    }

    private Cipher cipher(DataKeyUsage usage) throws Exception {
        Cipher cipher = Ciphers.ours(usage.transformation());
        used.add(cipher);
        return cipher;
    }

    private void use() throws Exception {
        for (DataKeyUsage usage : List.of(DataKeyUsage.AES_GCM, DataKeyUsage.AES_CBC, DataKeyUsage.AES_CTR)) {
            KmsStoredKey handle = handle(usage);
            Cipher encrypting = cipher(usage);
            encrypting.init(Cipher.ENCRYPT_MODE, handle);
            byte[] sealed = encrypting.doFinal(new byte[500]);
            Cipher decrypting = cipher(usage);
            decrypting.init(Cipher.DECRYPT_MODE, handle, encrypting.getParameters());
            check(decrypting.doFinal(sealed));
            decrypting.update(sealed, 0, 100);
            decrypting.doFinal(sealed, 100, sealed.length - 100);
            if (usage == DataKeyUsage.AES_GCM) {
                sealed[0] ^= 1;
                try {
                    decrypting.doFinal(sealed);
                    throw new IllegalStateException("a changed message was opened");
                } catch (javax.crypto.AEADBadTagException e) {
                    check(new byte[500]);
                }
            }
        }
        for (DataKeyUsage usage : List.of(DataKeyUsage.AES_KW, DataKeyUsage.AES_KWP)) {
            Cipher cipher = cipher(usage);
            cipher.init(Cipher.WRAP_MODE, handle(usage));
            cipher.wrap(new SecretKeySpec(new byte[16], "AES"));
        }
        for (int i = 0; i < 3; i++) {
            Mac mac = Mac.getInstance("HmacSHA256", Handles.PROVIDER);
            used.add(mac);
            mac.init(handle(DataKeyUsage.HMAC_SHA256));
            mac.doFinal(new byte[100]);
        }
        inWork = cipher(DataKeyUsage.AES_GCM);
        inWork.init(Cipher.ENCRYPT_MODE, handle(DataKeyUsage.AES_GCM));
        inWork.update(new byte[100]);
        macInWork = Mac.getInstance("HmacSHA256", Handles.PROVIDER);
        macInWork.init(handle(DataKeyUsage.HMAC_SHA256));
        macInWork.update(new byte[100]);
        handle(DataKeyUsage.AES_GCM).extract().destroy();
    }

    private static void check(byte[] plaintext) {
        if (!Arrays.equals(plaintext, new byte[500])) {
            throw new IllegalStateException("not the plaintext");
        }
    }

    private static void dump(Path file) throws Exception {
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpHeap(file.toString(), true);
    }
}
