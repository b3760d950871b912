package dev.kmsenvelope.crypto;

import dev.kmsenvelope.crypto.IdleObjects.Loan;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.ShortBufferException;
import javax.crypto.spec.GCMParameterSpec;
import javax.security.auth.DestroyFailedException;
import org.jspecify.annotations.Nullable;

/**
 * AES-GCM under one key with 12-byte nonces and 16-byte tags (NIST SP 800-38D). Together with {@link GcmEncryption}, this is
 * what of the library calls AES-GCM ciphers for messages. Which nonce is used for what is the business of the callers that make
 * nonces: one random per wrapped key ({@code keyring}), one counter per message key ({@code engine}, {@code tink}).
 *
 * <p>Not thread-safe. After {@link #close()} no reachable object holds the key: the copy here is wiped, the cipher dropped or
 * idle, as {@link #ofMessageKey} says.
 */
public final class AesGcm implements AutoCloseable {

    /** Length of a nonce, in bytes. */
    public static final int NONCE_LENGTH = 12;

    /** Length of a tag, in bytes. */
    public static final int TAG_LENGTH = 16;

    private static final byte[] NOTHING = new byte[0];

    private static final int FREE = 0;
    private static final int BUSY = 1;
    private static final int CLOSED = 2;

    private final SecretKey key;
    private final boolean owned;
    private final @Nullable IdleObjects<Cipher> idle;
    private @Nullable Loan<Cipher> loan;
    private @Nullable Cipher cipher;

    /**
     * Only a cipher that nobody is working with goes back to the idle ones. If two threads use one of our ciphers in spite of
     * what is said above, the next message of somebody else must not get a Cipher that one of them is still feeding.
     */
    private final AtomicInteger state = new AtomicInteger(FREE);

    private boolean failed;

    private AesGcm(Provider provider, SecretKey key, boolean owned) {
        this.key = key;
        this.owned = owned;
        this.idle = null;
        this.loan = null;
        this.cipher = newCipher(provider);
    }

    private AesGcm(Provider provider, AesKey key, IdleObjects<Cipher> idle) {
        this.key = key;
        this.owned = true;
        this.idle = idle;
        Loan<Cipher> taken = idle.take();
        Loan<Cipher> lent = taken == null ? idle.lend(newCipher(provider)) : taken;
        this.loan = lent;
        this.cipher = lent.object();
    }

    private static Cipher newCipher(Provider provider) {
        try {
            return GcmProvider.newCipher(provider);
        } catch (GeneralSecurityException e) {
            throw new ProviderException("the provider " + provider.getName() + " does not offer AES-GCM any more", e);
        }
    }

    /**
     * Works with a key in memory, of which a copy is kept until {@link #close()}.
     *
     * @param provider who does the work
     * @param key 16, 24 or 32 bytes
     * @return the cipher
     */
    public static AesGcm of(Provider provider, byte[] key) {
        return new AesGcm(provider, new AesKey(key), true);
    }

    /**
     * Works with the key of one message, of which a copy is kept until {@link #close()}. The provider's cipher is one of
     * those that were used before, if any is idle, and is kept for others when this is closed: it holds the key until it is
     * used again or dropped (see {@link IdleCiphers}). So this is not for keys that encrypt other keys.
     *
     * @param provider who does the work
     * @param key 16, 24 or 32 bytes
     * @return the cipher
     */
    public static AesGcm ofMessageKey(Provider provider, byte[] key) {
        return new AesGcm(provider, new AesKey(key), IdleCiphers.of(provider));
    }

    /**
     * Works with a key that somebody else owns, and destroys; it may be opaque to everyone but its provider.
     *
     * @param provider who does the work
     * @param key an AES key
     * @return the cipher
     */
    public static AesGcm of(Provider provider, SecretKey key) {
        return new AesGcm(provider, key, false);
    }

    /**
     * A cipher for another thread, with the same provider and key. It works until this one is closed, which wipes the key;
     * closing it leaves the key.
     *
     * @return the cipher
     * @throws IllegalStateException if this was closed
     */
    public AesGcm another() {
        Cipher open = cipher;
        if (open == null) {
            throw new IllegalStateException("this cipher was closed");
        }
        return new AesGcm(open.getProvider(), key, false);
    }

