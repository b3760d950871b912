package dev.kmsenvelope.keystore;

import dev.kmsenvelope.keystore.file.CertificateEntry;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.KeyPointer;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreEntry;
import dev.kmsenvelope.provider.DataKeyUsage;
import java.security.KeyStore.Entry;
import java.security.KeyStoreException;
import java.security.PKCS12Attribute;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The attributes of entries in a file: those that they have, and those that somebody gives. */
final class EntryAttributes {

    private final Set<Entry.Attribute> attributes = new LinkedHashSet<>();

    private EntryAttributes(String kind, StoreEntry entry) {
        add(KmsEntryAttribute.KIND, kind);
        add(KmsEntryAttribute.ALIAS, entry.alias());
    }

    private void add(String name, Object value) {
        attributes.add(Pkcs12Attributes.of(name, value.toString()));
    }

    private Set<Entry.Attribute> made(Object created) {
        add(KmsEntryAttribute.CREATED, created);
        return Collections.unmodifiableSet(attributes);
    }

    static Set<Entry.Attribute> of(DataKeyEntry entry, DataKeyEntry.Version version) {
        EntryAttributes all = new EntryAttributes("data-key", entry);
        all.add(KmsEntryAttribute.KEY, entry.key());
        all.add(KmsEntryAttribute.USAGE, entry.usage().transformation());
        all.add(KmsEntryAttribute.EXTRACTABLE, entry.extractable());
        all.add(KmsEntryAttribute.VERSION, version.number());
        all.add(KmsEntryAttribute.MAX_MESSAGES, entry.maxMessages());
        return all.made(version.created());
    }

    static Set<Entry.Attribute> of(PrivateKeyEntry entry) {
        EntryAttributes all = new EntryAttributes("private-key", entry);
        all.add(KmsEntryAttribute.KEY, entry.key());
        return all.made(entry.created());
    }

    static Set<Entry.Attribute> of(CertificateEntry entry) {
        return new EntryAttributes("certificate", entry).made(entry.created());
    }

    static Set<Entry.Attribute> of(KeyPointer entry) {
        EntryAttributes all = new EntryAttributes("pointer", entry);
        all.add(KmsEntryAttribute.KEY, entry.key());
        return all.made(entry.created());
    }

    /**
     * What an attribute says; empty where there is none of that name, or it says nothing. One that somebody made goes before
     * one that came with an entry.
     */
    static Optional<String> find(Set<Entry.Attribute> attributes, String name) {
        return attributes.stream()
                .filter(attribute ->
                        Pkcs12Attributes.name(attribute).filter(name::equals).isPresent())
                .filter(attribute ->
                        attribute.getValue() != null && !attribute.getValue().isEmpty())
                .sorted(Comparator.comparing(PKCS12Attribute.class::isInstance))
                .map(Entry.Attribute::getValue)
                .findFirst();
    }

    static Optional<DataKeyUsage> usage(Set<Entry.Attribute> attributes) throws KeyStoreException {
        return parsed(attributes, KmsEntryAttribute.USAGE, DataKeyUsage::of);
    }

    static Optional<Boolean> extractable(Set<Entry.Attribute> attributes) throws KeyStoreException {
        return parsed(attributes, KmsEntryAttribute.EXTRACTABLE, value -> {
            if (value.equals("true") || value.equals("false")) {
                return Boolean.valueOf(value);
            }
            throw new IllegalArgumentException("true or false");
        });
    }

    static Optional<Long> maxMessages(Set<Entry.Attribute> attributes) throws KeyStoreException {
        return parsed(attributes, KmsEntryAttribute.MAX_MESSAGES, Long::valueOf);
    }

    private static <T> Optional<T> parsed(Set<Entry.Attribute> attributes, String name, Function<String, T> parser)
            throws KeyStoreException {
        Optional<String> value = find(attributes, name);
        try {
            return value.map(parser);
        } catch (IllegalArgumentException e) {
            throw new KeyStoreException(
                    "the attribute " + name + " is '" + value.orElse("") + "': " + e.getMessage(), e);
        }
    }
}
