package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.RotationStatus.Cause;
import dev.kmsenvelope.kms.SecretBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.ASN1UTF8String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.jspecify.annotations.Nullable;

/**
 * The content of the key file, which {@link KeyFileEnvelope} seals. In ASN.1 (X.680), encoded by DER:
 *
 * <pre>
 * KeyStoreContent ::= SEQUENCE {
 *     version     INTEGER (2),
 *     lineage     Uuid,                    -- drawn at creation and at each restore
 *     generation  INTEGER,                 -- one more with every write
 *     keys        SEQUENCE OF Key,         -- in the order of creation
 *     aliases     SEQUENCE OF Alias }      -- sorted by name
 *
 * Key ::= SEQUENCE {
 *     id          Uuid,
 *     spec        UTF8String,              -- the kind, a name of KeySpec
 *     usage       UTF8String,              -- a name of KeyUsage, one of those of the kind
 *     state       UTF8String,              -- "ENABLED", "DISABLED" or "PENDING_DELETION"
 *     created     Time,
 *     deletion    [0] EXPLICIT Time OPTIONAL,
 *     rotation    INTEGER (0 | 90..2560),  -- period in days; 0 for none
 *     versions    SEQUENCE SIZE (1..MAX) OF Version }  -- oldest first, numbers ascending; only SYMMETRIC_DEFAULT
 *                                                      -- has more than one, and a rotation
 *
 * Version ::= SEQUENCE {
 *     number        INTEGER (1..2147483647),
 *     created       Time,
 *     cause         UTF8String,            -- of the rotation that made it: "AGE", "ON_DEMAND", "USES"; "" for the first
 *     reservedUses  INTEGER (0..MAX),
 *     material      OCTET STRING,          -- the key: 32 bytes, HMAC keys 28, 32, 48 or 64; of a pair, PrivateKeyInfo
 *     publicKey     OCTET STRING }         -- of a pair, SubjectPublicKeyInfo; else empty
 *
 * Alias ::= SEQUENCE {
 *     name        UTF8String,              -- "alias/..."
 *     targets     SEQUENCE SIZE (1..MAX) OF Uuid }     -- current first, then former ones, latest first
 *
 * Uuid ::= OCTET STRING (SIZE (16))
 * Time ::= INTEGER                         -- milliseconds since 1970-01-01T00:00:00Z
 * </pre>
 *
 * Version 1, which is read and never written, knew only {@code SYMMETRIC_DEFAULT}: its Key has no usage and no rotation, its
 * Version no cause and no publicKey. Why a key was rotated is told from the use count of the version before.
 */
final class StoreStateCodec {

    private static final int VERSION = 2;
    private static final int FORMER_VERSION = 1;

    private StoreStateCodec() {}

    /** The bytes, which hold key material: the caller wipes them. */
    static byte[] encode(StoreState state) {
        List<byte[]> secrets = new ArrayList<>();
        try {
            return sequence(
                            new ASN1Integer(VERSION),
                            uuid(state.lineage().toString()),
                            new ASN1Integer(state.generation()),
                            sequence(state.keys().values().stream()
                                    .map(key -> encode(key, secrets))
                                    .toArray(ASN1Encodable[]::new)),
                            sequence(state.aliases().entrySet().stream()
                                    .map(StoreStateCodec::encode)
                                    .toArray(ASN1Encodable[]::new)))
                    .getEncoded(ASN1Encoding.DER);
        } catch (IOException e) {
            throw new UncheckedIOException("encoding in memory does not fail", e);
        } finally {
            secrets.forEach(secret -> Arrays.fill(secret, (byte) 0));
        }
    }

