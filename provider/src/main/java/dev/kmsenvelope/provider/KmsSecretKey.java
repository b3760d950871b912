package dev.kmsenvelope.provider;

import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.ServiceKey;
import dev.kmsenvelope.engine.MessageEncryptor;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.spi.KeyServices;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A handle to a symmetric key that stays in a key-management service. It is opaque: {@link #getFormat()} and {@link
 * #getEncoded()} are null, which is how JCA finds the provider that can use it. Immutable, thread-safe, not serializable.
 */
public final class KmsSecretKey extends OpaqueSecretKey {

    private static final long serialVersionUID = 1L;

    /** Keeps the services together as long as there is a handle: whoever shares them by their settings finds them. */
    private final transient KeyServices services;

    private final transient HandleKeys keys;
    private final transient KeyPolicy policy;

    /** For the outer layer of dual-layer messages; null where there is none. */
    private final transient @Nullable KmsSecretKey outer;

    /** Made by the first use; threads that meet there make equal ones. */
    private transient volatile @Nullable HandleSources sources;

    private KmsSecretKey(KeyServices services, HandleKeys keys, KeyPolicy policy, @Nullable KmsSecretKey outer) {
        this.services = services;
        this.keys = keys;
        this.policy = policy;
        this.outer = outer;
    }

    /**
     * Makes a handle to a key of a single service. The service is not asked whether the key exists. Each handle that is made
     * so has a cache of data keys of its own: keep it, or bring handles together by {@link #of(KeyServices, KeyReference,
     * KeyPolicy)}, whose services drop their data keys when they are closed.
     *
     * @param service where the key is; must stay open as long as the handle is used
     * @param id an alias, key id or ARN
     * @param policy what the handle may do, and how
     * @return the handle
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if the policy names keys of further services
     */
    public static KmsSecretKey of(KeyService service, KeyId id, KeyPolicy policy) {
        return of(KeyServices.of(service, Map.of()), KeyReference.ofMain(id), policy);
    }

    /**
     * Makes a handle to a key of one of several services, in which the policy may name recipients and further keys. No service
     * is asked whether its keys exist, nor opened.
     *
     * @param services where the keys are; must stay open as long as the handle is used
     * @param key the handle's own key
     * @param policy what the handle may do, and how
     * @return the handle
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a service is named that there is not
     */
    public static KmsSecretKey of(KeyServices services, KeyReference key, KeyPolicy policy) {
        ServiceKey own = new ServiceKey(services.of(key), key.key());
        KmsSecretKey outer = policy.outerKey()
                .map(its -> of(services, its.key(), its.policy()))
                .orElse(null);
        return new KmsSecretKey(services, HandleKeys.of(services, own, policy.furtherKeys()), policy, outer);
    }

    /**
     * This handle with further recipients: what it encrypts, any one of their keys opens too; and it opens what is encrypted
     * for any one of them, but for those that may only encrypt. Of a recipient only its own key counts, none of its further
     * ones; the encryption context is this handle's. {@code AESWrap} wraps under this handle's own key alone, as ever.
     *
     * @param further handles of the same or of other services
     * @return a new handle
     * @throws IllegalArgumentException if one of them may only decrypt, or there are more than a message can have
     */
    public KmsSecretKey withRecipients(List<KmsSecretKey> further) {
        for (KmsSecretKey other : further) {
            if (other.policy.usage() == KeyPolicy.Usage.DECRYPT) {
                throw new IllegalArgumentException(
                        "the handle to " + other.id() + " may not encrypt, so it is no recipient");
            }
        }
        HandleKeys more = keys.plus(
                further.stream().map(other -> other.keys.own()).toList(),
                further.stream()
                        .filter(other -> other.policy.usage() != KeyPolicy.Usage.ENCRYPT)
                        .map(other -> other.keys.own())
                        .toList());
        if (more.recipients().size() >= MessageEncryptor.MAX_RECIPIENTS) {
            throw new IllegalArgumentException("a message can be for " + MessageEncryptor.MAX_RECIPIENTS + " keys, "
                    + id() + " included; " + more.recipients().size() + " others are too many");
        }
        return new KmsSecretKey(services, more, policy, outer);
    }

    /**
     * This handle with another key for the outer layer of dual-layer messages ({@code Envelope/DUAL/NoPadding}), instead of
     * that of the setting {@code key.<name>.outer-key}. This handle's own keys and recipients are for the inner layer, and
     * those of the other handle for the outer one: so to open a message takes a key of each. Both handles' encryption
     * contexts are bound to both layers.
     *
     * @param outerKey a handle of the same or of another service; of this very key, if one key is meant to be enough
     * @return a new handle
     */
    public KmsSecretKey withOuterKey(KmsSecretKey outerKey) {
        return new KmsSecretKey(services, keys, policy, outerKey);
    }

    /** For the outer layer of dual-layer messages. */
    KmsSecretKey outerKey() {
        if (outer == null) {
            throw new KmsConfigurationException("a dual-layer message needs a key for its outer layer: set key." + id()
                    + "." + OuterKey.SETTING + ", to another key than " + id()
                    + " unless one key is meant to be enough; or give --outer-key or withOuterKey");
        }
        return outer;
    }

    /**
     * Which key this is a handle to.
     *
     * @return an alias, key id or ARN
     */
    public KeyId id() {
        return keys.own().id();
    }

    KeyService service() {
        return keys.own().service();
    }

    KeyPolicy policy() {
        return policy;
    }

    /** The keys that what this handle encrypts is for: its own and those of its recipients. */
    List<ServiceKey> encryptionKeys() {
        return Stream.concat(Stream.of(keys.own()), keys.recipients().stream()).toList();
    }

    /** Those of them that may be asked to decrypt too: none, if this handle may not decrypt (RULES 13). */
    Set<ServiceKey> readableEncryptionKeys() {
        Set<ServiceKey> readable = new LinkedHashSet<>();
        if (policy.usage() != KeyPolicy.Usage.ENCRYPT) {
            readable.add(keys.own());
            keys.recipients().stream().filter(keys.readers()::contains).forEach(readable::add);
        }
        return readable;
    }

    /** Where data keys to write with come from; a handle that may only decrypt has none. */
    DataKeySource dataKeys() {
        requireMayEncrypt();
        return sources().writing();
    }

    /** Those of another origin, through the cache of this handle. */
    DataKeySource dataKeysOf(DataKeySource origin) {
        requireMayEncrypt();
        return sources().caching(origin);
    }

    /** The same without the cache: what is moved to a new key must be under that key. */
    DataKeySource freshDataKeys() {
        requireMayEncrypt();
        return keys.forWriting();
    }

    /** This handle with its services seen in another way; itself, if that makes no difference. */
    KmsSecretKey seenThrough(UnaryOperator<KeyService> view) {
        HandleKeys seen = keys.seenThrough(view);
        return seen.equals(keys) ? this : new KmsSecretKey(services, seen, policy, outer);
    }

    private void requireMayEncrypt() {
        if (policy.usage() == KeyPolicy.Usage.DECRYPT) {
            throw new IllegalStateException("the handle to " + id() + " may not encrypt");
        }
    }

    /** Whose data keys may be read; a handle that may only encrypt has none (RULES 13). */
    Recipient recipient(EncryptionContext required) {
        requireMayDecrypt();
        return new Recipient(id(), sources().reading(), required);
    }

    /** The same without the cache. */
    Recipient freshRecipient(EncryptionContext required) {
        requireMayDecrypt();
        return new Recipient(id(), keys.forReading(), required);
    }

    private void requireMayDecrypt() {
        if (policy.usage() == KeyPolicy.Usage.ENCRYPT) {
            throw new IllegalStateException("the handle to " + id() + " may not decrypt");
        }
    }

    private HandleSources sources() {
        HandleSources known = sources;
        if (known == null) {
            known = HandleSources.of(services, keys, policy.cache());
            sources = known;
        }
        return known;
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
     * Two handles are equal when they are for the same name in the same service with the same policy, recipients and outer
     * key.
     */
    @Override
    public boolean equals(Object other) {
        return other instanceof KmsSecretKey that
                && keys.equals(that.keys)
                && policy.equals(that.policy)
                && Objects.equals(outer, that.outer);
    }

    @Override
    public int hashCode() {
        return id().hashCode();
    }

    @Override
    public String toString() {
        return "KmsSecretKey[" + id() + " in " + service().name() + "]";
    }
}
