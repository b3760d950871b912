package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyPairService;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidParameterException;
import java.security.KeyPair;
import java.security.KeyPairGeneratorSpi;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** {@code KmsDataKeyPair}: the service generates a key pair, and gives the private key in the clear and wrapped. */
final class DataKeyPairGeneratorSpi extends KeyPairGeneratorSpi {

    private @Nullable KmsDataKeyPairSpec spec;
    private @Nullable KeyPairService pairs;
    private EncryptionContext context = EncryptionContext.empty();

    @Override
    public void initialize(int keySize, @Nullable SecureRandom random) {
        throw new InvalidParameterException(
                "KmsDataKeyPair is initialized with a KmsDataKeyPairSpec, which says under which key");
    }

    @Override
    public void initialize(@Nullable AlgorithmParameterSpec parameters, @Nullable SecureRandom random)
            throws InvalidAlgorithmParameterException {
        if (!(parameters instanceof KmsDataKeyPairSpec ours)) {
            throw new InvalidAlgorithmParameterException("the parameters of KmsDataKeyPair are a KmsDataKeyPairSpec");
        }
        EncryptionContext bound = DataKeyGeneratorSpi.contextFor(ours.key(), ours.context());
        KeyService service = ours.key().service();
        pairs = service.capability(KeyPairService.class)
                .orElseThrow(() -> new InvalidAlgorithmParameterException(
                        "the service " + service.name() + " does not generate key pairs"));
        context = bound;
        spec = ours;
    }

    @Override
    public KeyPair generateKeyPair() {
        if (spec == null || pairs == null) {
            throw new IllegalStateException("the generator is not initialized: initialize takes a KmsDataKeyPairSpec");
        }
        KmsSecretKey key = spec.key();
        try (KeyPairService.WrappedKeyPair pair = pairs.generateDataKeyPair(key.id(), spec.spec(), context)) {
            PublicKey publicKey = PublicKeys.parse(key.id(), spec.spec(), pair.publicKey(), PublicKey.class);
            byte[] wrapped = key.service().toBlob(pair.encryptedPrivateKey());
            byte[] encoded = pair.privateKey().copy();
            try {
                return new KeyPair(
                        publicKey,
                        new KmsDataPrivateKey(SecretBytes.copyOf(encoded), publicKey.getAlgorithm(), wrapped));
            } finally {
                Arrays.fill(encoded, (byte) 0);
            }
        }
    }
}
