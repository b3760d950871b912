package dev.kmsenvelope.provider;

import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.spec.AlgorithmParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * A transformation that stored data keys do and keys of a service do not: those are for envelope encryption, and wrap in a
 * format of the service's own, which must not stand under the name of an RFC (RULES 11).
 *
 * @param transformation its name
 */
record StoredOnlyKind(String transformation) implements KmsCipherSpi.Kind<KmsSecretKey> {

    @Override
    public Class<KmsSecretKey> keyType() {
        return KmsSecretKey.class;
    }

    @Override
    public CipherOperation start(int mode, KmsSecretKey key, @Nullable AlgorithmParameterSpec parameters)
            throws InvalidKeyException {
        throw new InvalidKeyException(refusal());
    }

    @Override
    public AlgorithmParameterSpec specOf(AlgorithmParameters parameters) throws InvalidAlgorithmParameterException {
        throw new InvalidAlgorithmParameterException(refusal());
    }

    private String refusal() {
        return "a key of a key service does AES/GCM/NoPadding and AESWrap; " + transformation
                + " is for a data key of a keystore file that has this usage";
    }
}
