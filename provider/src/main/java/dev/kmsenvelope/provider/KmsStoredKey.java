package dev.kmsenvelope.provider;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.ServiceKey;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.spi.KeyServices;

/**
 * A handle to a data key that a keystore file keeps, encrypted under a key of a service. It is opaque: {@link #getFormat()}
 * and {@link #getEncoded()} are null. {@code Cipher} and {@code Mac} under it do the one thing that the key is for, here, as
 * plain AES or HMAC. The service decrypts the key when it is first used; from then on it is in the cache of data keys, within
 * the limits of that cache. Immutable, thread-safe, not serializable.
 */
public final class KmsStoredKey extends OpaqueSecretKey {

    private static final long serialVersionUID = 1L;

    /** Keeps the services together as long as there is a handle: whoever shares them by their settings finds them. */
    private final transient KeyServices services;

    private final transient StoredDataKey stored;
    private final transient KeyPolicy policy;
    private final transient StoredKeySource source;

    private KmsStoredKey(KeyServices services, StoredDataKey stored, KeyPolicy policy) {
        this.services = services;
        this.stored = stored;
        this.policy = policy;
        this.source = new StoredKeySource(services, stored, policy.cache());
    }

    /**
     * Makes a handle. The service is not asked anything.
     *
     * @param services where the key is that encrypted the data key: one of the main service; must stay open as long as the
     *     handle is used
     * @param stored the encrypted data key
     * @param policy what the handle may do, and the settings of the cache; the encryption context and everything else about
     *     the data key is in {@code stored}. {@link KeyPolicy#ofNoKey} gives one for an alias without settings of its own
     * @return the handle
     * @throws KmsConfigurationException if the policy has an encryption context or further keys, which would mean nothing
     */
    public static KmsStoredKey of(KeyServices services, StoredDataKey stored, KeyPolicy policy) {
        if (!policy.context().isEmpty()
                || !policy.decryptKeys().isEmpty()
                || !policy.recipients().isEmpty()
                || policy.furtherKeys().discovery().isPresent()) {
            throw new KmsConfigurationException("the data key '" + stored.name()
                    + "' of a keystore file can have the setting key.*.usage only: its encryption context stands in the"
                    + " file, and it has neither recipients nor further keys");
        }
        return new KmsStoredKey(services, stored, policy);
    }

    /**
     * The alias of the key in its keystore file.
     *
     * @return its name, without a version
     */
    public String name() {
        return stored.name();
    }

    /**
     * Which version of the alias this is.
     *
     * @return its number, from 1
     */
    public int version() {
        return stored.version();
    }

    /**
     * The one thing that the key is for.
     *
     * @return the usage
     */
    public DataKeyUsage usage() {
        return stored.usage();
    }

    /**
     * The key itself, for code that cannot do with a handle. From here on nobody can see to it that the key has one use only,
     * nor count its messages, nor take it back (RULES 9, 10): only for entries that are marked as extractable.
     *
     * @return the key in the clear, whose bytes are a copy; the caller destroys it
     * @throws dev.kmsenvelope.kms.KmsException if the service does not decrypt it, and {@link
     *     dev.kmsenvelope.kms.InvalidCiphertextException} if it is damaged
     * @throws IllegalStateException if the entry is not marked as extractable, or a setting limits the handle to encrypting
     *     or to decrypting
     */
    public KmsDataKey extract() {
        if (!stored.extractable()) {
            throw new IllegalStateException("the data key '" + name() + "' is not marked as extractable in its file");
        }
        if (policy.usage() != KeyPolicy.Usage.BOTH) {
            throw new IllegalStateException("the data key '" + name()
                    + "' cannot be extracted: a setting key.*.usage limits what may be done with it");
        }
        try (DataKeyLease lease = source.lease()) {
            return new KmsDataKey(SecretBytes.owning(lease.copyKey()), stored);
        }
    }

    /**
     * Whether a setting {@code key.<alias>.usage} lets this handle encrypt or decrypt only.
     *
     * @return false if it may do both
     */
    public boolean isLimited() {
        return policy.usage() != KeyPolicy.Usage.BOTH;
    }

    /**
     * What the keystore file says of it: nothing of that is secret.
     *
     * @return the encrypted key, and what goes with it
     */
    public StoredDataKey stored() {
        return stored;
    }

    KeyPolicy policy() {
        return policy;
    }

    StoredKeySource source() {
        return source;
    }

    private KeyService service() {
        return services.main();
    }

    /**
     * The algorithm that the key is for.
     *
     * @return {@code AES}, or the name of an HMAC
     */
    @Override
    public String getAlgorithm() {
        return stored.usage().algorithm();
    }

    /** Two handles are equal when they are for the same stored data key, of the same service, with the same policy. */
    @Override
    public boolean equals(Object other) {
        return other instanceof KmsStoredKey that
                && new ServiceKey(service(), stored.key()).equals(new ServiceKey(that.service(), that.stored.key()))
                && stored.equals(that.stored)
                && policy.equals(that.policy);
    }

    @Override
    public int hashCode() {
        return stored.hashCode();
    }

    @Override
    public String toString() {
        return "KmsStoredKey[" + name() + "@" + version() + " for " + usage().transformation() + ", under "
                + stored.key() + " in " + service().name() + "]";
    }
}
