package dev.kmsenvelope.benchmarks.contenders;

import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;

/** This library's {@code Envelope} cipher, piece by piece. */
final class EnvelopeStreamContender implements StreamContender {

    private final BenchmarkKeys keys;
    private final Cipher cipher;
    private byte[] out = new byte[2 * PIECE];

    EnvelopeStreamContender(BenchmarkKeys keys) throws GeneralSecurityException {
        this.keys = keys;
        this.cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
    }

    @Override
    public void encrypt(byte[] plaintext, OutputStream sink) throws GeneralSecurityException, IOException {
        cipher.init(Cipher.ENCRYPT_MODE, keys.handle());
        stream(plaintext, sink);
    }

    @Override
    public void decrypt(byte[] message, OutputStream sink) throws GeneralSecurityException, IOException {
        cipher.init(Cipher.DECRYPT_MODE, keys.handle());
        stream(message, sink);
    }

    private void stream(byte[] in, OutputStream sink) throws GeneralSecurityException, IOException {
        for (int at = 0; at < in.length; at += PIECE) {
            int length = Math.min(PIECE, in.length - at);
            makeRoom(length);
            sink.write(out, 0, cipher.update(in, at, length, out, 0));
        }
        makeRoom(0);
        sink.write(out, 0, cipher.doFinal(out, 0));
    }

    private void makeRoom(int length) {
        int needed = cipher.getOutputSize(length);
        if (needed > out.length) {
            out = new byte[needed];
        }
    }

    @Override
    public void close() throws IOException {
        keys.close();
    }
}
