package dev.kmsenvelope.crypto;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.util.Arrays;
import javax.crypto.Cipher;
import org.bouncycastle.crypto.AsymmetricBlockCipher;
import org.bouncycastle.crypto.CipherParameters;

/**
 * The RSA decryption primitive (RFC 8017, 5.1.2) of another provider, such as a token, in the form in which BouncyCastle's
 * padding takes it. For one block, which must be smaller than the modulus; not thread-safe.
 */
final class RawRsa implements AsymmetricBlockCipher {

    /** What {@link #init} is given: the key is in the cipher already. */
    static final CipherParameters NO_PARAMETERS = new CipherParameters() {};

    private final Cipher cipher;
    private final PrivateKey key;
    private final int modulusLength;
    private byte[] block = new byte[0];

    RawRsa(Cipher cipher, PrivateKey key, int modulusLength) {
        this.cipher = cipher;
        this.key = key;
        this.modulusLength = modulusLength;
    }

    @Override
    public void init(boolean forEncryption, CipherParameters parameters) {
        if (forEncryption) {
            throw new IllegalArgumentException("a private key decrypts");
        }
    }

    @Override
    public int getInputBlockSize() {
        return modulusLength;
    }

    /** Without the first byte, which is zero in every padded block. */
    @Override
    public int getOutputBlockSize() {
        return modulusLength - 1;
    }

    /**
     * Decrypts. The padding refuses a result that is longer than {@link #getOutputBlockSize()}, as one with another first
     * byte than zero is, without telling that from other faults.
     */
    @Override
    public byte[] processBlock(byte[] in, int offset, int length) {
        byte[] padded;
        try {
            cipher.init(Cipher.DECRYPT_MODE, key);
            padded = cipher.doFinal(in, offset, length);
        } catch (GeneralSecurityException e) {
            // No number below the modulus is a wrong input: it is the token that fails.
            throw new ProviderException(
                    "RSA decryption failed in the provider "
                            + cipher.getProvider().getName(),
                    e);
        }
        boolean leadingZero = padded.length == modulusLength && padded[0] == 0;
        block = leadingZero ? Arrays.copyOfRange(padded, 1, padded.length) : padded;
        if (leadingZero) {
            Arrays.fill(padded, (byte) 0);
        }
        return block;
    }

    /** Wipes what was decrypted. */
    void wipe() {
        Arrays.fill(block, (byte) 0);
    }
}
