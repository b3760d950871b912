package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.keystore.file.DataKeyEntry.Version;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.StoredDataKey;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.text.Quoted;
import java.security.InvalidKeyException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Wraps and unwraps what the entries of a keystore file hold, each under its own key of the main service, and bound to its
 * file, alias, kind and usage: {@link EntryContext} lists how. What is wrapped for one place unwraps in no other, so that
 * renaming and copying mean wrapping again, for which the service re-encrypts data keys without giving them out.
 *
 * <p>The key of a new entry may be named by an alias; the entry keeps the id of the key that the alias leads to now, so that
 * pointing the alias elsewhere does not orphan it.
 *
 * <p>Methods that give an entry do not put it into the content. All of them may throw a {@link
 * dev.kmsenvelope.kms.KmsException} where the service fails. Immutable and thread-safe.
 */
public final class StoreWrapping {

    private final KeyService service;
    private final StoreWrappingSteps steps;
    private final Clock clock;

    /**
     * Uses services that are open.
     *
     * @param services must stay open as long as this is used
     */
    public StoreWrapping(KeyServices services) {
        this(services, Clock.systemUTC());
    }

    StoreWrapping(KeyServices services, Clock clock) {
        this.steps = new StoreWrappingSteps(services);
        this.service = services.main();
        this.clock = clock;
    }

    /**
     * Has the service generate a data key. One request.
     *
     * @param in the content that the entry is for
     * @param alias its alias there
     * @param key the key to wrap it under: an alias, key id or ARN
     * @param usage the one thing that it is for
     * @param length in bytes, as the usage accepts
     * @param extractable whether it may be given out in the clear
     * @param context further pairs in the encryption context
     * @param maxMessages as {@link DataKeyEntry#maxMessages()}
     * @return the entry, of one version
     * @throws IllegalArgumentException if the entry cannot be like that
     */
    public DataKeyEntry generate(
            StoreContent in,
            String alias,
            KeyId key,
            DataKeyUsage usage,
            int length,
            boolean extractable,
            Map<String, String> context,
            long maxMessages) {
        DataKeyEntry plan = plan(alias, key, usage, length, extractable, context, maxMessages);
        return withVersion(plan, generate(in, plan, key, 1), 1);
    }

    /**
     * Wraps a data key that was made elsewhere. One request.
     *
     * @param in the content that the entry is for
     * @param alias its alias there
     * @param key the key to wrap it under: an alias, key id or ARN
     * @param usage the one thing that it is for, from now on at least
     * @param extractable whether it may be given out in the clear
     * @param context further pairs in the encryption context
     * @param maxMessages as {@link DataKeyEntry#maxMessages()}
     * @param rawKey the key, of a length that the usage accepts; not modified
     * @return the entry, of one version
     * @throws IllegalArgumentException if the entry cannot be like that
     */
    public DataKeyEntry wrap(
            StoreContent in,
            String alias,
            KeyId key,
            DataKeyUsage usage,
            boolean extractable,
            Map<String, String> context,
            long maxMessages,
            byte[] rawKey) {
        DataKeyEntry plan = plan(alias, key, usage, rawKey.length, extractable, context, maxMessages);
        return withVersion(plan, service.encrypt(key, rawKey, StoreWrappingSteps.contextOf(in, plan, 1)), 1);
    }

    /** The entry as it will be, but for what the service has yet to give: so that what is wrong is found before it is asked. */
    private DataKeyEntry plan(
            String alias,
            KeyId key,
            DataKeyUsage usage,
            int length,
            boolean extractable,
            Map<String, String> context,
            long maxMessages) {
        Instant now = clock.instant();
        List<Version> none = List.of(new Version(1, now, new byte[1]));
        return new DataKeyEntry(alias, now, key, context, usage, length, extractable, maxMessages, none);
    }

    private EncryptedDataKey generate(StoreContent in, DataKeyEntry entry, KeyId key, int version) {
        try (DataKeyPair pair =
                service.generateDataKey(key, entry.length(), StoreWrappingSteps.contextOf(in, entry, version))) {
            return pair.encrypted();
        }
    }

    private DataKeyEntry withVersion(DataKeyEntry plan, EncryptedDataKey encrypted, int number) {
        Version version = new Version(number, plan.created(), service.toBlob(encrypted));
        return plan.withKey(service.keyOf(encrypted).orElse(plan.key()), List.of(version));
    }

