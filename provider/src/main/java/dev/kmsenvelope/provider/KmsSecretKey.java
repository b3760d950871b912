package dev.kmsenvelope.provider;

import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * A handle to a symmetric key that stays in a key-management service. It is opaque: {@link #getFormat()} and {@link
 * #getEncoded()} are null, which is how JCA finds the provider that can use it. Immutable, thread-safe, not serializable.
 */
public final class KmsSecretKey implements SecretKey {

    private static final long serialVersionUID = 1L;

    private final transient KeyService service;
    private final transient DataKeySource dataKeys;
    private final transient KeyId id;
    private final transient KeyPolicy policy;

    private KmsSecretKey(KeyService service, KeyId id, KeyPolicy policy) {
        this.service = service;
        this.dataKeys = new DirectDataKeySource(service);
        this.id = id;
        this.policy = policy;
    }

    /**
     * Makes a handle. The service is not asked whether the key exists.
     *
     * @param service where the key is; must stay open as long as the handle is used
     * @param id an alias, key id or ARN
     * @param policy what the handle may do, and how
     * @return the handle
     */
    public static KmsSecretKey of(KeyService service, KeyId id, KeyPolicy policy) {
        return new KmsSecretKey(service, id, policy);
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

    DataKeySource dataKeys() {
        return dataKeys;
    }

    KeyPolicy policy() {
        return policy;
    }

    Recipient recipient(EncryptionContext required) {
        return new Recipient(service, dataKeys, id, policy.decryptKeys(), required);
    }

    /**
     * The algorithm that the key is for.
     *
     * @return {@code AES}
     */
    @Override
    public String getAlgorithm() {
        return "AES";
    }

    /**
     * There is no encoded form.
     *
     * @return null
     */
    @Override
    public @Nullable String getFormat() {
        return null;
    }

    /**
     * There is no encoded form.
     *
     * @return null
     */
    @Override
    public byte @Nullable [] getEncoded() {
        return null;
    }

    /**
     * Two handles are equal when they are for the same name in the same service with the same policy.
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof KmsSecretKey that
                && service.equals(that.service)
                && id.equals(that.id)
                && policy.equals(that.policy);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return "KmsSecretKey[" + id + " in " + service.name() + "]";
    }

    /**
     * A handle is not serializable.
     *
     * @param out not written to
     * @throws NotSerializableException always
     */
    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException(KmsSecretKey.class.getName());
    }

    /**
     * A handle is not serializable.
     *
     * @param in not read from
     * @throws NotSerializableException always
     */
    private void readObject(ObjectInputStream in) throws NotSerializableException {
        throw new NotSerializableException(KmsSecretKey.class.getName());
    }
}
