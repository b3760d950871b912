package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.CipherInitialization;
import dev.kmsenvelope.crypto.GcmProvider;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.Security;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.NoSuchPaddingException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * A key that is not ours, on a cipher object that was bound to this provider before its key was known: the first other
 * provider in the list that takes the key does the work, as if this provider were not there.
 */
record PassThroughOperation(Cipher cipher) implements CipherOperation {

    static PassThroughOperation start(String transformation, Key key, CipherInitialization initialization)
            throws InvalidKeyException, InvalidAlgorithmParameterException {
        InvalidKeyException keyRefused = null;
        InvalidAlgorithmParameterException parametersRefused = null;
        for (Provider provider : Security.getProviders()) {
            if (provider.getName().equals(GcmProvider.OWN_NAME)) {
                continue;
            }
            try {
                Cipher cipher = Cipher.getInstance(transformation, provider);
                initialization.init(cipher, key);
                return new PassThroughOperation(cipher);
            } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
                // not offered there; the next one may
            } catch (InvalidKeyException e) {
                keyRefused = keyRefused == null ? e : keyRefused;
            } catch (InvalidAlgorithmParameterException e) {
                parametersRefused = parametersRefused == null ? e : parametersRefused;
            }
        }
        if (parametersRefused != null) {
            throw parametersRefused;
        }
        throw keyRefused != null ? keyRefused : new InvalidKeyException("no installed provider takes this key");
    }

    /** What a cipher of the first other provider gives that was not initialized; null if that is nothing. */
    static @Nullable AlgorithmParameters parametersBeforeInit(String transformation) {
        for (Provider provider : Security.getProviders()) {
            if (!provider.getName().equals(GcmProvider.OWN_NAME)) {
                try {
                    return Cipher.getInstance(transformation, provider).getParameters();
                } catch (NoSuchAlgorithmException | NoSuchPaddingException e) {
                    // not offered there; the next one may
                }
            }
        }
        return null;
    }

    @Override
    public int outputSize(int inputLength) {
        return cipher.getOutputSize(inputLength);
    }

    @Override
    public byte @Nullable [] iv() {
        return cipher.getIV();
    }

    @Override
    public @Nullable AlgorithmParameters parameters() {
        return cipher.getParameters();
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        cipher.updateAAD(in, offset, length);
    }

    @Override
    public byte @Nullable [] update(byte[] in, int offset, int length) {
        return cipher.update(in, offset, length);
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException {
        return cipher.update(in, offset, length, out, outOffset);
    }

    @Override
    public int update(ByteBuffer in, ByteBuffer out) throws ShortBufferException {
        return cipher.update(in, out);
    }

    @Override
    public byte[] doFinal(byte[] in, int offset, int length) throws IllegalBlockSizeException, BadPaddingException {
        return cipher.doFinal(in, offset, length);
    }

    @Override
    public int doFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        return cipher.doFinal(in, offset, length, out, outOffset);
    }

    @Override
    public int doFinal(ByteBuffer in, ByteBuffer out)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException {
        return cipher.doFinal(in, out);
    }

    @Override
    public byte[] wrap(Key key) throws IllegalBlockSizeException, InvalidKeyException {
        return cipher.wrap(key);
    }

    @Override
    public Key unwrap(byte[] wrapped, String algorithm, int type) throws InvalidKeyException, NoSuchAlgorithmException {
        return cipher.unwrap(wrapped, algorithm, type);
    }

    @Override
    public void close() {
        // the other provider's cipher has nothing to close
    }
}
