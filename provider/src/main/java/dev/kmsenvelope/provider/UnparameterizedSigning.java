package dev.kmsenvelope.provider;

import java.security.AlgorithmParameters;
import java.security.SignatureException;
import org.jspecify.annotations.Nullable;

/** RSASSA-PSS whose parameters were not said yet. As in the JDK, there are no defaults, for those of PKCS #1 mean SHA-1. */
final class UnparameterizedSigning implements SigningOperation {

    @Override
    public boolean begun() {
        return false;
    }

    @Override
    public void update(byte[] in, int offset, int length) throws SignatureException {
        throw missing();
    }

    @Override
    public byte[] sign() throws SignatureException {
        throw missing();
    }

    private static SignatureException missing() {
        return new SignatureException("RSASSA-PSS needs its parameters: call setParameter with a PSSParameterSpec");
    }

    @Override
    public @Nullable AlgorithmParameters parameters() {
        return null;
    }
}
