package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.GcmEncryption;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.crypto.UnverifiedDecryption;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import javax.crypto.BadPaddingException;
import org.jspecify.annotations.Nullable;

/**
 * The plaintext of a message that only its end verifies, and the way out for it: all of it in one array, decrypted and
 * verified by somebody else; or, where that is too long for memory and the settings allow a file, decrypted here, in constant
 * memory, into an encrypted temporary file ({@link PlaintextSpool}). Nothing leaves before {@link #verify} or {@link #set}. Not
 * thread-safe.
 */
public final class PlaintextAtTheEnd implements AutoCloseable {

    private static final byte[] NOTHING = new byte[0];

    private final EngineSettings settings;
    private byte[] bytes = NOTHING;
    private int length;
    private @Nullable UnverifiedDecryption decryption;
    private @Nullable PlaintextSpool spool;
    private byte[] piece = NOTHING;
    private boolean verified;

    /**
     * Starts with nothing.
     *
     * @param settings how much is held back, and where
     */
    public PlaintextAtTheEnd(EngineSettings settings) {
        this.settings = settings;
    }

    /**
     * The most plaintext of one message that is held back, in memory or a file.
     *
     * @return a number of bytes
     */
    public long limit() {
        return Math.max(settings.holdLimit(), Math.min(settings.spool().limit(), GcmEncryption.MAX_LENGTH));
    }

    /**
     * Whether plaintext is too long for memory, so that it has to go to a file.
     *
     * @param plaintextLength so much of it there is by now
     * @param what names such a message for people, with its article
     * @return whether it is beyond {@code decrypt.hold}
     * @throws InvalidMessageException if it is too long for a file too
     */
    public boolean isForAFile(long plaintextLength, String what) throws InvalidMessageException {
        if (plaintextLength <= settings.holdLimit()) {
            return false;
        }
        if (plaintextLength > limit()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    what + " of more than " + limit() + " bytes, which are held back until its end is verified; the"
                            + " setting decrypt.hold allows more in memory, and " + SpoolSettings.LIMIT
                            + " in an encrypted temporary file");
        }
        return true;
    }

    /**
     * Makes the file.
     *
     * @param started decrypts what is {@link #feed fed}; closed here
     * @throws SpoolException if the file cannot be made
     */
    public void spool(UnverifiedDecryption started) {
        decryption = started;
        piece = new byte[PlaintextSpool.PIECE + UnverifiedDecryption.MOST_KEPT];
        spool = PlaintextSpool.create(
                settings.spool().directory().orElse(null), settings.gcm(), RandomSource.operatingSystem());
    }

    /**
     * Whether there is such a file.
     *
     * @return true from {@link #spool} on
     */
    public boolean isSpooling() {
        return spool != null;
    }

    /**
     * Decrypts a piece of the ciphertext into the file.
     *
     * @param in holds it
     * @param offset where it starts
     * @param count how long it is
     * @throws SpoolException if the file cannot be written
     */
    public void feed(byte[] in, int offset, int count) {
        UnverifiedDecryption decrypting = decryption;
        PlaintextSpool file = spool;
        if (decrypting == null || file == null) {
            throw new IllegalStateException("nothing is being decrypted");
        }
        try {
            for (int at = 0; at < count; at += PlaintextSpool.PIECE) {
                int part = Math.min(PlaintextSpool.PIECE, count - at);
                file.append(piece, 0, decrypting.update(in, offset + at, part, piece, 0));
            }
        } finally {
            Arrays.fill(piece, 0, Math.min(piece.length, count + UnverifiedDecryption.MOST_KEPT), (byte) 0);
        }
    }

    /**
     * Ends the ciphertext; if this returns, all that was decrypted may leave.
     *
     * @throws BadPaddingException if it is not authentic, as far as its algorithm tells; nothing leaves then
     * @throws SpoolException if the file cannot be written
     */
    public void verify() throws BadPaddingException {
        UnverifiedDecryption decrypting = decryption;
        PlaintextSpool file = spool;
        if (decrypting == null || file == null) {
            throw new IllegalStateException("nothing is being decrypted");
        }
        try {
            file.append(piece, 0, decrypting.finish(piece, 0));
            verified = true;
        } finally {
            Arrays.fill(piece, (byte) 0);
            if (!verified) {
                close();
            }
        }
    }

    /**
     * Takes what was decrypted and verified elsewhere.
     *
     * @param plaintext the array itself, which is given away or wiped
     * @param plaintextLength how many bytes of it
     */
    public void set(byte[] plaintext, int plaintextLength) {
        bytes = plaintext;
        length = plaintextLength;
    }

    /**
     * How much there is, be it verified or not.
     *
     * @return the number of bytes that were decrypted and not taken
     */
    public long decrypted() {
        return spool == null ? length : spool.remaining();
    }

    /**
     * How much may leave.
     *
     * @return a number of bytes, at most what an int can say
     */
    public int available() {
        return spool == null || verified ? (int) Math.min(Integer.MAX_VALUE, decrypted()) : 0;
    }

    /**
     * Takes what may leave.
     *
     * @param out receives {@link #available} bytes
     * @param offset where to
     * @return how many bytes were written
     */
    public int drain(byte[] out, int offset) {
        if (spool != null) {
            return verified ? spool.drain(out, offset) : 0;
        }
        int drained = length;
        System.arraycopy(bytes, 0, out, offset, drained);
        wipe();
        return drained;
    }

    /**
     * Takes what may leave.
     *
     * @param out receives {@link #available} bytes
     * @return how many bytes were written
     */
    public int drain(ByteBuffer out) {
        if (spool != null) {
            return verified ? spool.drain(out) : 0;
        }
        int drained = length;
        out.put(bytes, 0, drained);
        wipe();
        return drained;
    }

    /**
     * Takes what may leave.
     *
     * @return {@link #available} bytes
     */
    public byte[] drain() {
        if (spool != null) {
            return verified ? spool.takeAll() : NOTHING;
        }
        if (length == bytes.length) {
            byte[] all = bytes;
            bytes = NOTHING;
            length = 0;
            return all;
        }
        byte[] copy = Arrays.copyOf(bytes, length);
        wipe();
        return copy;
    }

    /**
     * Takes the next piece of what may leave.
     *
     * @return some of it; no bytes when nothing is left
     */
    public byte[] next() {
        return spool != null && verified ? spool.takePiece() : drain();
    }

    private void wipe() {
        Arrays.fill(bytes, (byte) 0);
        bytes = NOTHING;
        length = 0;
    }

    /** Wipes what was not taken, and lets go of the key and the file; idempotent. */
    @Override
    public void close() {
        wipe();
        Arrays.fill(piece, (byte) 0);
        UnverifiedDecryption decrypting = decryption;
        decryption = null;
        if (decrypting != null) {
            decrypting.close();
        }
        PlaintextSpool file = spool;
        spool = null;
        if (file != null) {
            file.close();
        }
    }
}
