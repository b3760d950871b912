package dev.kmsenvelope.provider;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.AlgorithmParametersSpi;
import java.security.Provider;
import java.security.ProviderException;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.InvalidParameterSpecException;
import org.jspecify.annotations.Nullable;

/**
 * {@code AlgorithmParameters.S3EC}: {@link S3EncryptionMetadata}, encoded as a JSON object, the one that an instruction file
 * would be if it had all of it.
 */
final class S3Parameters extends AlgorithmParametersSpi {

    static final String NAME = "S3EC";
    private static final String FORMAT = "JSON";

    private @Nullable S3EncryptionMetadata metadata;

    /** One of ours, so that parameters need not be looked for where the provider is not registered. */
    private static final class Ours extends AlgorithmParameters {

        private static final Provider PROVIDER = new KmsEnvelopeProvider();

        Ours() {
            super(new S3Parameters(), PROVIDER, NAME);
        }
    }

    static AlgorithmParameters of(S3EncryptionMetadata metadata) {
        AlgorithmParameters parameters = new Ours();
        try {
            parameters.init(metadata);
        } catch (InvalidParameterSpecException e) {
            throw new ProviderException("parameters of S3EC take any metadata", e);
        }
        return parameters;
    }

    @Override
    protected void engineInit(AlgorithmParameterSpec spec) throws InvalidParameterSpecException {
        if (!(spec instanceof S3EncryptionMetadata ours)) {
            throw new InvalidParameterSpecException("the parameters of S3EC are S3EncryptionMetadata");
        }
        metadata = ours;
    }

    @Override
    protected void engineInit(byte[] encoded) throws IOException {
        try {
            metadata = S3EncryptionMetadata.of(S3EncryptionMetadata.readJson(encoded));
        } catch (InvalidParameterSpecException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    protected void engineInit(byte[] encoded, @Nullable String format) throws IOException {
        requireFormat(format);
        engineInit(encoded);
    }

    private static void requireFormat(@Nullable String format) throws IOException {
        if (format != null && !format.equalsIgnoreCase(FORMAT)) {
            throw new IOException("parameters of S3EC are encoded as JSON only");
        }
    }

    private S3EncryptionMetadata metadata() {
        if (metadata == null) {
            throw new IllegalStateException("these parameters were not initialized");
        }
        return metadata;
    }

    @Override
    protected <T extends AlgorithmParameterSpec> T engineGetParameterSpec(Class<T> type)
            throws InvalidParameterSpecException {
        if (!type.isAssignableFrom(S3EncryptionMetadata.class)) {
            throw new InvalidParameterSpecException("the parameters of S3EC are S3EncryptionMetadata");
        }
        return type.cast(metadata());
    }

    @Override
    protected byte[] engineGetEncoded() {
        return S3EncryptionMetadata.writeJson(metadata().asMap());
    }

    @Override
    protected byte[] engineGetEncoded(@Nullable String format) throws IOException {
        requireFormat(format);
        return engineGetEncoded();
    }

    @Override
    protected String engineToString() {
        return metadata == null ? NAME : metadata.toString();
    }
}
