package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyService;
import java.security.interfaces.EdECKey;
import java.security.interfaces.EdECPublicKey;
import java.security.spec.NamedParameterSpec;

/** A handle to an Ed25519 private key that stays in a key-management service, for {@code Signature}. */
public final class KmsEdPrivateKey extends KmsPrivateKey implements EdECKey {

    private static final long serialVersionUID = 1L;

    private final transient EdECPublicKey publicKey;

    KmsEdPrivateKey(KeyService service, KeyDescription key, byte[] encodedPublicKey, KeyPolicy policy) {
        super(service, key, encodedPublicKey, policy);
        this.publicKey = PublicKeys.parse(key.id(), key.spec(), encodedPublicKey, EdECPublicKey.class);
    }

    @Override
    public EdECPublicKey publicKey() {
        return publicKey;
    }

    /**
     * The algorithm that the key is for, as the JDK calls it for its own Ed25519 keys.
     *
     * @return {@code EdDSA}
     */
    @Override
    public String getAlgorithm() {
        return "EdDSA";
    }

    @Override
    public NamedParameterSpec getParams() {
        return NamedParameterSpec.ED25519;
    }
}
