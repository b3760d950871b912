package dev.kmsenvelope.crypto;

import java.security.GeneralSecurityException;
import java.security.ProviderException;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.spec.IvParameterSpec;

/**
 * AES in CBC mode with the padding of PKCS #7, as {@link AesCiphers#decryptCbc}, in pieces. Nothing is authenticated: the end
 * tells of changes only by its padding.
 */
public final class CbcDecryption implements UnverifiedDecryption {

    private final Cipher cipher = AesCiphers.create("AES/CBC/PKCS5Padding");
    private final CipherInitialization initialization;
    private final int keyLength;
    private boolean closed;

    /**
     * Starts.
     *
     * @param key 16, 24 or 32 bytes; not modified, and no copy of it remains but the cipher's own
     * @param iv 16 bytes
     */
    public CbcDecryption(byte[] key, byte[] iv) {
        initialization = AesCiphers.with(Cipher.DECRYPT_MODE, new IvParameterSpec(iv));
        keyLength = key.length;
        try {
            AesCiphers.giveKey(cipher, key, initialization);
        } catch (GeneralSecurityException e) {
            throw failed(e);
        }
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) {
        requireOpen();
        try {
            return cipher.update(in, offset, length, out, outOffset);
        } catch (GeneralSecurityException e) {
            throw failed(e);
        }
    }

    @Override
    public int finish(byte[] out, int outOffset) throws BadPaddingException {
        requireOpen();
        try {
            return cipher.doFinal(out, outOffset);
        } catch (IllegalBlockSizeException e) {
            BadPaddingException bad = new BadPaddingException("the ciphertext does not end with a block");
            bad.initCause(e);
            throw bad;
        } catch (BadPaddingException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw failed(e);
        } finally {
            close();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this decryption has ended");
        }
    }

    private static ProviderException failed(GeneralSecurityException e) {
        return new ProviderException("AES-CBC decryption failed", e);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            AesCiphers.takeKey(cipher, keyLength, initialization);
        }
    }
}
