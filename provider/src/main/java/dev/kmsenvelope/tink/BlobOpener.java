package dev.kmsenvelope.tink;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.engine.Admission;
import dev.kmsenvelope.engine.Authority;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Has a key service decrypt what Tink had one encrypt: bytes that need not tell which key they are for. Each name that the
 * reader may use is tried once, so what a message asks of the services is bounded by what is configured. Not thread-safe.
 */
final class BlobOpener {

    private final Recipient recipient;
    private final DataKeyUse use;
    private final EncryptionContext context;
    private final BiConsumer<KeyService, KeyId> check;
    private boolean tried;
    private @Nullable KmsException failure;

    BlobOpener(Recipient recipient, DataKeyUse use, EncryptionContext context) {
        this(recipient, use, context, (service, key) -> {});
    }

    /** With a check of each key before it decrypts, which throws if the key is not one for this. */
    BlobOpener(Recipient recipient, DataKeyUse use, EncryptionContext context, BiConsumer<KeyService, KeyId> check) {
        this.recipient = recipient;
        this.use = use;
        this.context = context;
        this.check = check;
    }

    private record Candidate(Authority authority, Admission admission, EncryptedDataKey encrypted) {}

    /** What was encrypted, which the caller closes, or null if nobody opens it. */
    @Nullable
    DataKeyLease open(byte[] blob) {
        List<Candidate> candidates = new ArrayList<>();
        for (Authority authority : recipient.authorities()) {
            addCandidates(authority, blob, candidates);
        }
        for (Candidate candidate : candidates) {
            DataKeyLease remembered = candidate.authority().source().remembered(use, candidate.encrypted(), context);
            if (remembered != null) {
                return remembered;
            }
        }
        for (Candidate candidate : candidates) {
            Optional<KeyId> key = candidate.admission().admit(candidate.encrypted());
            DataKeyLease lease = key.isEmpty() ? null : decrypt(candidate, key.get());
            if (lease != null) {
                return lease;
            }
        }
        return null;
    }

    private void addCandidates(Authority authority, byte[] blob, List<Candidate> candidates) {
        Admission admission = new Admission(authority, recipient.key(), this::remember);
        Set<EncryptedDataKey> known = new HashSet<>();
        for (KeyId name : authority.keys()) {
            try {
                EncryptedDataKey encrypted = authority.service().fromBlob(name, blob);
                if (known.add(encrypted)) {
                    candidates.add(new Candidate(authority, admission, encrypted));
                }
            } catch (InvalidCiphertextException e) {
                tried = true; // and found not to be this service's
            } catch (KeyNotFoundException e) {
                if (name.equals(recipient.key())) {
                    remember(e);
                }
            } catch (KmsException e) {
                remember(e);
            }
        }
    }

    private @Nullable DataKeyLease decrypt(Candidate candidate, KeyId key) {
        tried = true;
        try {
            check.accept(candidate.authority().service(), key);
            return candidate.authority().source().forDecryption(key, use, candidate.encrypted(), context);
        } catch (InvalidCiphertextException e) {
            return null; // not under this key; another one may have encrypted it
        } catch (KmsException e) {
            remember(e);
            return null;
        }
    }

    private void remember(KmsException e) {
        failure = failure == null ? e : failure;
    }

    /** The first failure of a service, which counts only if nobody opened it (RULES 19). */
    @Nullable
    KmsException failure() {
        return failure;
    }

    /** Whether there was a key to try. */
    boolean hasTried() {
        return tried;
    }
}
