package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.keystore.file.DataKeyEntry.Version;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.text.Quoted;
import java.security.InvalidKeyException;
import java.security.UnrecoverableKeyException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The steps that several operations of {@link StoreWrapping} share: moving what is wrapped from one place to another, and the
 * contexts that name the places. Immutable and thread-safe.
 */
final class StoreWrappingSteps {

    private final KeyServices services;
    private final KeyService service;

    StoreWrappingSteps(KeyServices services) {
        this.services = services;
        this.service = services.main();
    }

    /** The key that a name leads to now: aliases can be pointed elsewhere. */
    KeyId current(KeyId key) {
        return service.decryptionKeys(key).iterator().next();
    }

    /**
     * Has the service wrap a data key for another place, all its versions.
     *
     * @param from the content that the entry is in
     * @param entry the entry
     * @param to the content that the other place is in
     * @param plan the entry as it is to be there, but for what is wrapped and under what
     * @param key the key to wrap it under
     */
    DataKeyEntry move(StoreContent from, DataKeyEntry entry, StoreContent to, DataKeyEntry plan, KeyId key)
            throws UnrecoverableKeyException {
        KeyId target = current(key);
        List<Version> versions = new ArrayList<>();
        for (Version version : entry.versions()) {
            try {
                EncryptedDataKey moved = service.reEncrypt(
                        entry.key(),
                        service.fromBlob(entry.key(), version.blob()),
                        contextOf(from, entry, version.number()),
                        target,
                        contextOf(to, plan, version.number()));
                versions.add(new Version(version.number(), version.created(), service.toBlob(moved)));
            } catch (InvalidCiphertextException e) {
                throw PrivateKeyForms.unrecoverable(
                        "version " + version.number() + " of the data key " + Quoted.of(entry.alias())
                                + " does not unwrap: it was changed, or is of another entry or file",
                        e);
            }
        }
        return plan.withKey(target, versions);
    }

    /** Decrypts a private key and encrypts it for another place. */
    PrivateKeyEntry move(StoreContent from, PrivateKeyEntry entry, StoreContent to, String alias, KeyId key)
            throws UnrecoverableKeyException {
        byte[] encoded = decrypt(from, entry);
        try {
            return encrypt(entry, to, alias, key, encoded);
        } catch (InvalidKeyException e) {
            throw new IllegalStateException("a handle that may encrypt does not", e);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    PrivateKeyEntry encrypt(PrivateKeyEntry entry, StoreContent to, String alias, KeyId key, byte[] encoded)
            throws InvalidKeyException {
        KeyId target = current(key);
        byte[] message = new PrivateKeyMessages(services, target).encrypt(encoded, contextOf(to, alias, entry));
        return new PrivateKeyEntry(
                alias, entry.created(), target, entry.context(), entry.algorithm(), message, entry.chain());
    }

    /** The PKCS #8 form; the caller wipes it. */
    byte[] decrypt(StoreContent in, PrivateKeyEntry entry) throws UnrecoverableKeyException {
        return new PrivateKeyMessages(services, entry.key())
                .decrypt(entry.alias(), entry.message(), contextOf(in, entry.alias(), entry));
    }

    static EncryptionContext contextOf(StoreContent in, DataKeyEntry entry, int version) {
        return EntryContext.ofDataKey(
                in.id(), entry.alias(), entry.usage(), entry.extractable(), version, entry.context());
    }

    private static EncryptionContext contextOf(StoreContent in, String alias, PrivateKeyEntry entry) {
        return EntryContext.ofPrivateKey(in.id(), alias, entry.algorithm(), entry.context());
    }
}
