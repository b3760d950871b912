package dev.kmsenvelope.keystore;

import java.io.IOException;
import java.security.KeyStore.Entry;
import java.security.PKCS12Attribute;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Encoding;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;

/**
 * The attributes of entries in the only class that a PKCS12 KeyStore takes, so that an entry can be put into one as it is. The
 * names are object identifiers under a UUID of this library (ITU-T X.667: no registration is needed for those).
 */
final class Pkcs12Attributes {

    /** The UUID 10ae371c-c539-4a60-9291-d3d9d8122319 as a number. */
    private static final String ARC = "2.25.22172225397898272158191620409170993945.";

    /** The numbers stand in files for ever: a new name gets a new one. */
    private static final Map<String, String> IDENTIFIERS = identifiers(
            KmsEntryAttribute.KIND,
            KmsEntryAttribute.ALIAS,
            KmsEntryAttribute.CREATED,
            KmsEntryAttribute.KEY,
            KmsEntryAttribute.USAGE,
            KmsEntryAttribute.EXTRACTABLE,
            KmsEntryAttribute.VERSION,
            KmsEntryAttribute.MAX_MESSAGES);

    private static final Map<String, String> NAMES = names();

    private Pkcs12Attributes() {}

    private static Map<String, String> identifiers(String... names) {
        Map<String, String> identifiers = new LinkedHashMap<>();
        for (String name : names) {
            identifiers.put(name, ARC + (identifiers.size() + 1));
        }
        return identifiers;
    }

    private static Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        IDENTIFIERS.forEach((name, identifier) -> names.put(identifier, name));
        return names;
    }

    /**
     * Makes one. It is encoded here, for the constructor that takes text makes bytes or a list of some values.
     *
     * @param name one of the names of {@link KmsEntryAttribute}
     */
    static PKCS12Attribute of(String name, String value) {
        ASN1EncodableVector attribute = new ASN1EncodableVector(2);
        attribute.add(new ASN1ObjectIdentifier(IDENTIFIERS.get(name)));
        attribute.add(new DERSet(new DERUTF8String(value)));
        try {
            return new PKCS12Attribute(new DERSequence(attribute).getEncoded(ASN1Encoding.DER));
        } catch (IOException e) {
            throw new IllegalStateException("encoding writes to memory only", e);
        }
    }

    /** The name that {@link KmsEntryAttribute} has for an attribute of either class; empty for attributes of others. */
    static Optional<String> name(Entry.Attribute attribute) {
        String name = attribute.getName();
        return IDENTIFIERS.containsKey(name) ? Optional.of(name) : Optional.ofNullable(NAMES.get(name));
    }
}
