package dev.kmsenvelope.crypto;

import java.security.GeneralSecurityException;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.MGF1ParameterSpec;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;

/**
 * RSAES-OAEP (RFC 8017, section 7.1) with MGF1 over the same hash and an empty label, by SunJCE. Older paddings, which tell
 * an attacker whether they were right, are not offered.
 */
public final class RsaOaep {

    private RsaOaep() {}

    /**
     * Decrypts.
     *
     * @param key the private key
     * @param hash of the padding and of MGF1
     * @param ciphertext as many bytes as the modulus has
     * @return the plaintext, which the caller wipes
     * @throws BadPaddingException if it does not decrypt, whatever the reason
     * @throws GeneralSecurityException if this Java runtime cannot do that
     */
    public static byte[] decrypt(RSAPrivateKey key, MGF1ParameterSpec hash, byte[] ciphertext)
            throws GeneralSecurityException {
        if (ciphertext.length != (key.getModulus().bitLength() + 7) / 8) {
            throw new BadPaddingException("does not decrypt");
        }
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding", "SunJCE");
        cipher.init(
                Cipher.DECRYPT_MODE,
                key,
                new OAEPParameterSpec(hash.getDigestAlgorithm(), "MGF1", hash, PSource.PSpecified.DEFAULT));
        try {
            return cipher.doFinal(ciphertext);
        } catch (BadPaddingException e) {
            // One text for all reasons, without the cause (RULES 12): which it was helps those who try.
            throw new BadPaddingException("does not decrypt");
        }
    }
}
