package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.AesCiphers;
import dev.kmsenvelope.crypto.CipherInitialization;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.KeyIdentity;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;
import java.util.Arrays;
import javax.crypto.BadPaddingException;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * A cipher of SunJCE under a stored data key, from one {@code init} to the next. It has the key from {@code init} to the end
 * of the message, and from the first input of each further message to its end; in between it has none, so that a Cipher
 * object that somebody keeps does not keep the key that was taken out of the cache (RULES 16).
 */
final class StoredKeyOperation implements CipherOperation {

    private final KmsStoredKey key;
    private final PassThroughOperation cipher;
    private final CipherInitialization initialization;
    private final boolean oneMessage;
    private @Nullable DataKeyLease counted;
    private long bytes;
    private boolean hasKey;
    private boolean isOver;

    /**
     * Does not ask for the key yet.
     *
     * @param key the handle
     * @param cipher does the work
     * @param initialization mode and parameters: the same for every message
     * @param oneMessage whether a second message would be encrypted under the same nonce
     */
    StoredKeyOperation(
            KmsStoredKey key, PassThroughOperation cipher, CipherInitialization initialization, boolean oneMessage) {
        this.key = key;
        this.cipher = cipher;
        this.initialization = initialization;
        this.oneMessage = oneMessage;
    }

    /**
     * Gives the key to the cipher.
     *
     * @return which key that was, by its bytes
     */
    KeyIdentity start() throws InvalidKeyException, InvalidAlgorithmParameterException {
        try (DataKeyLease lease = key.source().lease()) {
            byte[] plaintext = lease.copyKey();
            try {
                AesCiphers.giveKey(cipher.cipher(), plaintext, initialization);
                hasKey = true;
            } finally {
                Arrays.fill(plaintext, (byte) 0);
            }
            counted = lease; // may be told how much was done after it ended
            bytes = 0;
            return lease.identity();
        } catch (InvalidCiphertextException e) {
            throw new InvalidKeyException(e.getMessage(), e);
        }
    }

    /** Before every input. */
    private void begin() {
        if (isOver) {
            throw new IllegalStateException("Must use either different key or iv for GCM encryption");
        }
        if (!hasKey) {
            try {
                start();
            } catch (GeneralSecurityException e) {
                throw new ProviderException("the data key cannot be used for another message: " + e.getMessage(), e);
            }
        }
    }

    /** After every message, good or bad. */
    private void end() {
        isOver = oneMessage;
        close();
        if (counted != null) {
            counted.used(bytes);
            counted = null;
        }
    }

    @Override
    public void close() {
        if (hasKey) {
            hasKey = false;
            AesCiphers.takeKey(cipher.cipher(), key.stored().length(), initialization);
        }
    }

    @Override
    public int outputSize(int inputLength) {
        return cipher.outputSize(inputLength);
    }

    @Override
    public byte @Nullable [] iv() {
        return cipher.iv();
    }

    @Override
    public @Nullable AlgorithmParameters parameters() {
        return cipher.parameters();
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        begin();
        cipher.updateAad(in, offset, length);
    }

    @Override
    public byte @Nullable [] update(byte[] in, int offset, int length) {
        begin();
        byte[] out = cipher.update(in, offset, length);
        bytes += length;
        return out;
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        begin();
        int written = cipher.update(in, offset, length, out, outOffset);
        bytes += length;
        return written;
    }

    @Override
    public int update(ByteBuffer in, ByteBuffer out) throws ShortBufferException {
        begin();
        int length = in.remaining();
        int written = cipher.update(in, out);
        bytes += length;
        return written;
    }

    private interface Ending<T> {
        T end() throws ShortBufferException, IllegalBlockSizeException, BadPaddingException;
    }

    private <T> T ending(int length, Ending<T> ending)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        begin();
        boolean goesOn = false;
        try {
            return ending.end();
        } catch (ShortBufferException e) {
            goesOn = true; // nothing has happened, and the same call may come again with more room
            throw e;
        } finally {
            if (!goesOn) {
                bytes += length;
                end();
            }
        }
    }

    @Override
    public byte[] doFinal(byte[] in, int offset, int length) throws IllegalBlockSizeException, BadPaddingException {
        try {
            return ending(length, () -> cipher.doFinal(in, offset, length));
        } catch (ShortBufferException e) {
            throw new IllegalStateException("an array that a cipher makes itself is long enough", e);
        }
    }

    @Override
    public int doFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        return ending(length, () -> cipher.doFinal(in, offset, length, out, outOffset));
    }

    @Override
    public int doFinal(ByteBuffer in, ByteBuffer out)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        return ending(in.remaining(), () -> cipher.doFinal(in, out));
    }

    @Override
    public byte[] wrap(Key wrapped) throws IllegalBlockSizeException, InvalidKeyException {
        begin();
        try {
            return cipher.wrap(wrapped);
        } finally {
            end();
        }
    }

    @Override
    public Key unwrap(byte[] wrapped, String algorithm, int type) throws InvalidKeyException, NoSuchAlgorithmException {
        begin();
        try {
            return cipher.unwrap(wrapped, algorithm, type);
        } finally {
            end();
        }
    }
}