    private static ASN1Encodable encode(StoredKey key, List<byte[]> secrets) {
        ASN1EncodableVector fields = new ASN1EncodableVector();
        fields.add(uuid(key.id()));
        fields.add(new DERUTF8String(key.spec().name()));
        fields.add(new DERUTF8String(key.usage().name()));
        fields.add(new DERUTF8String(key.state().name()));
        fields.add(time(key.created()));
        if (key.deletion() != null) {
            fields.add(new DERTaggedObject(true, 0, time(key.deletion())));
        }
        fields.add(new ASN1Integer(key.rotationDays()));
        fields.add(sequence(key.versions().stream()
                .map(version -> {
                    byte[] material = version.material().copy();
                    secrets.add(material);
                    return sequence(
                            new ASN1Integer(version.number()),
                            time(version.created()),
                            new DERUTF8String(
                                    version.cause() == null
                                            ? ""
                                            : version.cause().name()),
                            new ASN1Integer(version.reservedUses()),
                            new DEROctetString(material),
                            new DEROctetString(version.publicKey()));
                })
                .toArray(ASN1Encodable[]::new)));
        return new DERSequence(fields);
    }

    private static ASN1Encodable encode(Map.Entry<String, List<String>> alias) {
        return sequence(
                new DERUTF8String(alias.getKey()),
                sequence(alias.getValue().stream().map(StoreStateCodec::uuid).toArray(ASN1Encodable[]::new)));
    }

    private static ASN1Sequence sequence(ASN1Encodable... elements) {
        return new DERSequence(elements);
    }

    private static ASN1OctetString uuid(String text) {
        UUID id = UUID.fromString(text);
        return new DEROctetString(ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .array());
    }

    private static ASN1Integer time(Instant instant) {
        return new ASN1Integer(instant.toEpochMilli());
    }

    /**
     * Reads the content. It was authenticated, so what is wrong here was written by other software; lengths were bounded
     * by the length of the file.
     *
     * @throws IllegalArgumentException if it breaks the grammar; its text says where, and nothing secret
     */
    static StoreState decode(byte[] content) {
        try {
            Fields fields = new Fields(ASN1Primitive.fromByteArray(content));
            long version = fields.number();
            if (version != VERSION && version != FORMER_VERSION) {
                throw new IllegalArgumentException(
                        "content version " + version + " where " + FORMER_VERSION + " and " + VERSION + " are known");
            }
            UUID lineage = UUID.fromString(fields.uuid());
            long generation = fields.number();
            Map<String, StoredKey> keys = new LinkedHashMap<>();
            for (ASN1Encodable key : fields.sequence()) {
                StoredKey decoded = decodeKey(new Fields(key), version == FORMER_VERSION);
                keys.put(decoded.id(), decoded);
            }
            Map<String, List<String>> aliases = new TreeMap<>();
            for (ASN1Encodable alias : fields.sequence()) {
                Fields aliasFields = new Fields(alias);
                aliases.put(aliasFields.text(), decodeTargets(aliasFields, keys));
                aliasFields.end();
            }
            fields.end();
            return new StoreState(lineage, generation, keys, aliases);
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The cause stays out: a parser may quote what it stumbled over, and key bytes are in here.
            throw new IllegalArgumentException("content that is not of the expected grammar");
        }
    }

    private static StoredKey decodeKey(Fields fields, boolean former) {
        String id = fields.uuid();
        KeySpec spec = KeySpec.valueOf(fields.text());
        KeyUsage usage = former ? spec.defaultUsage() : KeyUsage.valueOf(fields.text());
        KeyState state = KeyState.valueOf(fields.text());
        Instant created = fields.time();
        Instant deletion = fields.optionalTime();
        int rotationDays = former ? 0 : Math.toIntExact(fields.number());
        List<StoredKey.Version> versions = new ArrayList<>();
        for (ASN1Encodable element : fields.sequence()) {
            StoredKey.Version previous = versions.isEmpty() ? null : versions.get(versions.size() - 1);
            StoredKey.Version version = decodeVersion(new Fields(element), spec, previous, former);
            if (version.number() <= (previous == null ? 0 : previous.number()) || version.reservedUses() < 0) {
                throw new IllegalArgumentException("key versions out of order");
            }
            versions.add(version);
        }
        fields.end();
        if (versions.isEmpty()) {
            throw new IllegalArgumentException("a key without a version");
        }
        StoredKey key = new StoredKey(id, spec, usage, state, created, deletion, rotationDays, versions);
        if (!spec.usages().contains(usage)
                || (former && !key.canRotate())
                || (!key.canRotate() && (versions.size() > 1 || rotationDays != 0))
                || (rotationDays != 0
                        && (rotationDays < KeyAdministration.MIN_ROTATION_DAYS
                                || rotationDays > KeyAdministration.MAX_ROTATION_DAYS))) {
            throw new IllegalArgumentException("a key of kind " + spec + " that cannot be so");
        }
        return key;
    }

