package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.GcmDecryption;
import dev.kmsenvelope.crypto.UnverifiedDecryption;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KmsException;
import java.security.Provider;
import java.util.Arrays;

/**
 * Goes from the encrypted data key of a message to the cipher that opens the message. Immutable.
 *
 * @param recipient who reads
 * @param gcm who does AES-GCM
 */
record DataKeyOpening(Recipient recipient, Provider gcm) {

    /**
     * Has a data key decrypted.
     *
     * @param encrypted as it stands in the message
     * @param bytes of ciphertext that are about to be decrypted with it
     * @return the cipher, which the caller closes
     * @throws InvalidMessageException if it is not for this reader, or no data key for AES-GCM
     * @throws KmsException if the service fails, unless another one opens it
     */
    AesGcm open(byte[] encrypted, long bytes) throws InvalidMessageException {
        try (DataKeyLease dataKey = decrypt(encrypted)) {
            dataKey.used(bytes);
            return cipher(dataKey);
        }
    }

    /**
     * Has a data key decrypted, for a message that is too long for one call.
     *
     * @param encrypted as it stands in the message
     * @param nonce of the message
     * @param aad the caller's associated data
     * @return what decrypts the message, which the caller closes
     * @throws InvalidMessageException if it is not for this reader, or no data key for AES-GCM
     * @throws KmsException if the service fails, unless another one opens it
     */
    InPieces openInPieces(byte[] encrypted, byte[] nonce, byte[] aad) throws InvalidMessageException {
        try (DataKeyLease dataKey = decrypt(encrypted)) {
            byte[] key = key(dataKey);
            try {
                return new InPieces(dataKey, new GcmDecryption(gcm, key, nonce, aad));
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        }
    }

    /**
     * A decryption in pieces.
     *
     * @param dataKey is told at the end how much it decrypted
     * @param decryption gives what is not verified
     */
    record InPieces(DataKeyLease dataKey, UnverifiedDecryption decryption) {}

    private DataKeyLease decrypt(byte[] encrypted) throws InvalidMessageException {
        BlobOpener opener = new BlobOpener(recipient, TinkDataKey.reading(), EncryptionContext.empty());
        DataKeyLease dataKey = opener.open(encrypted);
        if (dataKey != null) {
            return dataKey;
        }
        KmsException first = opener.failure();
        if (first != null) {
            throw first;
        }
        if (!opener.hasTried()) {
            throw new InvalidMessageException(
                    Reason.WRONG_KEY,
                    "the message is not for the key " + recipient.key() + ", nor for a further one that may open it");
        }
        throw notAuthentic();
    }

    private AesGcm cipher(DataKeyLease dataKey) throws InvalidMessageException {
        byte[] key = key(dataKey);
        try {
            return AesGcm.ofMessageKey(gcm, key);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static byte[] key(DataKeyLease dataKey) throws InvalidMessageException {
        byte[] serialized = dataKey.copyKey();
        try {
            return TinkDataKey.parse(serialized);
        } catch (InvalidMessageException e) {
            throw notAuthentic();
        } finally {
            Arrays.fill(serialized, (byte) 0);
        }
    }

    /** One text for all that only the key can tell (RULES 12). */
    static InvalidMessageException notAuthentic() {
        return new InvalidMessageException(
                Reason.NOT_AUTHENTIC,
                "the message or its data key was changed, its data key is not for AES-GCM, or the associated data (AAD)"
                        + " is not the one given");
    }
}
