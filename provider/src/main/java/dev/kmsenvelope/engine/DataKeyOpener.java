package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the data key of one message: tries its encrypted data keys in their order, each with every authority that may
 * decrypt it, in theirs, until one opens. So a service is asked to decrypt at most once per encrypted data key, and not at
 * all where an earlier one opened. Not thread-safe.
 */
final class DataKeyOpener {

    private final Recipient recipient;
    private final DataKeyUse use;
    private final EncryptionContext context;
    private boolean tried;
    private @Nullable KmsException failure;

    /** The context is all that the data key is bound to, whether it stands in the header or not. */
    DataKeyOpener(Recipient recipient, DataKeyUse use, EncryptionContext context) {
        this.recipient = recipient;
        this.use = use;
        this.context = context;
    }

    private record Attempts(Authority authority, Admission admission) {}

    /** The data key, which the caller closes, or null if none opens. */
    @Nullable
    DataKeyLease open(MessageHeader header) {
        DataKeyLease remembered = remembered(header);
        if (remembered != null) {
            return remembered;
        }
        List<Attempts> all = new ArrayList<>();
        for (Authority authority : recipient.authorities()) {
            all.add(new Attempts(authority, new Admission(authority, recipient.key(), this::remember)));
        }
        for (EncryptedDataKey encrypted : new LinkedHashSet<>(header.encryptedDataKeys())) {
            for (Attempts with : all) {
                Optional<KeyId> key = with.admission().admit(encrypted);
                DataKeyLease lease = key.isEmpty() ? null : decrypt(with.authority(), key.get(), encrypted);
                if (lease != null) {
                    return lease;
                }
            }
        }
        return null;
    }

    /** What opened for the same reader before needs neither a look-up nor a request. */
    private @Nullable DataKeyLease remembered(MessageHeader header) {
        for (EncryptedDataKey encrypted : header.encryptedDataKeys()) {
            for (Authority authority : recipient.authorities()) {
                DataKeyLease lease = authority.source().remembered(use, encrypted, context);
                if (lease != null) {
                    return lease;
                }
            }
        }
        return null;
    }

    private @Nullable DataKeyLease decrypt(Authority authority, KeyId key, EncryptedDataKey encrypted) {
        tried = true;
        try {
            DataKeyLease lease = authority.source().forDecryption(key, use, encrypted, context);
            if (lease.length() == use.length()) {
                return lease;
            }
            lease.close();
        } catch (InvalidCiphertextException e) {
            // not this one; the message may carry another that opens
        } catch (KmsException e) {
            remember(e);
        }
        return null;
    }

    private void remember(KmsException e) {
        failure = failure == null ? e : failure;
    }

    /** The first failure of a service, which counts only if no data key opened (RULES 19). */
    @Nullable
    KmsException failure() {
        return failure;
    }

    /** Whether the message has a data key that may be decrypted. */
    boolean hasTried() {
        return tried;
    }
}