    private static StoredKey.Version decodeVersion(
            Fields fields, KeySpec spec, StoredKey.@Nullable Version previous, boolean former) {
        int number = Math.toIntExact(fields.number());
        Instant created = fields.time();
        Cause cause = former ? formerCause(previous) : cause(fields.text());
        long reservedUses = fields.number();
        byte[] material = spec.isAsymmetric() ? fields.octets() : fields.octets(KeyMaterial.secretLength(spec));
        byte[] publicKey = former ? new byte[0] : fields.octets();
        fields.end();
        if (spec.isAsymmetric()) {
            KeyPairs.publicKey(spec, publicKey);
        } else if (publicKey.length > 0) {
            throw new IllegalArgumentException("a public key where there is none");
        }
        return new StoredKey.Version(number, created, cause, reservedUses, SecretBytes.owning(material), publicKey);
    }

    private static @Nullable Cause cause(String name) {
        return name.isEmpty() ? null : Cause.valueOf(name);
    }

    private static @Nullable Cause formerCause(StoredKey.@Nullable Version previous) {
        if (previous == null) {
            return null;
        }
        return previous.reservedUses() < StoreSettings.DEFAULT_MAX_USES ? Cause.ON_DEMAND : Cause.USES;
    }

    private static List<String> decodeTargets(Fields alias, Map<String, StoredKey> keys) {
        List<String> targets = new ArrayList<>();
        for (ASN1Encodable target : alias.sequence()) {
            targets.add(octetsToUuid(ASN1OctetString.getInstance(target).getOctets()));
        }
        if (targets.isEmpty() || !keys.keySet().containsAll(targets)) {
            throw new IllegalArgumentException("an alias that points nowhere");
        }
        return targets;
    }

    private static String octetsToUuid(byte[] octets) {
        if (octets.length != 16) {
            throw new IllegalArgumentException("an id of " + octets.length + " bytes where 16 are right");
        }
        ByteBuffer bytes = ByteBuffer.wrap(octets);
        return new UUID(bytes.getLong(), bytes.getLong()).toString();
    }

    /** Takes the elements of a SEQUENCE one by one. */
    private static final class Fields {
        private final Iterator<ASN1Encodable> elements;
        private @Nullable ASN1Encodable ahead;

        Fields(ASN1Encodable sequence) {
            this.elements = ASN1Sequence.getInstance(sequence).iterator();
        }

        private ASN1Encodable next() {
            ASN1Encodable taken = ahead;
            ahead = null;
            if (taken != null) {
                return taken;
            }
            if (!elements.hasNext()) {
                throw new IllegalArgumentException("a SEQUENCE that ends too early");
            }
            return elements.next();
        }

        long number() {
            return ASN1Integer.getInstance(next()).longValueExact();
        }

        Instant time() {
            return Instant.ofEpochMilli(number());
        }

        @Nullable
        Instant optionalTime() {
            ASN1Encodable element = next();
            if (element instanceof ASN1TaggedObject tagged && tagged.hasContextTag(0)) {
                return Instant.ofEpochMilli(
                        ASN1Integer.getInstance(tagged, true).longValueExact());
            }
            ahead = element;
            return null;
        }

        String text() {
            return ASN1UTF8String.getInstance(next()).getString();
        }

        String uuid() {
            return octetsToUuid(ASN1OctetString.getInstance(next()).getOctets());
        }

        byte[] octets() {
            return ASN1OctetString.getInstance(next()).getOctets();
        }

        byte[] octets(int length) {
            byte[] octets = octets();
            if (octets.length != length) {
                throw new IllegalArgumentException(
                        "a field of " + octets.length + " bytes where " + length + " are right");
            }
            return octets;
        }

        ASN1Sequence sequence() {
            return ASN1Sequence.getInstance(next());
        }

        void end() {
            if (ahead != null || elements.hasNext()) {
                throw new IllegalArgumentException("a SEQUENCE that is too long");
            }
        }
    }
}
