package dev.kmsenvelope.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.security.ProviderException;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * One AES-GCM decryption (NIST SP 800-38D) in constant memory, of a ciphertext that is longer than memory and has its tag at
 * its end. A cipher of the JCA cannot do that: it gives nothing before it verified all.
 *
 * <p>So it is done with the two that the JCA has, as section 7.2 of the specification composes decryption: counter mode from
 * the block after the first one gives the plaintext, and the tag is the one that encrypting this plaintext makes, since both
 * directions authenticate the ciphertext and encryption turns this plaintext into the same one. That tag is compared in
 * constant time and goes nowhere, nor does what that encryption gives: so a nonce that a changed message chose serves for
 * nothing but to compute what any decryption computes. Counter mode counts modulo 2^128 and GCM modulo 2^32: below {@link
 * GcmEncryption#MAX_LENGTH}, which is kept, no counter comes that far.
 */
public final class GcmDecryption implements UnverifiedDecryption {

    private static final String COUNTER_MODE = "AES/CTR/NoPadding";
    private static final int FIRST_COUNTER = 2;

    private final Cipher counterMode;
    private final CipherInitialization initialization;
    private final int keyLength;
    private final GcmEncryption tag;
    private final byte[] kept = new byte[AesGcm.TAG_LENGTH];
    private int keptLength;
    private byte[] again = new byte[0];
    private boolean closed;

    /**
     * Starts.
     *
     * @param provider who computes the tag; SunJCE stops at 2^31 - 1 bytes
     * @param key 16, 24 or 32 bytes; not modified, and no copy of it remains but the ciphers' own
     * @param nonce {@value AesGcm#NONCE_LENGTH} bytes
     * @param aad the associated data
     */
    public GcmDecryption(Provider provider, byte[] key, byte[] nonce, byte[] aad) {
        tag = new GcmEncryption(provider, key, nonce);
        tag.updateAad(aad, 0, aad.length);
        byte[] counter =
                ByteBuffer.allocate(16).put(nonce).putInt(FIRST_COUNTER).array();
        initialization = AesCiphers.with(Cipher.DECRYPT_MODE, new IvParameterSpec(counter));
        counterMode = AesCiphers.create(COUNTER_MODE);
        keyLength = key.length;
        try {
            AesCiphers.giveKey(counterMode, key, initialization);
        } catch (GeneralSecurityException e) {
            tag.close();
            throw failed(e);
        }
    }

    /** The last bytes that came so far may be the tag, and wait. */
    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) {
        int ready = Math.max(0, keptLength + length - AesGcm.TAG_LENGTH);
        int fromKept = Math.min(keptLength, ready);
        int fromInput = ready - fromKept;
        int written = decrypt(kept, 0, fromKept, out, outOffset);
        written += decrypt(in, offset, fromInput, out, outOffset + written);
        System.arraycopy(kept, fromKept, kept, 0, keptLength - fromKept);
        keptLength -= fromKept;
        System.arraycopy(in, offset + fromInput, kept, keptLength, length - fromInput);
        keptLength += length - fromInput;
        return written;
    }

    private int decrypt(byte[] in, int offset, int length, byte[] out, int outOffset) {
        if (closed) {
            throw new IllegalStateException("this decryption has ended");
        }
        if (length == 0) {
            return 0;
        }
        try {
            int written = counterMode.update(in, offset, length, out, outOffset);
            if (written != length) {
                throw new ProviderException("counter mode gave " + written + " bytes for " + length);
            }
        } catch (GeneralSecurityException e) {
            throw failed(e);
        }
        long size = tag.updateSize(length);
        if (size > again.length) {
            again = new byte[Math.toIntExact(size)];
        }
        tag.update(out, outOffset, length, again, 0);
        return length;
    }

    @Override
    public int finish(byte[] out, int outOffset) throws AEADBadTagException {
        try {
            byte[] end = new byte[Math.toIntExact(tag.finishSize(0))];
            int length = tag.finish(out, outOffset, 0, end, 0);
            byte[] expected = Arrays.copyOfRange(end, length - AesGcm.TAG_LENGTH, length);
            if (keptLength < AesGcm.TAG_LENGTH || !MessageDigest.isEqual(expected, kept)) {
                throw new AEADBadTagException("the tag is not that of the ciphertext");
            }
            return 0;
        } finally {
            close();
        }
    }

    private static ProviderException failed(GeneralSecurityException e) {
        return new ProviderException("AES in counter mode failed", e);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            tag.close();
            AesCiphers.takeKey(counterMode, keyLength, initialization);
        }
    }
}
