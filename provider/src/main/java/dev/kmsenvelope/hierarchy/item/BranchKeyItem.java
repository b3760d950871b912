package dev.kmsenvelope.hierarchy.item;

import dev.kmsenvelope.hierarchy.BranchKeyDescription.Version;
import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.text.Quoted;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * An item of AWS's branch key store: attributes, and a key that is encrypted with all of them as its encryption context.
 * Immutable; nothing of it is secret.
 *
 * <pre>
 * branch-key-id        names the branch key
 * type                 "branch:version:" UUID | "branch:ACTIVE" | "beacon:ACTIVE"
 * version              "branch:version:" UUID, where the type is branch:ACTIVE, and nowhere else
 * create-time          ISO 8601 in UTC
 * kms-arn              the key that encrypts it
 * hierarchy-version    1
 * aws-crypto-ec:NAME   what is bound to the branch key
 * enc                  the encrypted key, 32 bytes
 * </pre>
 *
 * Each version has an item of its own; the active one is there a second time under {@code branch:ACTIVE}. {@code
 * beacon:ACTIVE} is a key for searchable encryption, which only others use. (The specification: branch-key-store.md of the AWS
 * Encryption SDK.)
 */
public final class BranchKeyItem {

    /** The type of the active version. */
    public static final String ACTIVE = "branch:ACTIVE";

    /** The type of the beacon key. */
    public static final String BEACON = "beacon:ACTIVE";

    /** What the types of versions start with. */
    public static final String VERSION_PREFIX = "branch:version:";

    /** The attribute that names the branch key. */
    public static final String ID = "branch-key-id";

    /** The attribute with the type. */
    public static final String TYPE = "type";

    /** The attribute with the encrypted key. */
    public static final String ENCRYPTED = "enc";

    /** The attribute with the number of the layout. */
    public static final String LAYOUT = "hierarchy-version";

    private static final String VERSION = "version";
    private static final String CREATED = "create-time";
    static final String KMS_KEY = "kms-arn";
    private static final String TABLE_NAME = "tablename";
    private static final String CONTEXT_PREFIX = "aws-crypto-ec:";
    private static final String THIS_LAYOUT = "1";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private final SortedMap<String, String> attributes;
    private final byte[] encrypted;

    private BranchKeyItem(Map<String, String> attributes, byte[] encrypted) {
        this.attributes = Collections.unmodifiableSortedMap(new TreeMap<>(attributes));
        this.encrypted = encrypted;
    }

    /**
     * Takes what a store holds.
     *
     * @param attributes all but the encrypted key; copied
     * @param encrypted the encrypted key; copied
     * @return the item
     * @throws BranchKeyStoreException if it is not as described above
     */
    public static BranchKeyItem of(Map<String, String> attributes, byte[] encrypted) {
        BranchKeyItem item = new BranchKeyItem(attributes, encrypted.clone());
        item.check();
        return item;
    }

    /** The attributes that all items of a version share, for {@link #of} with a type and a key. */
    static Map<String, String> attributes(String id, String kmsKey, Instant created, EncryptionContext context) {
        Map<String, String> shared = new TreeMap<>();
        context.asMap().forEach((name, value) -> shared.put(CONTEXT_PREFIX + name, value));
        shared.put(ID, id);
        shared.put(CREATED, TIME.format(created));
        shared.put(KMS_KEY, kmsKey);
        shared.put(LAYOUT, THIS_LAYOUT);
        return shared;
    }

    /** The same attributes with the type of a version, of the active one, or of the beacon key. */
    static Map<String, String> typed(Map<String, String> shared, String type) {
        Map<String, String> attributes = new TreeMap<>(shared);
        attributes.put(TYPE, type);
        return attributes;
    }

    /** The same attributes for the active version. */
    static Map<String, String> active(Map<String, String> shared, String versionType) {
        Map<String, String> attributes = typed(shared, ACTIVE);
        attributes.put(VERSION, versionType);
        return attributes;
    }

