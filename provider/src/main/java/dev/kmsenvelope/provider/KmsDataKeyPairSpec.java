package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeySpec;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Map;
import java.util.Objects;

/**
 * What {@code KeyPairGenerator} {@code KmsDataKeyPair} is to generate: under which key of a service, and which kind of pair.
 * Immutable and thread-safe.
 */
public final class KmsDataKeyPairSpec implements AlgorithmParameterSpec {

    private final KmsSecretKey key;
    private final KeySpec spec;
    private final EncryptionContext context;

    private KmsDataKeyPairSpec(KmsSecretKey key, KeySpec spec, EncryptionContext context) {
        this.key = Objects.requireNonNull(key, "key");
        this.spec = spec;
        this.context = context;
    }

    /**
     * A key pair. Which kinds there are depends on the service too.
     *
     * @param key the handle to the key to wrap the private key under
     * @param spec RSA or an elliptic curve
     * @return the parameters, without encryption context
     * @throws IllegalArgumentException if it is another kind
     */
    public static KmsDataKeyPairSpec of(KmsSecretKey key, KeySpec spec) {
        if (!spec.isRsa() && !spec.isEllipticCurve() && spec != KeySpec.ECC_NIST_EDWARDS25519) {
            throw new IllegalArgumentException("a data key pair is RSA or on an elliptic curve, not " + spec);
        }
        return new KmsDataKeyPairSpec(key, spec, EncryptionContext.empty());
    }

    /**
     * The same with an encryption context, in addition to the configured one. It is no secret.
     *
     * @param pairs names and values; the same are needed to unwrap the private key
     * @return the new parameters
     * @throws IllegalArgumentException as {@link EncryptionContext#of}
     */
    public KmsDataKeyPairSpec withContext(Map<String, String> pairs) {
        return new KmsDataKeyPairSpec(key, spec, EncryptionContext.of(pairs));
    }

    KmsSecretKey key() {
        return key;
    }

    KeySpec spec() {
        return spec;
    }

    EncryptionContext context() {
        return context;
    }
}
