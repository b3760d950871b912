package dev.kmsenvelope.crypto;

import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.ProviderException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;

/**
 * SunJCE's AES under keys that are given to a cipher for one message and taken away after it. A cipher keeps a copy of its
 * key, and one of AES-GCM a second one to compare the next with, so that the only way to take a key away is to give another
 * (RULES 16). That one is random, drawn once per process, and nothing is ever encrypted under it.
 */
public final class AesCiphers {

    private static final String PROVIDER = "SunJCE";

    /** Not a constant such as zeros: a caller's key could be the same, and AES-GCM refuses a key and IV that it had last. */
    private static final class Nobody {
        private static final byte[] KEY = RandomSource.operatingSystem().next(32);
    }

    private AesCiphers() {}

    /**
     * Makes a cipher.
     *
     * @param transformation of AES
     * @return a cipher without a key
     * @throws ProviderException if this Java runtime has no SunJCE, or that does not offer the transformation
     */
    public static Cipher create(String transformation) {
        try {
            return Cipher.getInstance(transformation, PROVIDER);
        } catch (GeneralSecurityException e) {
            throw new ProviderException(transformation + " needs the security provider " + PROVIDER, e);
        }
    }

    /**
     * What SunJCE calls the block size of a key wrap: 16 bytes or, in later versions, 8.
     *
     * @param transformation of AES
     * @return in bytes
     */
    public static int blockSize(String transformation) {
        return create(transformation).getBlockSize();
    }

    /**
     * Initializes a cipher with a key.
     *
     * @param cipher one of {@link #create}
     * @param key 16, 24 or 32 bytes; not modified, and no copy of it remains but the cipher's own
     * @param initialization mode and parameters
     * @throws InvalidKeyException if the mode needs parameters and there are none
     * @throws InvalidAlgorithmParameterException if the parameters are wrong
     */
    public static void giveKey(Cipher cipher, byte[] key, CipherInitialization initialization)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        AesKey copy = new AesKey(key);
        try {
            initialization.init(cipher, copy);
        } finally {
            copy.destroy();
        }
    }

    /**
     * Takes the key away from a cipher, and what is left of a message. Mode, parameters and IV remain.
     *
     * @param cipher one that has a key by {@link #giveKey}
     * @param length how long the key is, in bytes
     * @param initialization the one that the key was given with
     */
    public static void takeKey(Cipher cipher, int length, CipherInitialization initialization) {
        try {
            giveKey(cipher, Arrays.copyOf(Nobody.KEY, length), initialization);
        } catch (GeneralSecurityException e) {
            throw new ProviderException("a cipher refuses parameters that it took before", e);
        }
    }

    /**
     * Decrypts with AES in CBC mode and takes the padding of PKCS #7 off. Nothing is authenticated: whoever can have changed
     * texts decrypted, and sees which are refused, can read them.
     *
     * @param key 16, 24 or 32 bytes; not modified
     * @param iv 16 bytes
     * @param in holds the ciphertext
     * @param offset where it starts
     * @param length how long it is, a multiple of 16
     * @param out receives the plaintext, with room for as many bytes; zeros if this throws
     * @return how long the plaintext is
     * @throws BadPaddingException if there is no padding
     */
    public static int decryptCbc(byte[] key, byte[] iv, byte[] in, int offset, int length, byte[] out)
            throws BadPaddingException {
        Cipher cipher = create("AES/CBC/PKCS5Padding");
        CipherInitialization initialization = with(Cipher.DECRYPT_MODE, new IvParameterSpec(iv));
        boolean done = false;
        try {
            giveKey(cipher, key, initialization);
            int written = cipher.doFinal(in, offset, length, out, 0);
            done = true;
            return written;
        } catch (BadPaddingException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new ProviderException("AES-CBC decryption failed", e);
        } finally {
            if (!done) {
                Arrays.fill(out, (byte) 0);
            }
        }
    }

    /**
     * An initialization with parameters that were not the caller's.
     *
     * @param mode one of {@link Cipher}'s
     * @param parameters what the transformation takes
     * @return the initialization
     */
    public static CipherInitialization with(int mode, AlgorithmParameterSpec parameters) {
        return (cipher, key) -> cipher.init(mode, key, parameters);
    }
}
