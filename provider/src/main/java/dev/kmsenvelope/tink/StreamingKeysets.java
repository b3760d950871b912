package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.ContextBinding;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import java.util.Arrays;

/** Has key services encrypt and decrypt keysets for streams. */
public final class StreamingKeysets {

    private static final DataKeyUse USE = new DataKeyUse(DataKeyUse.ELSEWHERE + 1, DataKeyUse.ANY_LENGTH, true);

    private StreamingKeysets() {}

    /**
     * Makes a keyset with one fresh key, whose derivation is with SHA-256.
     *
     * @param service encrypts it
     * @param key the key of the service to encrypt it under
     * @param layout of the streams
     * @param associatedData of the keyset
     * @param random where the key and its id come from
     * @return the encrypted keyset in Tink's binary form
     * @throws KmsException if the service fails
     */
    public static byte[] create(
            KeyService service, KeyId key, StreamLayout layout, byte[] associatedData, RandomSource random) {
        requireBinding(service, key);
        int keyId = 0;
        while (keyId == 0) {
            byte[] drawn = random.next(Integer.BYTES);
            keyId = drawn[0] << 24 | (drawn[1] & 0xFF) << 16 | (drawn[2] & 0xFF) << 8 | (drawn[3] & 0xFF);
        }
        byte[] keyset = StreamingKeyset.create(layout, keyId, random);
        try {
            byte[] encrypted = service.toBlob(service.encrypt(key, keyset, EncryptedKeyset.context(associatedData)));
            return EncryptedKeyset.serialize(encrypted, keyId);
        } finally {
            Arrays.fill(keyset, (byte) 0);
        }
    }

    /**
     * Opens a keyset.
     *
     * @param recipient whose keys may decrypt it
     * @param keyset encrypted
     * @param maxSegmentLength the longest segments that are accepted, in bytes
     * @return its keys, which the caller closes
     * @throws InvalidCiphertextException if it was changed, or is for another key or with other associated data
     * @throws KmsConfigurationException if it is for something else
     * @throws KmsException if the service fails
     */
    static StreamingKeyset open(Recipient recipient, EncryptedKeyset keyset, int maxSegmentLength) {
        BlobOpener opener = new BlobOpener(recipient, USE, keyset.context(), StreamingKeysets::requireBinding);
        try (DataKeyLease lease = opener.open(keyset.encrypted())) {
            if (lease == null) {
                KmsException failure = opener.failure();
                throw failure != null
                        ? failure
                        : new InvalidCiphertextException("the keyset of Tink is not encrypted under the key "
                                + recipient.key() + ", was changed, or has other associated data");
            }
            return requireShort(parse(lease), maxSegmentLength);
        }
    }

    /** A keyset is bound to its associated data by its key alone. */
    private static void requireBinding(KeyService service, KeyId key) {
        ContextBinding.require(service, key, "keysets of Tink");
    }

    private static StreamingKeyset parse(DataKeyLease lease) {
        byte[] serialized = lease.copyKey();
        try {
            return StreamingKeyset.parse(serialized);
        } catch (InvalidMessageException e) {
            throw new KmsConfigurationException("the keyset of Tink cannot be used: " + e.getMessage(), e);
        } finally {
            Arrays.fill(serialized, (byte) 0);
        }
    }

    private static StreamingKeyset requireShort(StreamingKeyset keyset, int maxSegmentLength) {
        for (StreamingKey key : keyset.all()) {
            if (key.layout().segmentLength() > maxSegmentLength) {
                keyset.close();
                throw new KmsConfigurationException("the keyset of Tink is for segments of "
                        + key.layout().segmentLength() + " bytes; the setting decrypt.max-frame-length allows "
                        + maxSegmentLength);
            }
        }
        return keyset;
    }
}
