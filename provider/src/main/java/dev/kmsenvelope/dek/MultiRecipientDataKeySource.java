package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Encrypts each data key under further keys, of the same or of other services, so that any one of them opens it: the first
 * source makes the data key, the services of the others encrypt its plaintext. All or none: when one of them fails, so does
 * the encryption, and the data key is wiped.
 *
 * <p>A further name that turns out to mean a key of the same service which the data key was encrypted under already adds
 * nothing.
 *
 * @param first makes data keys, and decrypts those of its own service
 * @param service the service that the first source asks
 * @param further whom else data keys are encrypted for, in the order in which messages carry them
 */
public record MultiRecipientDataKeySource(DataKeySource first, KeyService service, List<ServiceKey> further)
        implements DataKeySource {

    /** Copies the list. */
    public MultiRecipientDataKeySource {
        further = List.copyOf(further);
    }

    @Override
    public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
        DataKeyLease made = first.forEncryption(key, use, context);
        boolean complete = false;
        try {
            Lease lease = new Lease(made, encryptForAll(made, context));
            complete = true;
            return lease;
        } finally {
            if (!complete) {
                made.close();
            }
        }
    }

    private List<EncryptedDataKey> encryptForAll(DataKeyLease made, EncryptionContext context) {
        List<Made> all = new ArrayList<>();
        made.encrypted().forEach(encrypted -> all.add(new Made(service, encrypted)));
        byte[] plaintext = made.copyKey();
        try {
            for (ServiceKey recipient : further) {
                Made next =
                        new Made(recipient.service(), recipient.service().encrypt(recipient.id(), plaintext, context));
                if (all.stream().noneMatch(next::isUnderTheKeyOf)) {
                    all.add(next);
                }
            }
            return all.stream().map(Made::encrypted).toList();
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    @Override
    public DataKeyLease forDecryption(
            KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
        return first.forDecryption(key, use, encrypted, context);
    }

    /** The same objects as services, not equal ones, which may have other credentials (RULES 13). */
    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(Object other) {
        return other instanceof MultiRecipientDataKeySource that
                && first.equals(that.first)
                && service == that.service
                && further.equals(that.further);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * first.hashCode() + System.identityHashCode(service)) + further.hashCode();
    }

    private record Made(KeyService by, EncryptedDataKey encrypted) {

        /** Never across services: those of one kind may give the same name to different keys. */
        boolean isUnderTheKeyOf(Made other) {
            Optional<KeyId> key = by.keyOf(encrypted);
            return by.equals(other.by) && key.isPresent() && key.equals(by.keyOf(other.encrypted));
        }
    }

    private record Lease(DataKeyLease made, List<EncryptedDataKey> encrypted) implements DataKeyLease {

        @Override
        public byte[] copyKey() {
            return made.copyKey();
        }

        @Override
        public int length() {
            return made.length();
        }

        @Override
        public void used(long bytes) {
            made.used(bytes);
        }

        @Override
        public void close() {
            made.close();
        }
    }
}