    /**
     * Encrypts; the tag follows the ciphertext.
     *
     * @param nonce {@value #NONCE_LENGTH} bytes that were never used before with this key for encryption
     * @param aad what is authenticated with it, in pieces that count as one
     * @param in holds the plaintext
     * @param inOffset where it starts
     * @param length how long it is
     * @param out receives {@code length} + {@value #TAG_LENGTH} bytes
     * @param outOffset where to
     * @return how many bytes were written
     */
    public int encrypt(byte[] nonce, byte[][] aad, byte[] in, int inOffset, int length, byte[] out, int outOffset) {
        try {
            return run(Cipher.ENCRYPT_MODE, nonce, aad, in, inOffset, length, out, outOffset);
        } catch (GeneralSecurityException e) {
            throw new ProviderException("AES-GCM encryption failed", e);
        }
    }

    /**
     * Encrypts a short text.
     *
     * @param nonce {@value #NONCE_LENGTH} bytes that were never used before with this key for encryption
     * @param plaintext what to encrypt
     * @param aad what is authenticated with it, in pieces that count as one
     * @return ciphertext and tag
     */
    public byte[] encrypt(byte[] nonce, byte[] plaintext, byte[]... aad) {
        byte[] out = new byte[plaintext.length + TAG_LENGTH];
        encrypt(nonce, aad, plaintext, 0, plaintext.length, out, 0);
        return out;
    }

    /**
     * The tag over associated data alone.
     *
     * @param nonce {@value #NONCE_LENGTH} bytes that were never used before with this key for encryption
     * @param aad what is authenticated, in pieces that count as one
     * @return {@value #TAG_LENGTH} bytes
     */
    public byte[] tag(byte[] nonce, byte[]... aad) {
        return encrypt(nonce, NOTHING, aad);
    }

    /**
     * Decrypts and verifies; on failure nothing that was not verified stands in {@code out}.
     *
     * @param nonce {@value #NONCE_LENGTH} bytes
     * @param aad what is authenticated with it, in pieces that count as one
     * @param in holds ciphertext and tag
     * @param inOffset where they start
     * @param length how long both are together, at least {@value #TAG_LENGTH}
     * @param out receives {@code length} - {@value #TAG_LENGTH} bytes
     * @param outOffset where to
     * @return how many bytes were written
     * @throws AEADBadTagException if anything was changed
     */
    public int decrypt(byte[] nonce, byte[][] aad, byte[] in, int inOffset, int length, byte[] out, int outOffset)
            throws AEADBadTagException {
        boolean verified = false;
        try {
            int written = run(Cipher.DECRYPT_MODE, nonce, aad, in, inOffset, length, out, outOffset);
            verified = true;
            return written;
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new ProviderException("AES-GCM decryption failed", e);
        } finally {
            if (!verified) {
                // SunJCE has wiped this already when the tag is wrong; other providers and failures need not have
                Arrays.fill(out, outOffset, Math.min(out.length, outOffset + length - TAG_LENGTH), (byte) 0);
            }
        }
    }

    /**
     * Decrypts a short text.
     *
     * @param nonce {@value #NONCE_LENGTH} bytes
     * @param ciphertext ciphertext and tag, at least {@value #TAG_LENGTH} bytes
     * @param aad what is authenticated with it, in pieces that count as one
     * @return the plaintext
     * @throws AEADBadTagException if anything was changed
     */
    public byte[] decrypt(byte[] nonce, byte[] ciphertext, byte[]... aad) throws AEADBadTagException {
        if (ciphertext.length < TAG_LENGTH) {
            throw new AEADBadTagException("shorter than a tag");
        }
        byte[] out = new byte[ciphertext.length - TAG_LENGTH];
        decrypt(nonce, aad, ciphertext, 0, ciphertext.length, out, 0);
        return out;
    }

    /**
     * The tag over associated data alone, a part of which stands in an array.
     *
     * @param nonce {@value #NONCE_LENGTH} bytes that were never used before with this key for encryption
     * @param first holds what is authenticated first
     * @param offset where it starts
     * @param length how long it is
     * @param more what is authenticated besides, in pieces that count as one
     * @param out receives {@value #TAG_LENGTH} bytes; may be the array of the first part
     * @param outOffset where to
     */
    public void tag(byte[] nonce, byte[] first, int offset, int length, byte[][] more, byte[] out, int outOffset) {
        try {
            run(Cipher.ENCRYPT_MODE, nonce, first, offset, length, more, NOTHING, 0, 0, out, outOffset);
        } catch (GeneralSecurityException e) {
            throw new ProviderException("AES-GCM encryption failed", e);
        }
    }

