package dev.kmsenvelope.benchmarks.contenders;

import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM of a JCA provider, frame by frame with one reused {@code Cipher} object: the least that anything has to do
 * which streams verified data. Without any format: each frame is nonce, ciphertext and tag.
 */
final class RawFramesContender implements StreamContender {

    private static final int TAG_LENGTH = 16;
    private static final int OVERHEAD = Nonces.LENGTH + TAG_LENGTH;

    private final int frame;
    private final Cipher cipher;
    private final SecretKey key = new SecretKeySpec(MasterKey.random(32), "AES");
    private final Nonces nonces = new Nonces();
    private final byte[] out;

    RawFramesContender(Provider provider, int frame) throws GeneralSecurityException {
        this.frame = frame;
        this.cipher = Cipher.getInstance("AES/GCM/NoPadding", provider);
        this.out = new byte[frame + OVERHEAD];
    }

    @Override
    public void encrypt(byte[] plaintext, OutputStream sink) throws GeneralSecurityException, IOException {
        for (int at = 0; at < plaintext.length; at += frame) {
            byte[] nonce = nonces.next();
            System.arraycopy(nonce, 0, out, 0, Nonces.LENGTH);
            cipher.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(8 * TAG_LENGTH, nonce));
            int length = Math.min(frame, plaintext.length - at);
            sink.write(out, 0, Nonces.LENGTH + cipher.doFinal(plaintext, at, length, out, Nonces.LENGTH));
        }
    }

    @Override
    public void decrypt(byte[] message, OutputStream sink) throws GeneralSecurityException, IOException {
        for (int at = 0; at < message.length; at += frame + OVERHEAD) {
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(8 * TAG_LENGTH, message, at, Nonces.LENGTH));
            int length = Math.min(frame + TAG_LENGTH, message.length - at - Nonces.LENGTH);
            sink.write(out, 0, cipher.doFinal(message, at + Nonces.LENGTH, length, out, 0));
        }
    }

    @Override
    public void close() {
        // nothing was opened
    }
}
