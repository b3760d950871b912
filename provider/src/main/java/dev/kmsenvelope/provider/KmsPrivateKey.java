package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.PublicKeyService;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.AlgorithmParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * A handle to the private half of a key pair that stays in a key-management service. It is opaque: {@link #getFormat()} and
 * {@link #getEncoded()} are null, which is how JCA finds the provider that can use it. It stays with the key that an alias
 * pointed to when the handle was made, because its public key and certificates go with that one. Immutable, thread-safe, not
 * serializable.
 */
public abstract sealed class KmsPrivateKey implements PrivateKey
        permits KmsEcPrivateKey, KmsEdPrivateKey, KmsMlDsaPrivateKey, KmsRsaPrivateKey {

    private static final long serialVersionUID = 1L;

    private final transient KeyService service;
    private final transient KeyId id;
    private final transient KeySpec spec;
    private final transient KeyUsage keyUsage;
    private final transient KeyPolicy policy;
    private final transient byte[] encodedPublicKey;

    KmsPrivateKey(KeyService service, KeyDescription key, byte[] encodedPublicKey, KeyPolicy policy) {
        KeyPolicies.requireNoContext(key.id(), policy);
        this.service = service;
        this.id = key.id();
        this.spec = key.spec();
        this.keyUsage = key.usage();
        this.policy = policy;
        this.encodedPublicKey = encodedPublicKey.clone();
    }

    /**
     * Makes a handle, for which the service is asked what the key is and for its public half.
     *
     * @param service where the key is; must stay open as long as the handle is used
     * @param key an alias, key id or ARN
     * @param policy what the handle may do
     * @return the handle
     * @throws InvalidKeyUsageException if the key is no key pair, or the service tells no public keys
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if the policy has an encryption context or further keys to
     *     decrypt with, which go with symmetric keys only
     */
    public static KmsPrivateKey of(KeyService service, KeyId key, KeyPolicy policy) {
        PublicKeyService publicKeys = service.capability(PublicKeyService.class)
                .orElseThrow(() -> new InvalidKeyUsageException(
                        "the service " + service.name() + " does not tell the public key of " + key));
        KeyDescription description = service.describe(key);
        if (!description.spec().isAsymmetric()) {
            throw new InvalidKeyUsageException("the key " + key + " is " + description.spec() + ", not a key pair");
        }
        return of(service, description, publicKeys.publicKey(description.id()), policy);
    }

    /**
     * Makes a handle out of what is known of a key. The service is not asked.
     *
     * @param service where the key is; must stay open as long as the handle is used
     * @param key the service's description of the key
     * @param publicKey the service's answer to {@link PublicKeyService#publicKey}; copied
     * @param policy what the handle may do
     * @return the handle
     * @throws InvalidKeyUsageException if the key is no key pair
     * @throws dev.kmsenvelope.kms.KmsUnavailableException if {@code publicKey} is not a public key of that kind
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if the policy has an encryption context or further keys to
     *     decrypt with, which go with symmetric keys only
     */
    public static KmsPrivateKey of(KeyService service, KeyDescription key, byte[] publicKey, KeyPolicy policy) {
        return switch (key.spec()) {
            case RSA_2048, RSA_3072, RSA_4096 -> new KmsRsaPrivateKey(service, key, publicKey, policy);
            case ECC_NIST_P256, ECC_NIST_P384, ECC_NIST_P521, ECC_SECG_P256K1 ->
                new KmsEcPrivateKey(service, key, publicKey, policy);
            case ECC_NIST_EDWARDS25519 -> new KmsEdPrivateKey(service, key, publicKey, policy);
            case ML_DSA_44, ML_DSA_65, ML_DSA_87 -> new KmsMlDsaPrivateKey(service, key, publicKey, policy);
            default ->
                throw new InvalidKeyUsageException("the key " + key.id() + " is " + key.spec() + ", not a key pair");
        };
    }

    /**
     * Which key this is a handle to.
     *
     * @return a key id or ARN, never an alias
     */
    public final KeyId id() {
        return id;
    }

    /**
     * The kind of the key.
     *
     * @return the kind
     */
    public final KeySpec spec() {
        return spec;
    }

    /**
     * What the key is for.
     *
     * @return the usage
     */
    public final KeyUsage usage() {
        return keyUsage;
    }

    /**
     * The public half.
     *
     * @return a key that needs neither this provider nor the service
     */
    public abstract PublicKey publicKey();

    /**
     * The parameters of the key: its curve or parameter set. From JDK 22 on every private key is asked for them, so this must
     * be here, in the form that its interface has there.
     *
     * @return the parameters, or null for an RSA key
     */
    public abstract @Nullable AlgorithmParameterSpec getParams();

    final KeyService service() {
        return service;
    }

    final KeyPolicy policy() {
        return policy;
    }

    final byte[] encodedPublicKey() {
        return encodedPublicKey.clone();
    }

    /** The service in the role that an operation needs. */
    final <T> T capability(Class<T> type, KeyUsage needed) throws InvalidKeyException {
        if (keyUsage != needed) {
            throw new InvalidKeyException("the key " + id + " is for " + keyUsage + ", not for " + needed);
        }
        return service.capability(type)
                .orElseThrow(() -> new InvalidKeyException(
                        "the service " + service.name() + " does not offer " + needed + " with the key " + id));
    }

    /**
     * There is no encoded form.
     *
     * @return null
     */
    @Override
    public final @Nullable String getFormat() {
        return null;
    }

    /**
     * There is no encoded form.
     *
     * @return null
     */
    @Override
    public final byte @Nullable [] getEncoded() {
        return null;
    }

    /** Two handles are equal when they are for the same key in the same service with the same policy. */
    @Override
    public final boolean equals(Object other) {
        return other instanceof KmsPrivateKey that
                && service.equals(that.service)
                && id.equals(that.id)
                && policy.equals(that.policy);
    }

    @Override
    public final int hashCode() {
        return id.hashCode();
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + id + " in " + service.name() + "]";
    }

    /**
     * A handle is not serializable.
     *
     * @param out not written to
     * @throws NotSerializableException always
     */
    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException(getClass().getName());
    }

    /**
     * A handle is not serializable.
     *
     * @param in not read from
     * @throws NotSerializableException always
     */
    private void readObject(ObjectInputStream in) throws NotSerializableException {
        throw new NotSerializableException(getClass().getName());
    }

    /**
     * Called in place of the above when somebody made a stream that does not mention this class.
     *
     * @throws NotSerializableException always
     */
    private void readObjectNoData() throws NotSerializableException {
        throw new NotSerializableException(getClass().getName());
    }
}
