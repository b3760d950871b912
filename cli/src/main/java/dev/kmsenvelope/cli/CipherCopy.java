package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/** Runs a stream through the cipher, in constant memory. */
final class CipherCopy {

    private static final int CHUNK = 128 * 1024;

    private CipherCopy() {}

    /** The cipher by its explicit name, from this jar, whatever java.security says. */
    static Cipher cipher(int mode, SecretKey key, EnvelopeParameterSpec parameters, byte[] aad)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("Envelope", new KmsEnvelopeProvider());
        cipher.init(mode, key, parameters);
        if (aad.length > 0) {
            cipher.updateAAD(aad);
        }
        return cipher;
    }

    /** Reads to the end. When it throws, what was written so far must not be taken for the whole. */
    static void run(Cipher cipher, InputStream in, OutputStream out, Progress progress)
            throws IOException, GeneralSecurityException {
        byte[] chunk = new byte[CHUNK];
        try {
            int length = in.readNBytes(chunk, 0, CHUNK);
            while (length > 0) {
                write(cipher.update(chunk, 0, length), out);
                progress.advance(length);
                length = in.readNBytes(chunk, 0, CHUNK);
            }
            write(cipher.doFinal(), out);
        } finally {
            Arrays.fill(chunk, (byte) 0);
        }
    }

    private static void write(byte @Nullable [] bytes, OutputStream out) throws IOException {
        if (bytes != null) {
            try {
                out.write(bytes, 0, bytes.length);
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        }
    }
}
