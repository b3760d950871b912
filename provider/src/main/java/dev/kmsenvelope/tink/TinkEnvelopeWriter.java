package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.GcmEncryption;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageWriter;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.tink.TinkFormat.Head;
import java.util.Arrays;
import java.util.OptionalInt;
import javax.crypto.ShortBufferException;

/**
 * Writes one message of Tink's {@code KmsEnvelopeAead}, in constant memory: what is encrypted leaves at once. The layout is
 * that of {@link TinkFormat}.
 *
 * <p>The IV is drawn for each message. A data key serves one message, or, where the settings let it serve several, far
 * fewer than the 2^32 that NIST SP 800-38D allows for random IVs (RULES 10). Not thread-safe.
 */
public final class TinkEnvelopeWriter implements MessageWriter {

    private final byte[] head;
    private final byte[] iv;
    private final DataKeyLease dataKey;
    private final GcmEncryption payload;
    private boolean started;
    private boolean ended;

    private TinkEnvelopeWriter(byte[] head, byte[] iv, DataKeyLease dataKey, GcmEncryption payload) {
        this.head = head;
        this.iv = iv;
        this.dataKey = dataKey;
        this.payload = payload;
    }

    /**
     * Gets a data key and prepares a message.
     *
     * @param source gives the data key, as {@link TinkDataKeySource} makes it
     * @param messagesPerKey how many messages a data key may serve, 1 for a fresh one
     * @param service the service that it is encrypted by
     * @param key the key of the service that it is encrypted under
     * @param keyId of the prefix, or empty for none
     * @param settings how to write
     * @param random where the IV comes from
     * @return the writer; the caller closes it
     * @throws dev.kmsenvelope.kms.KmsException if there is no data key to be had
     * @throws KmsConfigurationException if the service's form of an encrypted data key is longer than Tink reads
     */
    public static TinkEnvelopeWriter start(
            DataKeySource source,
            long messagesPerKey,
            KeyService service,
            KeyId key,
            OptionalInt keyId,
            EngineSettings settings,
            RandomSource random) {
        DataKeyUse use = TinkDataKey.writing(messagesPerKey);
        try (DataKeyLease dataKey = source.forEncryption(key, use, EncryptionContext.empty())) {
            byte[] encrypted = service.toBlob(dataKey.encrypted().get(0));
            if (encrypted.length > TinkFormat.MAX_ENCRYPTED_KEY) {
                throw new KmsConfigurationException("a data key encrypted under the key " + key + " has "
                        + encrypted.length + " bytes; a message of Tink has room for " + TinkFormat.MAX_ENCRYPTED_KEY);
            }
            byte[] iv = random.next(TinkFormat.IV_LENGTH);
            return new TinkEnvelopeWriter(head(keyId, encrypted, iv), iv, dataKey, payload(dataKey, settings, iv));
        }
    }

    private static byte[] head(OptionalInt keyId, byte[] encrypted, byte[] iv) {
        Head head = new Head(keyId, encrypted.length);
        byte[] bytes = new byte[head.payloadOffset() + iv.length];
        int at = head.write(bytes, 0);
        System.arraycopy(encrypted, 0, bytes, at, encrypted.length);
        System.arraycopy(iv, 0, bytes, head.payloadOffset(), iv.length);
        return bytes;
    }

    private static GcmEncryption payload(DataKeyLease dataKey, EngineSettings settings, byte[] iv) {
        byte[] serialized = dataKey.copyKey();
        byte[] key = new byte[0];
        try {
            key = TinkDataKey.parse(serialized);
            return new GcmEncryption(settings.gcm(), key, iv);
        } catch (InvalidMessageException e) {
            throw new IllegalStateException("the source of data keys gives none of Tink's", e);
        } finally {
            Arrays.fill(serialized, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
    }

    /**
     * The IV of the message, which stands in it.
     *
     * @return 12 bytes, a copy
     */
    public byte[] iv() {
        return iv.clone();
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        if (started) {
            throw new IllegalStateException("associated data (AAD) comes before the data");
        }
        payload.updateAad(in, offset, length);
    }

    @Override
    public long updateSize(int length) {
        return length == 0 ? 0 : unwrittenHead() + payload.updateSize(length);
    }

    @Override
    public long finishSize(int length) {
        return unwrittenHead() + payload.finishSize(length);
    }

    private int unwrittenHead() {
        return started ? 0 : head.length;
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(updateSize(length), out, outOffset);
        if (length == 0) {
            return 0;
        }
        int headed = start(out, outOffset);
        dataKey.used(length);
        return headed + payload.update(in, offset, length, out, outOffset + headed);
    }

    @Override
    public int finish(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        requireRoom(finishSize(length), out, outOffset);
        ended = true;
        int headed = start(out, outOffset);
        dataKey.used(length);
        return headed + payload.finish(in, offset, length, out, outOffset + headed);
    }

    private int start(byte[] out, int outOffset) {
        int length = unwrittenHead();
        started = true;
        System.arraycopy(head, 0, out, outOffset, length);
        return length;
    }

    private void requireRoom(long needed, byte[] out, int outOffset) throws ShortBufferException {
        if (ended) {
            throw new IllegalStateException("this message has ended; initialize the cipher for the next one");
        }
        if (needed > out.length - outOffset) {
            throw new ShortBufferException("the output needs " + needed + " bytes");
        }
    }

    /** Lets go of the key; idempotent. */
    @Override
    public void close() {
        ended = true;
        payload.close();
    }
}
