package dev.kmsenvelope.s3;

import dev.kmsenvelope.crypto.AesCiphers;
import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.CbcDecryption;
import dev.kmsenvelope.crypto.GcmDecryption;
import dev.kmsenvelope.crypto.UnverifiedDecryption;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.engine.Commitment;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.security.MessageDigest;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;

/**
 * The right to decrypt the body of one object: the way from its metadata to its key is behind it. In this order: the context
 * is compared (RULES 3), the data key decrypted, the commitment compared (RULES 4). Closing wipes the key. Not thread-safe.
 */
final class BodyDecryption implements AutoCloseable {

    private static final int BLOCK = 16;
    private static final String ALLOWING = Commitment.REQUIRE_ENCRYPT_ALLOW_DECRYPT.settingValue();

    private final Provider gcm;
    private final ContentMetadata metadata;
    private final DataKeyLease dataKey;
    private final byte[] contentKey;

    private BodyDecryption(Provider gcm, ContentMetadata metadata, DataKeyLease dataKey, byte[] contentKey) {
        this.gcm = gcm;
        this.metadata = metadata;
        this.dataKey = dataKey;
        this.contentKey = contentKey;
    }

    static BodyDecryption open(ContentMetadata metadata, Recipient recipient, S3Settings objects, Provider gcm)
            throws InvalidMessageException {
        requireAllowed(metadata, objects);
        if (!metadata.context().containsAll(recipient.required())) {
            throw new InvalidMessageException(
                    Reason.WRONG_CONTEXT,
                    metadata.wrapAlgorithm().isOfService()
                            ? "the object does not have the encryption context that is required"
                            : "the object's data key is bound to no encryption context, and one is required");
        }
        try (DataKeyLease lease = new DataKeyFinder(recipient, metadata).find()) {
            return new BodyDecryption(gcm, metadata, lease, contentKey(metadata, lease.copyKey()));
        }
    }

    /** Before anything else is done with an object: no key service is asked (RULES 8). */
    private static void requireAllowed(ContentMetadata metadata, S3Settings objects) throws InvalidMessageException {
        boolean isLegacy =
                metadata.algorithm() == ContentAlgorithm.CBC || metadata.wrapAlgorithm() == WrapAlgorithm.KMS;
        if (isLegacy && !objects.legacy()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "a legacy object, whose body or content algorithm is not authenticated; the setting s3.legacy allows it,"
                            + " with " + S3Settings.POLICY + " = " + ALLOWING);
        }
        if (metadata.algorithm() != ContentAlgorithm.COMMITTING
                && !objects.commitment().readsOthers()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "an object of version 2, which does not commit to its key; the setting " + S3Settings.POLICY + " = "
                            + ALLOWING + " allows it");
        }
    }

    /** Takes over the data key. */
    private static byte[] contentKey(ContentMetadata metadata, byte[] dataKey) throws InvalidMessageException {
        byte[] commitment = metadata.commitment();
        if (commitment == null) {
            return dataKey;
        }
        try {
            ContentKeys keys = ContentKeys.derive(dataKey, metadata.nonce());
            if (MessageDigest.isEqual(keys.commitment(), commitment)) {
                return keys.contentKey();
            }
            keys.close();
            throw DataKeyFinder.notAuthentic();
        } finally {
            Arrays.fill(dataKey, (byte) 0);
        }
    }

    /** At most how much plaintext a body has; exactly, if it is authenticated. */
    static long plaintextLength(ContentAlgorithm algorithm, long bodyLength) {
        return Math.max(0, bodyLength - algorithm.tagLength());
    }

    /** Decrypts all of a body; on failure {@code out} has no plaintext. Returns how many bytes were written. */
    int decrypt(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        requireWhole(length);
        int written = metadata.algorithm() == ContentAlgorithm.CBC
                ? decryptCbc(in, offset, length, out)
                : decryptGcm(in, offset, length, out);
        used(written);
        return written;
    }

    /** Tells the data key how much it decrypted. */
    void used(long bytes) {
        dataKey.used(bytes);
    }

    /** For a body that is too long for one call; its end has to be {@link #requireWhole whole}. */
    UnverifiedDecryption inPieces() {
        return metadata.algorithm() == ContentAlgorithm.CBC
                ? new CbcDecryption(contentKey, metadata.nonce())
                : new GcmDecryption(gcm, contentKey, nonce(), ObjectWriter.aad(metadata.algorithm()));
    }

    /** Whether a body can be that long. */
    void requireWhole(long length) throws InvalidMessageException {
        boolean whole = metadata.algorithm() == ContentAlgorithm.CBC
                ? length >= BLOCK && length % BLOCK == 0
                : length >= AesGcm.TAG_LENGTH;
        if (!whole) {
            throw truncated(length);
        }
    }

    private byte[] nonce() {
        return metadata.algorithm() == ContentAlgorithm.COMMITTING ? ObjectWriter.fixedNonce() : metadata.nonce();
    }

    private int decryptGcm(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        try (AesGcm cipher = AesGcm.ofMessageKey(gcm, contentKey)) {
            byte[][] aad = {ObjectWriter.aad(metadata.algorithm())};
            return cipher.decrypt(nonce(), aad, in, offset, length, out, 0);
        } catch (AEADBadTagException e) {
            throw DataKeyFinder.notAuthentic();
        }
    }

    private int decryptCbc(byte[] in, int offset, int length, byte[] out) throws InvalidMessageException {
        try {
            return AesCiphers.decryptCbc(contentKey, metadata.nonce(), in, offset, length, out);
        } catch (BadPaddingException e) {
            throw DataKeyFinder.notAuthentic();
        }
    }

    static InvalidMessageException truncated(long length) {
        return new InvalidMessageException(
                Reason.TRUNCATED,
                "the object's body has " + length + " bytes, which is too few, or no multiple of 16 where it must be");
    }

    @Override
    public void close() {
        Arrays.fill(contentKey, (byte) 0);
    }
}
