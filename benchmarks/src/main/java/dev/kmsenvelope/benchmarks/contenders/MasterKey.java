package dev.kmsenvelope.benchmarks.contenders;

import java.security.SecureRandom;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key that data keys are encrypted under, a new one in each JVM. Those contenders that write AWS Encryption SDK messages
 * share it, so that each can open what another wrote.
 */
public final class MasterKey {

    /** Its namespace: the provider id of encrypted data keys. */
    public static final String NAMESPACE = "benchmarks";

    /** Its name in the namespace. */
    public static final String NAME = "master";

    /** The encryption context of every envelope. */
    public static final Map<String, String> CONTEXT = Map.of("purpose", "benchmark", "tenant", "acme");

    private static final byte[] BYTES = random(32);

    private MasterKey() {}

    static byte[] bytes() {
        return BYTES.clone();
    }

    static SecretKey key() {
        return new SecretKeySpec(BYTES, "AES");
    }

    static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }
}