    private void check() {
        boolean active = ACTIVE.equals(attributes.get(TYPE));
        if (!THIS_LAYOUT.equals(attributes.get(LAYOUT))
                || attributes.getOrDefault(ID, "").isEmpty()
                || attributes.getOrDefault(KMS_KEY, "").isEmpty()
                || attributes.containsKey(ENCRYPTED)
                || attributes.containsKey(TABLE_NAME)
                || attributes.containsKey(VERSION) != active
                || encrypted.length == 0) {
            throw malformed("it has not the attributes that it must have, or others that it must not have");
        }
        if (active || !BEACON.equals(attributes.get(TYPE))) {
            version();
        }
        created();
        custom();
    }

    /** Without a cause, whose text would have the malformed one in it. */
    private BranchKeyStoreException malformed(String what) {
        return new BranchKeyStoreException(
                "an item of the branch key " + Quoted.of(attribute(ID)) + " in the store is malformed: " + what, null);
    }

    /**
     * Which branch key it is of.
     *
     * @return its id
     */
    public String id() {
        return attribute(ID);
    }

    /**
     * What it holds.
     *
     * @return its type
     */
    public String type() {
        return attribute(TYPE);
    }

    /**
     * The key that encrypts it.
     *
     * @return its name in the key-management service
     */
    public String kmsKey() {
        return attribute(KMS_KEY);
    }

    /**
     * Which version it holds.
     *
     * @return the version, also of the active one
     * @throws BranchKeyStoreException if it holds none
     */
    public UUID version() {
        String text = attributes.getOrDefault(VERSION, type());
        try {
            UUID version =
                    UUID.fromString(text.startsWith(VERSION_PREFIX) ? text.substring(VERSION_PREFIX.length()) : "");
            if (text.equals(VERSION_PREFIX + version)) {
                return version;
            }
        } catch (IllegalArgumentException e) {
            throw malformed("its version is none");
        }
        throw malformed("its version is none");
    }

    /**
     * When the version was made.
     *
     * @return the time
     */
    public Instant created() {
        try {
            return Instant.parse(attribute(CREATED));
        } catch (DateTimeException e) {
            throw malformed("its time of creation is none");
        }
    }

    /** What is bound to the branch key. */
    EncryptionContext custom() {
        Map<String, String> pairs = new LinkedHashMap<>();
        attributes.forEach((name, value) -> {
            if (name.startsWith(CONTEXT_PREFIX)) {
                pairs.put(name.substring(CONTEXT_PREFIX.length()), value);
            }
        });
        try {
            return EncryptionContext.ofMessage(pairs);
        } catch (IllegalArgumentException e) {
            throw malformed(
                    "what is bound to it is no encryption context: " + Quoted.sentence(String.valueOf(e.getMessage())));
        }
    }

    Version described() {
        return new Version(version().toString(), created());
    }

    /** The encryption context of its key: all attributes, and the name of the table, so that none can be changed or moved. */
    EncryptionContext context(String logicalName) {
        return context(attributes, logicalName);
    }

    static EncryptionContext context(Map<String, String> attributes, String logicalName) {
        Map<String, String> pairs = new TreeMap<>(attributes);
        pairs.put(TABLE_NAME, logicalName);
        try {
            return EncryptionContext.ofMessage(pairs);
        } catch (IllegalArgumentException e) {
            throw new BranchKeyStoreException(
                    "the attributes of the branch key " + Quoted.of(attributes.getOrDefault(ID, ""))
                            + " are no encryption context: " + Quoted.sentence(String.valueOf(e.getMessage())),
                    null);
        }
    }

    private String attribute(String name) {
        return attributes.getOrDefault(name, "");
    }

    /**
     * All but the encrypted key.
     *
     * @return an unmodifiable map
     */
    public SortedMap<String, String> attributes() {
        return attributes;
    }

    /**
     * The encrypted key.
     *
     * @return a copy
     */
    public byte[] encrypted() {
        return encrypted.clone();
    }

    @Override
    public String toString() {
        return "BranchKeyItem[" + Quoted.of(id()) + ", " + Quoted.of(type()) + "]";
    }
}
