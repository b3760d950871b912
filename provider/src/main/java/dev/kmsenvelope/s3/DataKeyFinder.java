package dev.kmsenvelope.s3;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.engine.Admission;
import dev.kmsenvelope.engine.Authority;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KmsException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the data key of one object. Its metadata does not say which key encrypted it, so each name that the reader has is
 * tried, in order, until one opens: a service is asked at most once for each name that is configured. Used once.
 */
final class DataKeyFinder {

    private final Recipient recipient;
    private final ContentMetadata metadata;
    private boolean tried;
    private @Nullable KmsException failure;

    DataKeyFinder(Recipient recipient, ContentMetadata metadata) {
        this.recipient = recipient;
        this.metadata = metadata;
    }

    /**
     * The data key.
     *
     * @return the data key, which the caller closes
     * @throws InvalidMessageException if no key of the reader opens it
     * @throws KmsException if none opens it and a service failed (RULES 19)
     */
    DataKeyLease find() throws InvalidMessageException {
        for (Authority authority : recipient.authorities()) {
            DataKeyLease lease = findWith(authority);
            if (lease != null) {
                return lease;
            }
        }
        if (failure != null) {
            throw failure;
        }
        if (!tried) {
            throw new InvalidMessageException(
                    Reason.WRONG_KEY,
                    "the object is not for the key " + recipient.key() + " of the "
                            + recipient.authorities().get(0).service().name() + " key service"
                            + (recipient.authorities().size() == 1 ? "" : ", nor for a further one that may open it"));
        }
        throw notAuthentic();
    }

    /** One text for all that only the key can tell (RULES 12). */
    static InvalidMessageException notAuthentic() {
        return new InvalidMessageException(
                Reason.NOT_AUTHENTIC, "the object or its metadata was changed, or is for another key");
    }

    private @Nullable DataKeyLease findWith(Authority authority) {
        Admission admission = new Admission(authority, recipient.key(), this::remember);
        Set<EncryptedDataKey> seen = new HashSet<>();
        for (KeyId name : authority.keys()) {
            EncryptedDataKey encrypted = encryptedFor(name, authority);
            if (encrypted != null && metadata.wrapAlgorithm().hasMade(encrypted) && seen.add(encrypted)) {
                DataKeyLease lease = open(authority, admission, encrypted);
                if (lease != null) {
                    return lease;
                }
            }
        }
        return null;
    }

    private @Nullable EncryptedDataKey encryptedFor(KeyId name, Authority authority) {
        try {
            return authority.service().fromBlob(name, metadata.encryptedDataKey());
        } catch (InvalidCiphertextException e) {
            return null; // not this service's
        } catch (KeyNotFoundException e) {
            if (name.equals(recipient.key())) {
                remember(e);
            }
            return null; // a further name may have a key still
        } catch (KmsException e) {
            remember(e);
            return null;
        }
    }

    private @Nullable DataKeyLease open(Authority authority, Admission admission, EncryptedDataKey encrypted) {
        DataKeyLease remembered =
                authority.source().remembered(metadata.algorithm().use(), encrypted, metadata.boundContext());
        if (remembered != null) {
            return remembered;
        }
        Optional<KeyId> key = admission.admit(encrypted);
        if (key.isEmpty()) {
            return null;
        }
        tried = true;
        DataKeyLease lease;
        try {
            lease = authority
                    .source()
                    .forDecryption(key.get(), metadata.algorithm().use(), encrypted, metadata.boundContext());
        } catch (InvalidCiphertextException e) {
            return null; // not under this key; another one may have encrypted it
        } catch (KmsException e) {
            remember(e);
            return null;
        }
        if (lease.length() == ContentAlgorithm.DATA_KEY_LENGTH) {
            return lease;
        }
        lease.close();
        return null;
    }

    private void remember(KmsException e) {
        failure = failure == null ? e : failure;
    }
}
