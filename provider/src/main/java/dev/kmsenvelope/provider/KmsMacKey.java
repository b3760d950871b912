package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;

/**
 * A handle to an HMAC key that stays in a key-management service, for {@code Mac}. It is opaque: {@link #getFormat()} and
 * {@link #getEncoded()} are null, which is how JCA finds the provider that can use it. Immutable, thread-safe, not
 * serializable.
 */
public final class KmsMacKey extends OpaqueSecretKey {

    private static final long serialVersionUID = 1L;

    private final transient KeyService service;
    private final transient KeyId id;
    private final transient MacName mac;
    private final transient KeyPolicy policy;

    private KmsMacKey(KeyService service, KeyId id, MacName mac, KeyPolicy policy) {
        KeyPolicies.requireNoContext(id, policy);
        this.service = service;
        this.id = id;
        this.mac = mac;
        this.policy = policy;
    }

    /**
     * Makes a handle. The service is not asked whether the key exists.
     *
     * @param service where the key is; must stay open as long as the handle is used
     * @param id an alias, key id or ARN
     * @param spec the kind of the key: one of {@code HMAC_*}
     * @param policy the settings of the handle; those for encrypting and decrypting mean nothing here
     * @return the handle
     * @throws InvalidKeyUsageException if that is no kind of HMAC key
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if the policy has an encryption context or further keys to
     *     decrypt with, which go with symmetric keys only
     */
    public static KmsMacKey of(KeyService service, KeyId id, KeySpec spec, KeyPolicy policy) {
        MacName mac = MacName.of(spec)
                .orElseThrow(() -> new InvalidKeyUsageException("the key " + id + " is " + spec + ", not an HMAC key"));
        return new KmsMacKey(service, id, mac, policy);
    }

    /**
     * Which key this is a handle to.
     *
     * @return an alias, key id or ARN
     */
    public KeyId id() {
        return id;
    }

    KeyService service() {
        return service;
    }

    MacName mac() {
        return mac;
    }

    /**
     * The algorithm that the key is for.
     *
     * @return {@code HmacSHA224}, {@code HmacSHA256}, {@code HmacSHA384} or {@code HmacSHA512}
     */
    @Override
    public String getAlgorithm() {
        return mac.algorithm();
    }

    /** Two handles are equal when they are for the same name in the same service with the same policy. */
    @Override
    public boolean equals(Object other) {
        return other instanceof KmsMacKey that
                && service.equals(that.service)
                && id.equals(that.id)
                && mac == that.mac
                && policy.equals(that.policy);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "KmsMacKey[" + id + " in " + service.name() + "]";
    }
}
