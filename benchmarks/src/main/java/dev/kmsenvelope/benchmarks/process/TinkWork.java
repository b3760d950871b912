package dev.kmsenvelope.benchmarks.process;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;

/** Tink's AES-256-GCM-HKDF streaming with segments of 1 MiB, under a raw key. */
final class TinkWork implements Work {

    private static final byte[] NOTHING = new byte[0];

    private final AesGcmHkdfStreaming streaming;

    TinkWork(byte[] key) throws GeneralSecurityException {
        streaming = new AesGcmHkdfStreaming(key, "HmacSha256", 32, PIECE, 0);
    }

    @Override
    public void encrypt(InputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        // Its stream closes the one below, which is not ours to close.
        try (OutputStream encrypting = streaming.newEncryptingStream(Streams.notClosing(out), NOTHING)) {
            Streams.copy(in, encrypting);
        }
    }

    @Override
    public void decrypt(InputStream in, OutputStream out) throws IOException, GeneralSecurityException {
        Streams.copy(streaming.newDecryptingStream(in, NOTHING), out);
    }
}
