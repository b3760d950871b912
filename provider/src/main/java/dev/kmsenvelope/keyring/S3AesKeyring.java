package dev.kmsenvelope.keyring;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.kms.RawKeysOfS3;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.function.Supplier;
import javax.crypto.AEADBadTagException;

/**
 * Encrypts data keys under an AES key: {@code nonce[12] | ciphertext | tag[16]}, AES-GCM with a random nonce and the name of
 * the content algorithm as associated data. Counting the nonces is the owner's duty. Thread-safe.
 */
public final class S3AesKeyring extends S3Keyring {

    private final Supplier<AesGcm> wrappingKey;
    private final SecureRandom random;

    /**
     * Makes a keyring.
     *
     * @param keyName the name of the wrapping key
     * @param wrappingKey gives the cipher with the wrapping key, which is closed after each use
     * @param random where nonces come from: the operating system's source
     */
    public S3AesKeyring(String keyName, Supplier<AesGcm> wrappingKey, SecureRandom random) {
        super(RawKeysOfS3.AES_GCM, keyName);
        this.wrappingKey = wrappingKey;
        this.random = random;
    }

    @Override
    byte[] wrap(byte[] plaintext, byte[] algorithm) {
        byte[] nonce = new byte[AesGcm.NONCE_LENGTH];
        random.nextBytes(nonce);
        byte[] out = Arrays.copyOf(nonce, nonce.length + plaintext.length + AesGcm.TAG_LENGTH);
        try (AesGcm cipher = wrappingKey.get()) {
            cipher.encrypt(nonce, new byte[][] {algorithm}, plaintext, 0, plaintext.length, out, nonce.length);
            return out;
        }
    }

    @Override
    byte[] unwrap(byte[] ciphertext, byte[] algorithm) {
        if (ciphertext.length <= AesGcm.NONCE_LENGTH + AesGcm.TAG_LENGTH) {
            throw notMine();
        }
        try (AesGcm cipher = wrappingKey.get()) {
            return cipher.decrypt(
                    Arrays.copyOf(ciphertext, AesGcm.NONCE_LENGTH),
                    Arrays.copyOfRange(ciphertext, AesGcm.NONCE_LENGTH, ciphertext.length),
                    algorithm);
        } catch (AEADBadTagException e) {
            throw notMine();
        }
    }
}