    /**
     * Verifies a tag over associated data alone, a part of which stands in an array.
     *
     * @param nonce {@value #NONCE_LENGTH} bytes
     * @param first holds what is authenticated first
     * @param offset where it starts
     * @param length how long it is
     * @param more what is authenticated besides, in pieces that count as one
     * @param tag {@value #TAG_LENGTH} bytes
     * @throws AEADBadTagException if anything was changed
     */
    public void verify(byte[] nonce, byte[] first, int offset, int length, byte[][] more, byte[] tag)
            throws AEADBadTagException {
        try {
            run(Cipher.DECRYPT_MODE, nonce, first, offset, length, more, tag, 0, TAG_LENGTH, NOTHING, 0);
        } catch (AEADBadTagException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new ProviderException("AES-GCM decryption failed", e);
        }
    }

    private int run(
            int mode, byte[] nonce, byte[][] aad, byte[] in, int inOffset, int length, byte[] out, int outOffset)
            throws GeneralSecurityException {
        return run(mode, nonce, NOTHING, 0, 0, aad, in, inOffset, length, out, outOffset);
    }

    private int run(
            int mode,
            byte[] nonce,
            byte[] firstAad,
            int firstOffset,
            int firstLength,
            byte[][] aad,
            byte[] in,
            int inOffset,
            int length,
            byte[] out,
            int outOffset)
            throws GeneralSecurityException {
        if (nonce.length != NONCE_LENGTH) {
            throw new IllegalArgumentException("a nonce has " + NONCE_LENGTH + " bytes, this one " + nonce.length);
        }
        int outLength = mode == Cipher.ENCRYPT_MODE ? length + TAG_LENGTH : length - TAG_LENGTH;
        if (outLength > out.length - outOffset) {
            throw new ShortBufferException("needs " + outLength + " bytes");
        }
        Cipher open = enter();
        boolean done = false;
        try {
            open.init(mode, key, new GCMParameterSpec(8 * TAG_LENGTH, nonce));
            if (firstLength > 0) {
                open.updateAAD(firstAad, firstOffset, firstLength);
            }
            for (byte[] piece : aad) {
                open.updateAAD(piece);
            }
            int room = open.getOutputSize(length);
            int written = GcmProvider.staysWithin(open.getProvider()) && room <= out.length - outOffset
                    ? open.doFinal(in, inOffset, length, out, outOffset)
                    : throughScratch(open, room, in, inOffset, length, out, outOffset);
            done = true;
            return written;
        } finally {
            leave(done);
        }
    }

    private Cipher enter() {
        if (!state.compareAndSet(FREE, BUSY) || cipher == null) {
            throw new IllegalStateException(
                    state.get() == CLOSED ? "this cipher was closed" : "this cipher is in use by another thread");
        }
        return cipher;
    }

    /** What failed may hold input of the message still, and is not used again for another one. */
    private void leave(boolean done) {
        failed |= !done;
        if (!state.compareAndSet(BUSY, FREE) && done) {
            throw new IllegalStateException("this cipher was closed by another thread while it was in use");
        }
    }

    /**
     * SunPKCS11 wants room for the tag too while it decrypts; others might write beyond the plaintext, or, as Conscrypt does,
     * write a copy of the whole array back, and with it what another thread has changed meanwhile.
     */
    private static int throughScratch(
            Cipher open, int room, byte[] in, int inOffset, int length, byte[] out, int outOffset)
            throws GeneralSecurityException {
        byte[] scratch = new byte[room];
        try {
            int written = open.doFinal(in, inOffset, length, scratch, 0);
            System.arraycopy(scratch, 0, out, outOffset, written);
            return written;
        } finally {
            Arrays.fill(scratch, (byte) 0);
        }
    }

    /** Wipes the key, if it is ours, and lets go of the cipher, which holds a copy; idempotent. */
    @Override
    public void close() {
        int before = state.getAndSet(CLOSED);
        Loan<Cipher> lent = loan;
        loan = null;
        cipher = null;
        if (before == FREE && !failed && idle != null && lent != null) {
            idle.giveBack(lent);
        }
        if (owned) {
            try {
                key.destroy();
            } catch (DestroyFailedException e) {
                throw new IllegalStateException("AesKey.destroy() does not fail", e);
            }
        }
    }
}