    /**
     * Gives a data key a new version, which encrypts from then on; the others still decrypt. One request.
     *
     * @param in the content that the entry is in
     * @param entry the entry
     * @return the entry with one more version
     * @throws IllegalArgumentException if it has all the versions that it can have
     */
    public DataKeyEntry addVersion(StoreContent in, DataKeyEntry entry) {
        int number = Math.addExact(entry.newest().number(), 1);
        StoreLimits.require(
                entry.versions().size() < StoreLimits.VERSIONS,
                entry,
                "a data key has at most " + StoreLimits.VERSIONS + " versions; remove one first");
        byte[] blob = service.toBlob(generate(in, entry, entry.key(), number));
        List<Version> versions = new ArrayList<>(entry.versions());
        versions.add(new Version(number, clock.instant(), blob));
        return entry.withVersions(versions);
    }

    /**
     * Gives what a handle unwraps a version by. No request.
     *
     * @param in the content that the entry is in
     * @param entry the entry
     * @param version one of its versions
     * @return the data key, still wrapped
     */
    public StoredDataKey stored(StoreContent in, DataKeyEntry entry, Version version) {
        return new StoredDataKey(
                entry.alias(),
                version.number(),
                entry.usage(),
                entry.length(),
                entry.key(),
                version.blob(),
                StoreWrappingSteps.contextOf(in, entry, version.number()),
                entry.maxMessages(),
                entry.extractable());
    }

