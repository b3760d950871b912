package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the plaintext of one message until it may leave, and says when that is: that of a signed message after its end, that
 * of others as {@link Release} says. What has to stay and is longer than the limit goes to an encrypted temporary file, if the
 * settings allow one. Not thread-safe.
 */
final class PlaintextGate {

    private static final byte[] NOTHING = new byte[0];

    private final EngineSettings settings;
    private final Release release;
    private final HeldPlaintext held = new HeldPlaintext();
    private @Nullable PlaintextSpool spool;
    private boolean signed;
    private boolean open;

    PlaintextGate(EngineSettings settings, Release release) {
        this.settings = settings;
        this.release = release;
    }

    /** Where frames are decrypted to. */
    HeldPlaintext held() {
        return held;
    }

    /** The header was verified. */
    void start(boolean isSigned) {
        signed = isSigned;
        open = release == Release.EACH_FRAME && !isSigned;
    }

    boolean isOpen() {
        return open;
    }

    /** Whether what precedes the end never leaves before the end. */
    boolean holdsAll() {
        return signed && !open;
    }

    /** Whether something is in a file: what follows goes there too, and not straight to the caller. */
    boolean isSpooling() {
        return spool != null;
    }

    /** How many bytes are here. */
    long length() {
        return held.size() + spooled();
    }

    private long spooled() {
        return spool == null ? 0 : spool.remaining();
    }

    /** After frames were decrypted. */
    void decide() throws InvalidMessageException {
        if (!signed) {
            open |= held.total() > settings.holdLimit();
            return;
        }
        long all = held.total() + spooled();
        if (all > settings.holdLimit() && all > settings.spool().limit()) {
            throw new InvalidMessageException(Reason.NOT_ALLOWED, tooLong());
        }
        if (held.size() > settings.holdLimit() && !held.isAttached()) {
            moveToFile();
        }
    }

    private String tooLong() {
        return settings.spool().limit() == 0
                ? "a signed message of more than " + settings.holdLimit()
                        + " bytes, which are held back until the signature is verified; the setting "
                        + SpoolSettings.LIMIT + " allows an encrypted temporary file for more"
                : "a signed message of more than "
                        + Math.max(settings.holdLimit(), settings.spool().limit())
                        + " bytes, which are held back until the signature is verified; the limit is the setting "
                        + SpoolSettings.LIMIT;
    }

    private void moveToFile() {
        PlaintextSpool file = spool;
        if (file == null) {
            file = PlaintextSpool.create(
                    settings.spool().directory().orElse(null), settings.gcm(), RandomSource.operatingSystem());
            spool = file;
        }
        file.append(held.array(), 0, held.size());
        held.wipe();
    }

    /** The end was verified: everything may leave. */
    void openAll() {
        open = true;
    }

    int available() {
        return open ? (int) Math.min(Integer.MAX_VALUE, length()) : 0;
    }

    int drain(byte[] out, int offset) {
        if (!open) {
            return 0;
        }
        int spooled = spool == null ? 0 : spool.drain(out, offset);
        return spooled + held.drain(out, offset + spooled);
    }

    int drain(ByteBuffer out) {
        if (!open) {
            return 0;
        }
        int spooled = spool == null ? 0 : spool.drain(out);
        return spooled + held.drain(out);
    }

    byte[] drain() {
        if (!open) {
            return NOTHING;
        }
        if (spooled() == 0) {
            return held.takeAll();
        }
        if (length() > HeldPlaintext.MAX_ARRAY) {
            throw new IllegalStateException("more plaintext than fits into an array; decrypt it as a stream");
        }
        byte[] all = new byte[(int) length()];
        drain(all, 0);
        return all;
    }

    /** The next piece of what may leave; no bytes when nothing is left. */
    byte[] next() {
        return open && spool != null && spooled() > 0 ? spool.takePiece() : drain();
    }

    /** After a fault: what was not released never is. */
    void discardUnreleased() {
        if (!open) {
            wipe();
        }
    }

    /** Wipes what is here. */
    void wipe() {
        held.wipe();
        closeFile();
    }

    private void closeFile() {
        PlaintextSpool file = spool;
        spool = null;
        if (file != null) {
            file.close();
        }
    }

    /** Wipes what is here and gives memory and file up; idempotent. */
    void close() {
        held.close();
        closeFile();
    }
}
