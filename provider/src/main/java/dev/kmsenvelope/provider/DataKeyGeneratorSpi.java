package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.KeyGeneratorSpi;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/** {@code KmsDataKey}: the service generates a data key, and gives it in the clear and wrapped. */
final class DataKeyGeneratorSpi extends KeyGeneratorSpi {

    private @Nullable KmsDataKeySpec spec;
    private EncryptionContext context = EncryptionContext.empty();

    @Override
    protected void engineInit(@Nullable SecureRandom random) {
        throw needsParameters();
    }

    @Override
    protected void engineInit(int keySize, @Nullable SecureRandom random) {
        throw needsParameters();
    }

    private static InvalidParameterException needsParameters() {
        return new InvalidParameterException(
                "KmsDataKey is initialized with a KmsDataKeySpec, which says under which key");
    }

    @Override
    protected void engineInit(@Nullable AlgorithmParameterSpec parameters, @Nullable SecureRandom random)
            throws InvalidAlgorithmParameterException {
        if (!(parameters instanceof KmsDataKeySpec ours)) {
            throw new InvalidAlgorithmParameterException("the parameters of KmsDataKey are a KmsDataKeySpec");
        }
        context = contextFor(ours.key(), ours.context());
        spec = ours;
    }

    /** What a handle binds to what is wrapped under it, if it may wrap. */
    static EncryptionContext contextFor(KmsSecretKey key, EncryptionContext asked)
            throws InvalidAlgorithmParameterException {
        if (key.policy().usage() == KeyPolicy.Usage.DECRYPT) {
            throw new InvalidAlgorithmParameterException(
                    "the handle to " + key.id() + " may not wrap keys: it is limited by key." + key.id() + ".usage");
        }
        try {
            return key.policy().context().plus(asked);
        } catch (IllegalArgumentException e) {
            throw new InvalidAlgorithmParameterException(
                    "the encryption context contradicts the configured one: " + e.getMessage(), e);
        }
    }

    @Override
    protected SecretKey engineGenerateKey() {
        if (spec == null) {
            throw new IllegalStateException("the generator is not initialized: init takes a KmsDataKeySpec");
        }
        KmsSecretKey key = spec.key();
        KeyService service = key.service();
        try (DataKeyPair pair = service.generateDataKey(key.id(), spec.bytes(), context)) {
            byte[] plaintext = pair.plaintext().copy();
            try {
                return new KmsDataKey(
                        SecretBytes.copyOf(plaintext), spec.algorithm(), service.toBlob(pair.encrypted()));
            } finally {
                Arrays.fill(plaintext, (byte) 0);
            }
        }
    }
}
