package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyService;
import java.security.interfaces.ECKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECParameterSpec;

/**
 * A handle to an elliptic curve private key that stays in a key-management service: for {@code Signature} or for {@code
 * KeyAgreement}, whichever the key was created for. It is an {@link ECKey}, so that its curve is known, but not an
 * ECPrivateKey, which other providers would take for one with a number in it.
 */
public final class KmsEcPrivateKey extends KmsPrivateKey implements ECKey {

    private static final long serialVersionUID = 1L;

    private final transient ECPublicKey publicKey;

    KmsEcPrivateKey(KeyService service, KeyDescription key, byte[] encodedPublicKey, KeyPolicy policy) {
        super(service, key, encodedPublicKey, policy);
        this.publicKey = PublicKeys.parse(key.id(), key.spec(), encodedPublicKey, ECPublicKey.class);
    }

    @Override
    public ECPublicKey publicKey() {
        return publicKey;
    }

    /**
     * The algorithm that the key is for.
     *
     * @return {@code EC}
     */
    @Override
    public String getAlgorithm() {
        return "EC";
    }

    @Override
    public ECParameterSpec getParams() {
        return publicKey.getParams();
    }
}
