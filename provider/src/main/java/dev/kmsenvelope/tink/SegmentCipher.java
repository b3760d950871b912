package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.Hkdf;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;

/**
 * Encrypts and decrypts the segments of one of Tink's AES-GCM-HKDF streams, each by its number alone; the formulas are those
 * of {@link StreamLayout}. Not thread-safe. Holds the stream's key until it is closed.
 */
public final class SegmentCipher implements AutoCloseable {

    private static final byte[][] NO_AAD = {};

    private final AesGcm own;
    private final byte[] noncePrefix;

    private SegmentCipher(AesGcm own, byte[] noncePrefix) {
        this.own = own;
        this.noncePrefix = noncePrefix;
    }

    /**
     * Derives the key of a stream.
     *
     * @param gcm who does AES-GCM
     * @param key still the caller's
     * @param header of the stream, as long as the key's layout says
     * @param aad the stream's associated data
     * @return what encrypts and decrypts; the caller closes it
     */
    public static SegmentCipher derive(Provider gcm, StreamingKey key, byte[] header, byte[] aad) {
        int saltEnd = 1 + key.layout().derivedKeyLength();
        byte[] salt = Arrays.copyOfRange(header, 1, saltEnd);
        try (Hkdf.Extracted extracted = key.hash().start(salt, key.inputKey())) {
            byte[] derived = extracted.expand(aad, key.layout().derivedKeyLength());
            try {
                return new SegmentCipher(
                        AesGcm.ofMessageKey(gcm, derived),
                        Arrays.copyOfRange(header, saltEnd, saltEnd + StreamLayout.NONCE_PREFIX_LENGTH));
            } finally {
                Arrays.fill(derived, (byte) 0);
            }
        }
    }

    /** The cipher of the thread that works on the stream. */
    AesGcm cipher() {
        return own;
    }

    /**
     * Decrypts and verifies a segment, and that it is this one of its stream.
     *
     * @param number from 0 to 2^32 - 1
     * @param last whether it must be the last
     * @param in holds it
     * @param offset where it starts
     * @param length how long it is with its tag
     * @param out receives its plaintext; nothing that is not verified is left there
     * @param outOffset where to
     * @return how many bytes were written
     * @throws InvalidMessageException if it is not the one, or was changed
     */
    public int open(long number, boolean last, byte[] in, int offset, int length, byte[] out, int outOffset)
            throws InvalidMessageException {
        return open(own, number, last, in, offset, length, out, outOffset);
    }

    int open(AesGcm cipher, long number, boolean last, byte[] in, int offset, int length, byte[] out, int outOffset)
            throws InvalidMessageException {
        if (length < StreamLayout.TAG_LENGTH) {
            throw new InvalidMessageException(Reason.TRUNCATED, "the stream ends within segment " + number);
        }
        if (number >= StreamLayout.MAX_SEGMENTS) {
            throw new InvalidMessageException(Reason.MALFORMED, "a stream of more than 2^32 segments");
        }
        try {
            return cipher.decrypt(nonce(number, last), NO_AAD, in, offset, length, out, outOffset);
        } catch (AEADBadTagException e) {
            throw new InvalidMessageException(
                    Reason.NOT_AUTHENTIC,
                    "segment " + number + " of the stream or its header was changed, "
                            + (last ? "more should follow it, " : "")
                            + "or the keyset or the associated data (AAD) is not the one it was encrypted with",
                    e);
        }
    }

    /** Encrypts a segment; no number serves twice, whatever the plaintext. */
    int seal(AesGcm cipher, long number, boolean last, byte[] in, int offset, int length, byte[] out, int outOffset) {
        return cipher.encrypt(nonce(number, last), NO_AAD, in, offset, length, out, outOffset);
    }

    private byte[] nonce(long number, boolean last) {
        byte[] nonce = Arrays.copyOf(noncePrefix, AesGcm.NONCE_LENGTH);
        TinkFormat.putInt((int) number, nonce, StreamLayout.NONCE_PREFIX_LENGTH);
        nonce[AesGcm.NONCE_LENGTH - 1] = (byte) (last ? 1 : 0);
        return nonce;
    }

    /** Wipes the key; idempotent. */
    @Override
    public void close() {
        own.close();
    }
}
