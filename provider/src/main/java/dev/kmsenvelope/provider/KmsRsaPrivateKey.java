package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyService;
import java.math.BigInteger;
import java.security.interfaces.RSAKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.AlgorithmParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * A handle to an RSA private key that stays in a key-management service: for {@code Signature} or for decrypting with {@code
 * Cipher}, whichever the key was created for. It is an {@link RSAKey}, so that its size is known, but not an
 * RSAPrivateKey, which other providers would take for one with numbers in it.
 */
public final class KmsRsaPrivateKey extends KmsPrivateKey implements RSAKey {

    private static final long serialVersionUID = 1L;

    private final transient RSAPublicKey publicKey;

    KmsRsaPrivateKey(KeyService service, KeyDescription key, byte[] encodedPublicKey, KeyPolicy policy) {
        super(service, key, encodedPublicKey, policy);
        this.publicKey = PublicKeys.parse(key.id(), key.spec(), encodedPublicKey, RSAPublicKey.class);
    }

    @Override
    public RSAPublicKey publicKey() {
        return publicKey;
    }

    /**
     * The algorithm that the key is for.
     *
     * @return {@code RSA}
     */
    @Override
    public String getAlgorithm() {
        return "RSA";
    }

    @Override
    public BigInteger getModulus() {
        return publicKey.getModulus();
    }

    @Override
    public @Nullable AlgorithmParameterSpec getParams() {
        return null;
    }
}
