package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyService;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;

/** A handle to an ML-DSA (FIPS 204) private key that stays in a key-management service, for {@code Signature}. */
public final class KmsMlDsaPrivateKey extends KmsPrivateKey {

    private static final long serialVersionUID = 1L;

    private final transient PublicKey publicKey;

    KmsMlDsaPrivateKey(KeyService service, KeyDescription key, byte[] encodedPublicKey, KeyPolicy policy) {
        super(service, key, encodedPublicKey, policy);
        this.publicKey = PublicKeys.parse(key.id(), key.spec(), encodedPublicKey, PublicKey.class);
    }

    @Override
    public PublicKey publicKey() {
        return publicKey;
    }

    /**
     * The algorithm that the key is for, as the public key calls it: a KeyStore insists that both are the same.
     *
     * @return {@code ML-DSA} where the JDK knows it (24 and later); elsewhere {@code ML-DSA-44}, {@code ML-DSA-65} or {@code
     *     ML-DSA-87}, which is what BouncyCastle calls it
     */
    @Override
    public String getAlgorithm() {
        return publicKey.getAlgorithm();
    }

    @Override
    public NamedParameterSpec getParams() {
        return new NamedParameterSpec(spec().name().replace('_', '-'));
    }
}
