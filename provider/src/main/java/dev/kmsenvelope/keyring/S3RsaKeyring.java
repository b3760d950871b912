package dev.kmsenvelope.keyring;

import dev.kmsenvelope.crypto.OaepHash;
import dev.kmsenvelope.crypto.RsaOaep;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.RawKeysOfS3;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.BadPaddingException;

/**
 * Encrypts data keys under an RSA key with OAEP, SHA-1 and MGF1 over SHA-1. The plaintext of OAEP is {@code length u8 | data
 * key | name of the content algorithm}. Thread-safe.
 *
 * <p>Who has the public key can encrypt, so what opens is no proof of who wrote it (RULES 15).
 */
public final class S3RsaKeyring extends S3Keyring {

    private static final int MAX_DATA_KEY = 0xFF;

    private final String keyName;
    private final RsaOaep key;
    private final SecureRandom random;

    /**
     * Makes a keyring.
     *
     * @param keyName the name of the wrapping key
     * @param key the wrapping key, with or without its private half; not closed by this keyring. If its hash is not SHA-1, each
     *     use is an {@link InvalidKeyUsageException}
     * @param random where padding comes from: the operating system's source
     */
    public S3RsaKeyring(String keyName, RsaOaep key, SecureRandom random) {
        super(RawKeysOfS3.RSA_OAEP_SHA1, keyName);
        this.keyName = keyName;
        this.key = key;
        this.random = random;
    }

    private void requireSha1() {
        if (key.hash() != OaepHash.SHA_1) {
            throw new InvalidKeyUsageException("the key " + keyName + " is used with OAEP and "
                    + key.hash().algorithm() + "; the Amazon S3 Encryption Client knows SHA-1 only");
        }
    }

    @Override
    byte[] wrap(byte[] plaintext, byte[] algorithm) {
        requireSha1();
        int length = 1 + plaintext.length + algorithm.length;
        if (plaintext.length > MAX_DATA_KEY || length > key.maxPlaintext()) {
            throw new InvalidKeyUsageException(
                    "the key " + keyName + " cannot encrypt a data key of " + plaintext.length + " bytes");
        }
        byte[] bound = new byte[length];
        try {
            bound[0] = (byte) plaintext.length;
            System.arraycopy(plaintext, 0, bound, 1, plaintext.length);
            System.arraycopy(algorithm, 0, bound, 1 + plaintext.length, algorithm.length);
            return key.encrypt(bound, random);
        } finally {
            Arrays.fill(bound, (byte) 0);
        }
    }

    @Override
    byte[] unwrap(byte[] ciphertext, byte[] algorithm) {
        requireSha1();
        if (!key.canDecrypt()) {
            throw new KeyAccessDeniedException("the key " + keyName
                    + " is a public key only here: it encrypts, and what it encrypts opens where its private key is");
        }
        byte[] bound;
        try {
            bound = key.decrypt(ciphertext);
        } catch (BadPaddingException e) {
            throw notMine();
        }
        try {
            int length = bound.length - 1 - algorithm.length;
            if (length < 1
                    || Byte.toUnsignedInt(bound[0]) != length
                    || !MessageDigest.isEqual(Arrays.copyOfRange(bound, 1 + length, bound.length), algorithm)) {
                throw notMine();
            }
            return Arrays.copyOfRange(bound, 1, 1 + length);
        } finally {
            Arrays.fill(bound, (byte) 0);
        }
    }
}
