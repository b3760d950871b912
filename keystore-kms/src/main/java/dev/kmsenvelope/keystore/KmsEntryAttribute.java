package dev.kmsenvelope.keystore;

import java.security.KeyStore.Entry;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An attribute of an entry that a {@code KMS} keystore file keeps. {@code KeyStore.setEntry} heeds {@link #USAGE}, {@link
 * #EXTRACTABLE} and {@link #MAX_MESSAGES} for data keys; it ignores all others, for what it says of an entry it says of the one
 * that it makes. A key that is a data key of a keystore file already can be put in for less than it may now, and a {@code
 * KeyStoreException} says so if it were for more. Attributes hold nothing secret. Immutable.
 *
 * <p>The entries that such a KeyStore gives have the attributes that go with their kind, as {@link
 * java.security.PKCS12Attribute}, for a PKCS12 KeyStore takes no others: their names are object identifiers. {@link #find} and
 * {@link #allOf} read them by the names below, and {@code setEntry} heeds them as it heeds these. An attribute of this class goes
 * before one that came with an entry.
 *
 * @param name one of the names below
 * @param value its value
 */
public record KmsEntryAttribute(String name, String value) implements Entry.Attribute {

    /** {@code data-key}, {@code private-key}, {@code certificate}, or {@code pointer}: an alias for a key of the service. */
    public static final String KIND = "kms-envelope.kind";

    /** The alias of the entry, without a version. */
    public static final String ALIAS = "kms-envelope.alias";

    /** When the entry was made, in ISO 8601, UTC. */
    public static final String CREATED = "kms-envelope.created";

    /** The key of the service that the entry is encrypted under, or that it points to. */
    public static final String KEY = "kms-envelope.key";

    /** What a data key is for: a transformation such as {@code AES/GCM/NoPadding}, or {@code HmacSHA256}. */
    public static final String USAGE = "kms-envelope.usage";

    /** {@code true} if {@code getKey} gives the data key itself, {@code false} if it gives an opaque handle. */
    public static final String EXTRACTABLE = "kms-envelope.extractable";

    /** The version of a data key, 1 or more. */
    public static final String VERSION = "kms-envelope.version";

    /** How many messages one process encrypts with generated IVs under a data key. */
    public static final String MAX_MESSAGES = "kms-envelope.max-messages";

    /**
     * Makes one.
     *
     * @param name its name
     * @param value its value
     */
    public KmsEntryAttribute {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(value, "value");
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public String getValue() {
        return value;
    }

    /**
     * What an entry of a {@code KMS} KeyStore, or of a PKCS12 file that one was put into, says of itself.
     *
     * @param entry the entry
     * @param name one of the names above
     * @return the value, or empty if the entry says no such thing
     */
    public static Optional<String> find(Entry entry, String name) {
        return EntryAttributes.find(entry.getAttributes(), name);
    }

    /**
     * All that an entry of a {@code KMS} KeyStore says of itself.
     *
     * @param entry the entry
     * @return an unmodifiable map from the names above to values; without attributes that others gave it
     */
    public static Map<String, String> allOf(Entry entry) {
        Map<String, String> all = new TreeMap<>();
        for (Entry.Attribute attribute : entry.getAttributes()) {
            Pkcs12Attributes.name(attribute)
                    .ifPresent(name -> find(entry, name).ifPresent(value -> all.put(name, value)));
        }
        return Collections.unmodifiableMap(all);
    }
}
