package dev.kmsenvelope.benchmarks.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * A JCA provider's AES-GCM under a raw key, the Cipher reused, with a message for each piece: as a program does that keeps
 * its keys itself. The nonces are counted, under a key that is made for one run.
 */
final class GcmWork implements Work {

    private static final int TAG = 16;
    private static final int NONCE = 12;

    private final Cipher cipher;
    private final SecretKey key;
    private long messages;

    GcmWork(Provider provider, SecretKey key) throws GeneralSecurityException {
        cipher = Cipher.getInstance("AES/GCM/NoPadding", provider);
        this.key = key;
    }

    @Override
    public void encrypt(InputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        pass(Cipher.ENCRYPT_MODE, in, out, PIECE);
    }

    @Override
    public void decrypt(InputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        pass(Cipher.DECRYPT_MODE, in, out, PIECE + TAG);
    }

    private void pass(int mode, InputStream in, OutputStream out, int length)
            throws IOException, GeneralSecurityException {
        byte[] piece = new byte[length];
        byte[] result = new byte[length + TAG];
        for (int read = in.readNBytes(piece, 0, length); read > 0; read = in.readNBytes(piece, 0, length)) {
            cipher.init(mode, key, nextNonce());
            out.write(result, 0, cipher.doFinal(piece, 0, read, result, 0));
        }
    }

    private GCMParameterSpec nextNonce() {
        byte[] nonce = new byte[NONCE];
        messages++;
        for (int i = 0; i < Long.BYTES; i++) {
            nonce[i] = (byte) (messages >>> (8 * i));
        }
        return new GCMParameterSpec(8 * TAG, nonce);
    }
}
