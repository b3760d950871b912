package dev.kmsenvelope.provider;

import dev.kmsenvelope.dek.CacheSettings;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.dek.ServiceKey;
import dev.kmsenvelope.engine.Admission;
import dev.kmsenvelope.engine.Authority;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.spi.KeyServices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Has a stored data key decrypted by the service that encrypted it, through the cache of data keys. There it has a use of its
 * own for every usage, so that it is never taken for the data key of a message, nor for one with another usage (RULES 9, 13).
 * Thread-safe.
 */
final class StoredKeySource {

    private final KeyServices services;
    private final StoredDataKey stored;
    private final CacheSettings settings;
    private final DataKeyUse use;

    /** Made by the first use; threads that meet there make equal ones. */
    private volatile @Nullable Authority authority;

    /** What the blob stands for, once it was decrypted. */
    private volatile @Nullable EncryptedDataKey opened;

    StoredKeySource(KeyServices services, StoredDataKey stored, CacheSettings settings) {
        this.services = services;
        this.stored = stored;
        this.settings = settings;
        this.use = DataKeyUse.ofStoredKey(stored.usage().number(), stored.length());
    }

    /**
     * The key, for one message.
     *
     * @return the data key; the caller closes it
     * @throws InvalidCiphertextException if it was changed, is for another key, has another encryption context, or has not the
     *     length that it should have
     * @throws KmsException what else the service fails with
     */
    DataKeyLease lease() {
        Authority from = authority();
        EncryptedDataKey encrypted = encrypted(from);
        DataKeyLease remembered = from.source().remembered(use, encrypted, stored.context());
        DataKeyLease lease = remembered != null ? remembered : decrypt(from, encrypted);
        if (lease.length() != stored.length()) {
            lease.close();
            throw damaged();
        }
        if (opened == null) {
            opened = encrypted;
        }
        return lease;
    }

    private Authority authority() {
        Authority known = authority;
        if (known == null) {
            ServiceKey own = new ServiceKey(services.main(), stored.key());
            HandleKeys keys = new HandleKeys(own, List.of(), List.of(), Optional.empty());
            known = HandleSources.of(services, keys, settings).reading().get(0);
            authority = known;
        }
        return known;
    }

    private EncryptedDataKey encrypted(Authority from) {
        EncryptedDataKey known = opened;
        if (known != null) {
            return known;
        }
        try {
            return from.service().fromBlob(stored.key(), stored.blob());
        } catch (InvalidCiphertextException e) {
            throw damaged();
        }
    }

    /** Only by the key that the entry names, and those that its alias meant before, where the service knows them (RULES 14). */
    private DataKeyLease decrypt(Authority from, EncryptedDataKey encrypted) {
        List<KmsException> failures = new ArrayList<>();
        Optional<KeyId> key = new Admission(from, stored.key(), failures::add).admit(encrypted);
        if (key.isEmpty()) {
            throw failures.isEmpty() ? damaged() : failures.get(0);
        }
        DataKeySource source = from.source();
        try {
            return source.forDecryption(key.get(), use, encrypted, stored.context());
        } catch (InvalidCiphertextException e) {
            throw damaged();
        }
    }

    /** One text for every fault, and no cause (RULES 12). */
    private InvalidCiphertextException damaged() {
        return new InvalidCiphertextException("the data key '" + stored.name() + "' (version " + stored.version()
                + ") cannot be decrypted: it was changed, or is not for the key " + stored.key()
                + ", or belongs to another entry or another keystore file");
    }
}
