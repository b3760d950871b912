package dev.kmsenvelope.keystore;

import java.security.KeyStore.Entry;
import java.util.Objects;

/**
 * An attribute of an entry that a {@code KMS} keystore file keeps. Such an entry has those that go with its kind, and {@code
 * KeyStore.setEntry} heeds {@link #USAGE}, {@link #EXTRACTABLE} and {@link #MAX_MESSAGES} for data keys; it ignores all
 * others, for what it says of an entry it says of the one that it makes. A key that is a data key of a keystore file already can
 * be put in for less than it may now, and a {@code KeyStoreException} says so if it were for more. Attributes hold nothing
 * secret. Immutable.
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
}
