package dev.kmsenvelope.provider;

import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import org.jspecify.annotations.Nullable;

/** {@code AESWrap} under a handle. */
final class WrapKind implements KmsCipherSpi.Kind<KmsSecretKey> {

    @Override
    public Class<KmsSecretKey> keyType() {
        return KmsSecretKey.class;
    }

    @Override
    public CipherOperation start(int mode, KmsSecretKey key, @Nullable AlgorithmParameterSpec parameters)
            throws InvalidAlgorithmParameterException {
        if (mode != Cipher.WRAP_MODE && mode != Cipher.UNWRAP_MODE) {
            throw new UnsupportedOperationException("AESWrap wraps and unwraps keys only");
        }
        EnvelopeParameterSpec spec;
        if (parameters == null) {
            spec = EnvelopeParameterSpec.builder().build();
        } else if (parameters instanceof EnvelopeParameterSpec envelope
                && envelope.iv().isEmpty()
                && envelope.frameLength().isEmpty()) {
            spec = envelope;
        } else {
            throw new InvalidAlgorithmParameterException(
                    "AESWrap takes no parameters but an EnvelopeParameterSpec with an encryption context");
        }
        return new WrapOperation(key, EnvelopeKind.contextFor(key, spec));
    }

    @Override
    public AlgorithmParameterSpec specOf(AlgorithmParameters parameters) throws InvalidAlgorithmParameterException {
        throw new InvalidAlgorithmParameterException("AESWrap takes no encoded parameters");
    }
}
