package dev.kmsenvelope.s3;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.GcmEncryption;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.engine.MessageWriter;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.security.Provider;
import java.util.Arrays;
import java.util.Map;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the body of one object, in constant memory; its metadata is known from the start. One GCM encryption with one nonce
 * under a key of its own: derived from the data key and a fresh message id in version 3, where the nonce is fixed; a fresh
 * data key, with a random nonce, in version 2. Whatever fails ends it, so that no nonce ever serves two plaintexts (RULES 7).
 *
 * <p>Input and output arrays must not overlap. Not thread-safe.
 */
public final class ObjectWriter implements MessageWriter {

    /** The nonce of version 3, where each key serves one body. */
    private static final byte[] FIXED_NONCE = fixedNonce();

    private static final byte[] NOTHING = new byte[0];

    private final Provider gcm;
    private final ContentMetadata metadata;
    private final DataKeyLease dataKey;
    private final byte[] contentKey;
    private @Nullable GcmEncryption stream;
    private boolean ended;

    private ObjectWriter(Provider gcm, ContentMetadata metadata, DataKeyLease dataKey, byte[] contentKey) {
        this.gcm = gcm;
        this.metadata = metadata;
        this.dataKey = dataKey;
        this.contentKey = contentKey;
    }

    static byte[] fixedNonce() {
        byte[] nonce = new byte[AesGcm.NONCE_LENGTH];
        Arrays.fill(nonce, (byte) 1);
        return nonce;
    }

    /**
     * Where data keys come from.
     *
     * @param source gives them, encrypted once
     * @param service what the source asks; knows the form in which an encrypted data key travels alone
     * @param key the key of the service
     */
    public record Keys(DataKeySource source, KeyService service, KeyId key) {}

    /**
     * Gets a data key and prepares an object.
     *
     * @param keys gives the data key
     * @param context the caller's encryption context, without the pair that names the algorithm
     * @param algorithm one that authenticates
     * @param gcm who does AES-GCM
     * @param random where message ids and IVs come from
     * @return the writer; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if there is no data key to be had
     */
    public static ObjectWriter start(
            Keys keys, EncryptionContext context, ContentAlgorithm algorithm, Provider gcm, RandomSource random) {
        EncryptionContext bound =
                context.plus(EncryptionContext.of(Map.of(ContentMetadata.ALGORITHM_PAIR, algorithm.algorithmName())));
        byte[] nonce = random.next(algorithm.nonceLength());
        try (DataKeyLease lease = keys.source().forEncryption(keys.key(), algorithm.use(), bound)) {
            EncryptedDataKey encrypted = lease.encrypted().get(0);
            byte[] blob = keys.service().toBlob(encrypted);
            byte[] dataKey = lease.copyKey();
            boolean kept = false;
            try {
                if (dataKey.length != ContentAlgorithm.DATA_KEY_LENGTH) {
                    throw new KmsUnavailableException("the key service gave a data key of " + dataKey.length
                            + " bytes for " + keys.key() + " where " + ContentAlgorithm.DATA_KEY_LENGTH
                            + " were asked for");
                }
                WrapAlgorithm wrapAlgorithm = WrapAlgorithm.of(encrypted);
                EncryptionContext told = wrapAlgorithm.isOfService() ? bound : EncryptionContext.empty();
                if (algorithm == ContentAlgorithm.COMMITTING) {
                    ContentKeys content = ContentKeys.derive(dataKey, nonce);
                    return new ObjectWriter(
                            gcm,
                            new ContentMetadata(algorithm, wrapAlgorithm, blob, told, nonce, content.commitment()),
                            lease,
                            content.contentKey());
                }
                kept = true;
                return new ObjectWriter(
                        gcm, new ContentMetadata(algorithm, wrapAlgorithm, blob, told, nonce, null), lease, dataKey);
            } finally {
                if (!kept) {
                    Arrays.fill(dataKey, (byte) 0);
                }
            }
        }
    }

    /**
     * What has to be stored with the body.
     *
     * @return the metadata
     */
    public ContentMetadata metadata() {
        return metadata;
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (length > 0) {
            throw noAad();
        }
    }

    static UnsupportedOperationException noAad() {
        return new UnsupportedOperationException(
                "an object of the Amazon S3 Encryption Client has no associated data (AAD); use an encryption context");
    }

    @Override
    public long updateSize(int length) {
        return stream == null ? length : stream.updateSize(length);
    }

    @Override
    public long finishSize(int length) {
        return updateSize(length) + AesGcm.TAG_LENGTH;
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(updateSize(length), out, outOffset);
        return length == 0
                ? 0
                : endingOnFailure(() -> {
                    dataKey.used(length);
                    return startedStream().update(in, offset, length, out, outOffset);
                });
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(finishSize(length), out, outOffset);
        int written = endingOnFailure(() -> {
            dataKey.used(length);
            return stream == null
                    ? encryptAtOnce(in, offset, length, out, outOffset)
                    : stream.finish(in, offset, length, out, outOffset);
        });
        close();
        return written;
    }

    private GcmEncryption startedStream() {
        GcmEncryption open = stream;
        if (open == null) {
            open = new GcmEncryption(gcm, contentKey, nonce());
            byte[] aad = aad(metadata.algorithm());
            open.updateAad(aad, 0, aad.length);
            stream = open;
        }
        return open;
    }

    private int encryptAtOnce(byte[] in, int offset, int length, byte[] out, int outOffset) {
        try (AesGcm cipher = AesGcm.ofMessageKey(gcm, contentKey)) {
            byte[][] aad = {aad(metadata.algorithm())};
            return cipher.encrypt(nonce(), aad, in, offset, length, out, outOffset);
        }
    }

    private byte[] nonce() {
        return metadata.algorithm() == ContentAlgorithm.COMMITTING ? FIXED_NONCE : metadata.nonce();
    }

    static byte[] aad(ContentAlgorithm algorithm) {
        return algorithm == ContentAlgorithm.COMMITTING ? ContentKeys.suite() : NOTHING;
    }

    private void requireRoom(long needed, byte[] out, int outOffset) throws ShortBufferException {
        if (ended) {
            throw new IllegalStateException("this object has ended; initialize the cipher for the next one");
        }
        if (needed > out.length - outOffset) {
            throw new ShortBufferException("the output needs " + needed + " bytes");
        }
    }

    private interface Step {
        int run();
    }

    private int endingOnFailure(Step step) {
        boolean done = false;
        try {
            int written = step.run();
            done = true;
            return written;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    /** Wipes the key; idempotent. */
    @Override
    public void close() {
        ended = true;
        Arrays.fill(contentKey, (byte) 0);
        if (stream != null) {
            stream.close();
        }
    }
}
