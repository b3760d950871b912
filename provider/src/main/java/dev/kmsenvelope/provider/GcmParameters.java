package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.GcmProvider;
import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.AlgorithmParametersSpi;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidParameterSpecException;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * {@code AlgorithmParameters.GCM} (RFC 5084), done by another provider: code that names this provider for its cipher looks
 * for the parameters here too.
 */
final class GcmParameters extends AlgorithmParametersSpi {

    private static final String NAME = "GCM";
    private static final int TAG_BITS = 128;

    private final AlgorithmParameters delegate = newDelegate();

    static AlgorithmParameters of(byte[] iv) {
        AlgorithmParameters parameters = newDelegate();
        try {
            parameters.init(new GCMParameterSpec(TAG_BITS, iv));
        } catch (InvalidParameterSpecException e) {
            throw new ProviderException("GCM parameters take an IV of any length", e);
        }
        return parameters;
    }

    private static AlgorithmParameters newDelegate() {
        for (Provider provider : Security.getProviders()) {
            if (!provider.getName().equals(GcmProvider.OWN_NAME)
                    && provider.getService("AlgorithmParameters", NAME) != null) {
                try {
                    return AlgorithmParameters.getInstance(NAME, provider);
                } catch (NoSuchAlgorithmException e) {
                    throw new ProviderException(provider.getName() + " does not offer what it says it offers", e);
                }
            }
        }
        throw new ProviderException("no installed security provider offers GCM parameters");
    }

    @Override
    protected void engineInit(AlgorithmParameterSpec spec) throws InvalidParameterSpecException {
        delegate.init(spec);
    }

    @Override
    protected void engineInit(byte[] encoded) throws IOException {
        delegate.init(encoded);
    }

    @Override
    protected void engineInit(byte[] encoded, @Nullable String format) throws IOException {
        delegate.init(encoded, format);
    }

    @Override
    protected <T extends AlgorithmParameterSpec> T engineGetParameterSpec(Class<T> type)
            throws InvalidParameterSpecException {
        return delegate.getParameterSpec(type);
    }

    @Override
    protected byte[] engineGetEncoded() throws IOException {
        return delegate.getEncoded();
    }

    @Override
    protected byte[] engineGetEncoded(@Nullable String format) throws IOException {
        return delegate.getEncoded(format);
    }

    @Override
    protected String engineToString() {
        return delegate.toString();
    }
}