    /**
     * Encrypts a private key. One request, and one more where an alias has to be looked up.
     *
     * @param in the content that the entry is for
     * @param alias its alias there
     * @param key the key to encrypt it under: an alias, key id or ARN
     * @param context further pairs in the encryption context
     * @param privateKey a key with a PKCS #8 form
     * @param chain its certificates, its own first
     * @return the entry
     * @throws InvalidKeyException if the key has no such form
     * @throws CertificateEncodingException if a certificate has no DER form
     * @throws IllegalArgumentException if the entry cannot be like that
     */
    public PrivateKeyEntry wrap(
            StoreContent in,
            String alias,
            KeyId key,
            Map<String, String> context,
            PrivateKey privateKey,
            Certificate[] chain)
            throws InvalidKeyException, CertificateEncodingException {
        List<byte[]> certificates = new ArrayList<>();
        for (Certificate certificate : chain) {
            certificates.add(certificate.getEncoded());
        }
        PrivateKeyEntry plan = new PrivateKeyEntry(
                alias, clock.instant(), key, context, privateKey.getAlgorithm(), new byte[1], certificates);
        byte[] encoded = PrivateKeyForms.encode(privateKey);
        try {
            return steps.encrypt(plan, in, alias, key, encoded);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /**
     * Decrypts a private key. One request.
     *
     * @param in the content that the entry is in
     * @param entry the entry
     * @return the key, of the JDK's own classes where it has the algorithm, else of BouncyCastle's
     * @throws UnrecoverableKeyException if it was changed, is of another file, alias, or key, or is no key of its algorithm
     */
    public PrivateKey unwrap(StoreContent in, PrivateKeyEntry entry) throws UnrecoverableKeyException {
        byte[] encoded = steps.decrypt(in, entry);
        try {
            return PrivateKeyForms.decode(entry.alias(), entry.algorithm(), encoded);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    /**
     * Wraps an entry for another alias of the same file. One request for each version of a data key, two for a private key.
     *
     * @param in the content that the entry is in
     * @param entry the entry
     * @param alias the other alias
     * @return the entry under that alias
     * @throws UnrecoverableKeyException if it does not unwrap
     * @throws IllegalArgumentException if no alias can be like that
     */
    public StoreEntry rename(StoreContent in, StoreEntry entry, String alias) throws UnrecoverableKeyException {
        return copy(in, entry, in, alias);
    }

    /**
     * Lets less be done with a data key, perhaps under another alias of the same file. One request for each of its versions.
     *
     * @param in the content that the entry is in
     * @param entry the entry
     * @param alias the alias that it is to have
     * @param extractable whether it may be given out in the clear: only if it may now
     * @param maxMessages as {@link DataKeyEntry#maxMessages()}: at most what it is now
     * @return the entry with all its versions
     * @throws UnrecoverableKeyException if it does not unwrap
     * @throws IllegalArgumentException if that is more than can be done with it now, or no alias can be like that
     */
    public DataKeyEntry restrict(
            StoreContent in, DataKeyEntry entry, String alias, boolean extractable, long maxMessages)
            throws UnrecoverableKeyException {
        StoreLimits.require(
                entry.extractable() || !extractable, entry, "a data key that is not extractable does not become so");
        StoreLimits.require(
                maxMessages <= entry.maxMessages(),
                entry,
                "the entry allows " + entry.maxMessages() + " messages, and they do not become more");
        return steps.move(in, entry, in, entry.withAlias(alias).limited(extractable, maxMessages), entry.key());
    }

    /**
     * Wraps an entry for a place in another file. Requests as {@link #rename}.
     *
     * @param from the content that the entry is in
     * @param entry the entry
     * @param to the content that it is for
     * @param alias its alias there
     * @return the entry for that place
     * @throws UnrecoverableKeyException if it does not unwrap
     * @throws IllegalArgumentException if no alias can be like that
     */
    public StoreEntry copy(StoreContent from, StoreEntry entry, StoreContent to, String alias)
            throws UnrecoverableKeyException {
        EntryFields.alias(alias);
        if (entry instanceof DataKeyEntry dataKey) {
            return steps.move(from, dataKey, to, dataKey.withAlias(alias), dataKey.key());
        }
        if (entry instanceof PrivateKeyEntry privateKey) {
            return steps.move(from, privateKey, to, alias, privateKey.key());
        }
        return entry instanceof KeyPointer pointer
                ? new KeyPointer(alias, pointer.created(), pointer.key())
                : new CertificateEntry(alias, entry.created(), ((CertificateEntry) entry).certificate());
    }

    /**
     * Wraps a data key of another file for a place in this one, inside the service: under the same key, for the same usage, with
     * the same pairs of its own, and not extractable. One request, and one more where an alias has to be looked up.
     *
     * @param foreign what the other file says of it
     * @param to the content that it is for
     * @param alias its alias there
     * @param maxMessages as {@link DataKeyEntry#maxMessages()}; no more than it had
     * @return the entry, of one version
     * @throws UnrecoverableKeyException if it does not unwrap in this service
     * @throws IllegalArgumentException if no alias can be like that
     */
    public DataKeyEntry adopt(StoredDataKey foreign, StoreContent to, String alias, long maxMessages)
            throws UnrecoverableKeyException {
        Map<String, String> own = new LinkedHashMap<>(foreign.context().asMap());
        own.keySet().removeIf(name -> name.startsWith(EntryContext.RESERVED_PREFIX));
        KeyId target = steps.current(foreign.key());
        DataKeyEntry plan = plan(
                alias,
                target,
                foreign.usage(),
                foreign.length(),
                false,
                own,
                Math.min(foreign.maxMessages(), maxMessages));
        try {
            EncryptedDataKey moved = service.reEncrypt(
                    foreign.key(),
                    service.fromBlob(foreign.key(), foreign.blob()),
                    foreign.context(),
                    target,
                    StoreWrappingSteps.contextOf(to, plan, 1));
            return withVersion(plan, moved, 1);
        } catch (InvalidCiphertextException e) {
            throw PrivateKeyForms.unrecoverable(
                    "the data key " + Quoted.of(foreign.name()) + " of another file does not unwrap in this service",
                    e);
        }
    }

    /**
     * Wraps an entry under another key, or under the newest version of its own. Requests as {@link #rename}. Whoever knew what
     * is in it still does.
     *
     * @param in the content that the entry is in
     * @param entry the entry
     * @param key an alias, key id or ARN of the main service
     * @return the entry under that key; itself if nothing is wrapped in it
     * @throws UnrecoverableKeyException if it does not unwrap
     */
    public StoreEntry rewrap(StoreContent in, StoreEntry entry, KeyId key) throws UnrecoverableKeyException {
        if (entry instanceof DataKeyEntry dataKey) {
            return steps.move(in, dataKey, in, dataKey, key);
        }
        return entry instanceof PrivateKeyEntry privateKey
                ? steps.move(in, privateKey, in, privateKey.alias(), key)
                : entry;
    }
}
