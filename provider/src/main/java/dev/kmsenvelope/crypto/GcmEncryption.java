package dev.kmsenvelope.crypto;

import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.ProviderException;
import javax.crypto.Cipher;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/**
 * One AES-GCM encryption (NIST SP 800-38D) whose plaintext comes in pieces: one key, one nonce, one tag at the end. What was
 * encrypted leaves as soon as the provider gives it; some keep a block or more back, and a few keep all of it until the end.
 * Its counterpart is {@link GcmDecryption}, whose callers keep back what it gives.
 *
 * <p>The nonce is the caller's business. Whatever fails ends this, so that the nonce never serves two plaintexts. Not
 * thread-safe. After {@link #close()} no reachable object of this holds the key.
 */
public final class GcmEncryption implements AutoCloseable {

    /** The most plaintext bytes of one encryption: 2^36 - 32, as SP 800-38D says. SunJCE stops at 2^31 - 1 by itself. */
    public static final long MAX_LENGTH = (1L << 36) - 32;

    private @Nullable Cipher cipher;
    private long taken;
    private long given;

    /**
     * Starts.
     *
     * @param provider who does the work
     * @param key 16, 24 or 32 bytes; not modified, and no copy of it remains but the cipher's own
     * @param nonce {@value AesGcm#NONCE_LENGTH} bytes that were never used before with this key for encryption
     */
    public GcmEncryption(Provider provider, byte[] key, byte[] nonce) {
        if (nonce.length != AesGcm.NONCE_LENGTH) {
            throw new IllegalArgumentException("a nonce has " + AesGcm.NONCE_LENGTH + " bytes, not " + nonce.length);
        }
        AesKey copy = new AesKey(key);
        try {
            Cipher made = GcmProvider.newCipher(provider);
            made.init(Cipher.ENCRYPT_MODE, copy, new GCMParameterSpec(8 * AesGcm.TAG_LENGTH, nonce));
            this.cipher = made;
        } catch (GeneralSecurityException e) {
            throw failed(e);
        } finally {
            copy.destroy();
        }
    }

    /**
     * Adds associated data, before any plaintext.
     *
     * @param in holds it
     * @param offset where it starts
     * @param length how long it is
     * @throws IllegalStateException if there was plaintext already, or this was closed
     */
    public void updateAad(byte[] in, int offset, int length) {
        open().updateAAD(in, offset, length);
    }

    /**
     * At most how many bytes {@link #update} writes.
     *
     * @param length how long its input is
     * @return that many, more than the input if something was kept back
     */
    public long updateSize(int length) {
        return taken - given + length;
    }

    /**
     * How many bytes {@link #finish} writes.
     *
     * @param length how long its input is
     * @return exactly that many
     */
    public long finishSize(int length) {
        return updateSize(length) + AesGcm.TAG_LENGTH;
    }

    /**
     * Encrypts.
     *
     * @param in holds plaintext; shares no memory with the output
     * @param offset where it starts
     * @param length how long it is
     * @param out receives at most {@link #updateSize} bytes, and has room for as many
     * @param outOffset where to
     * @return how many bytes were written
     * @throws IllegalStateException if there is more plaintext than {@link #MAX_LENGTH} in all, or this was closed
     * @throws ProviderException if the provider fails, or has a lower limit
     */
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) {
        return run(false, in, offset, length, out, outOffset);
    }

    /**
     * Encrypts the rest, appends the tag of {@value AesGcm#TAG_LENGTH} bytes, and closes this.
     *
     * @param in holds plaintext; shares no memory with the output
     * @param offset where it starts
     * @param length how long it is
     * @param out receives {@link #finishSize} bytes
     * @param outOffset where to
     * @return how many bytes were written
     * @throws IllegalStateException if there is more plaintext than {@link #MAX_LENGTH} in all, or this was closed
     * @throws ProviderException if the provider fails, or has a lower limit
     */
    public int finish(byte[] in, int offset, int length, byte[] out, int outOffset) {
        try {
            return run(true, in, offset, length, out, outOffset);
        } finally {
            close();
        }
    }

    private int run(boolean last, byte[] in, int offset, int length, byte[] out, int outOffset) {
        Cipher open = open();
        boolean done = false;
        try {
            if (length > MAX_LENGTH - taken) {
                throw new IllegalStateException("AES-GCM encrypts at most " + MAX_LENGTH + " bytes at once");
            }
            long size = last ? finishSize(length) : updateSize(length);
            if (size > out.length - outOffset) {
                throw new IllegalArgumentException("the output needs room for " + size + " bytes");
            }
            taken += length;
            int written = GcmProvider.staysWithin(open.getProvider())
                    ? call(open, last, in, offset, length, out, outOffset)
                    : throughScratch(open, last, in, offset, length, out, outOffset);
            given += last ? written - AesGcm.TAG_LENGTH : written;
            done = true;
            return written;
        } catch (GeneralSecurityException e) {
            throw failed(e);
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private static int call(Cipher open, boolean last, byte[] in, int offset, int length, byte[] out, int outOffset)
            throws GeneralSecurityException {
        return last
                ? open.doFinal(in, offset, length, out, outOffset)
                : open.update(in, offset, length, out, outOffset);
    }

    /** Others may want more room than they use, or write elsewhere in the array ({@link AesGcm}). */
    private static int throughScratch(
            Cipher open, boolean last, byte[] in, int offset, int length, byte[] out, int outOffset)
            throws GeneralSecurityException {
        byte[] scratch = new byte[open.getOutputSize(length)];
        int written = call(open, last, in, offset, length, scratch, 0);
        if (written > out.length - outOffset) {
            throw new ShortBufferException("the provider gave more than it was given");
        }
        System.arraycopy(scratch, 0, out, outOffset, written);
        return written;
    }

    private Cipher open() {
        Cipher open = cipher;
        if (open == null) {
            throw new IllegalStateException("this encryption has ended");
        }
        return open;
    }

    private static ProviderException failed(GeneralSecurityException e) {
        return new ProviderException("AES-GCM encryption failed", e);
    }

    /** Lets go of the cipher and with it of the key; idempotent. */
    @Override
    public void close() {
        cipher = null;
    }
}
