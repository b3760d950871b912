package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import java.util.Arrays;
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

    private final List<Attempts> all;
    private final int length;
    private boolean tried;
    private @Nullable KmsException failure;

    DataKeyOpener(Recipient recipient, int length) {
        this.length = length;
        this.all = recipient.authorities().stream()
                .map(authority -> new Attempts(authority, new Admission(authority, recipient.key(), this::remember)))
                .toList();
    }

    private record Attempts(Authority authority, Admission admission) {}

    /** The data key, which the caller wipes, or null if none opens. */
    byte @Nullable [] open(MessageHeader header) {
        for (EncryptedDataKey encrypted : new LinkedHashSet<>(header.encryptedDataKeys())) {
            for (Attempts with : all) {
                Optional<KeyId> key = with.admission().admit(encrypted);
                byte[] dataKey =
                        key.isEmpty() ? null : decrypt(with.authority(), key.get(), encrypted, header.context());
                if (dataKey != null) {
                    return dataKey;
                }
            }
        }
        return null;
    }

    private byte @Nullable [] decrypt(
            Authority authority, KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        tried = true;
        try (DataKeyLease lease = authority.source().forDecryption(key, encrypted, context)) {
            byte[] dataKey = lease.copyKey();
            if (dataKey.length == length) {
                return dataKey;
            }
            Arrays.fill(dataKey, (byte) 0);
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
