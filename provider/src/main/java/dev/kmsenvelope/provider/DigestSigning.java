package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import java.security.AlgorithmParameters;
import java.security.MessageDigest;
import java.security.ProviderException;
import java.security.spec.InvalidParameterSpecException;
import java.security.spec.PSSParameterSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hashes the message here and has the service sign the hash: a message of any length takes one short request. */
final class DigestSigning implements SigningOperation {

    private final KmsPrivateKey key;
    private final SigningService service;
    private final SigningAlgorithm algorithm;
    private final MessageDigest digest;
    private final @Nullable PSSParameterSpec pss;
    private boolean begun;

    DigestSigning(
            KmsPrivateKey key,
            SigningService service,
            SigningAlgorithm algorithm,
            Hash hash,
            @Nullable PSSParameterSpec pss) {
        this.key = key;
        this.service = service;
        this.algorithm = algorithm;
        this.digest = OtherProviders.digest(hash.algorithm());
        this.pss = pss;
    }

    @Override
    public boolean begun() {
        return begun;
    }

    @Override
    public void update(byte[] in, int offset, int length) {
        begun = true;
        digest.update(in, offset, length);
    }

    @Override
    public byte[] sign() {
        begun = false;
        return service.sign(key.id(), algorithm, SigningService.MessageType.DIGEST, digest.digest());
    }

    @Override
    public @Nullable AlgorithmParameters parameters() {
        return pss == null ? null : encodable(pss);
    }

    static AlgorithmParameters encodable(PSSParameterSpec pss) {
        AlgorithmParameters parameters = OtherProviders.preferred(
                "AlgorithmParameters",
                "RSASSA-PSS",
                List.of("SunRsaSign"),
                provider -> AlgorithmParameters.getInstance("RSASSA-PSS", provider));
        try {
            parameters.init(pss);
        } catch (InvalidParameterSpecException e) {
            throw new ProviderException("the parameters of RSASSA-PSS cannot be encoded", e);
        }
        return parameters;
    }
}
