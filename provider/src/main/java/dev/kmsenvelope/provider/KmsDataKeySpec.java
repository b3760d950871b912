package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.EncryptionContext;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What {@code KeyGenerator} {@code KmsDataKey} is to generate: under which key of a service, for which algorithm, how long.
 * Immutable and thread-safe.
 */
public final class KmsDataKeySpec implements AlgorithmParameterSpec {

    private static final Set<Integer> AES_BITS = Set.of(128, 192, 256);

    private final KmsSecretKey key;
    private final String algorithm;
    private final int bytes;
    private final EncryptionContext context;

    private KmsDataKeySpec(KmsSecretKey key, String algorithm, int bytes, EncryptionContext context) {
        this.key = Objects.requireNonNull(key, "key");
        this.algorithm = algorithm;
        this.bytes = bytes;
        this.context = context;
    }

    /**
     * An AES key.
     *
     * @param key the handle to the key to wrap it under
     * @param bits 128, 192 or 256
     * @return the parameters, without encryption context
     * @throws IllegalArgumentException if an AES key has another length
     */
    public static KmsDataKeySpec aes(KmsSecretKey key, int bits) {
        if (!AES_BITS.contains(bits)) {
            throw new IllegalArgumentException("an AES key has 128, 192 or 256 bits, not " + bits);
        }
        return new KmsDataKeySpec(key, "AES", bits / Byte.SIZE, EncryptionContext.empty());
    }

    /**
     * An HMAC key, as long as the hash.
     *
     * @param key the handle to the key to wrap it under
     * @param algorithm {@code HmacSHA224}, {@code HmacSHA256}, {@code HmacSHA384} or {@code HmacSHA512}
     * @return the parameters, without encryption context
     * @throws IllegalArgumentException if it is another algorithm
     */
    public static KmsDataKeySpec hmac(KmsSecretKey key, String algorithm) {
        for (MacName name : MacName.values()) {
            if (name.algorithm().equalsIgnoreCase(algorithm)) {
                return new KmsDataKeySpec(key, name.algorithm(), name.length(), EncryptionContext.empty());
            }
        }
        throw new IllegalArgumentException("the algorithm is HmacSHA224, HmacSHA256, HmacSHA384 or HmacSHA512");
    }

    /**
     * The same with an encryption context, in addition to the configured one. It is no secret.
     *
     * @param pairs names and values; the same are needed to unwrap the key
     * @return the new parameters
     * @throws IllegalArgumentException as {@link EncryptionContext#of}
     */
    public KmsDataKeySpec withContext(Map<String, String> pairs) {
        return new KmsDataKeySpec(key, algorithm, bytes, EncryptionContext.of(pairs));
    }

    KmsSecretKey key() {
        return key;
    }

    String algorithm() {
        return algorithm;
    }

    int bytes() {
        return bytes;
    }

    EncryptionContext context() {
        return context;
    }
}
