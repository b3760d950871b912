package dev.kmsenvelope.benchmarks.contenders;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.streamingaead.PredefinedStreamingAeadParameters;
import com.google.crypto.tink.streamingaead.StreamingAeadConfig;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;

/** Tink's AES-256-GCM-HKDF streaming with segments of 1 MiB, under a raw keyset. */
final class TinkStreamContender implements StreamContender {

    private final StreamingAead aead;
    private final byte[] associated = MasterKey.CONTEXT.toString().getBytes(StandardCharsets.UTF_8);
    private final byte[] buffer = new byte[PIECE];

    TinkStreamContender() throws GeneralSecurityException {
        StreamingAeadConfig.register();
        this.aead = KeysetHandle.generateNew(
                        PredefinedStreamingAeadParameters.AES256_GCM_HKDF_1MB, RegistryConfiguration.get())
                .getPrimitive(RegistryConfiguration.get(), StreamingAead.class);
    }

    @Override
    public void encrypt(byte[] plaintext, OutputStream sink) throws GeneralSecurityException, IOException {
        try (OutputStream out = aead.newEncryptingStream(sink, associated)) {
            for (int at = 0; at < plaintext.length; at += PIECE) {
                out.write(plaintext, at, Math.min(PIECE, plaintext.length - at));
            }
        }
    }

    @Override
    public void decrypt(byte[] message, OutputStream sink) throws GeneralSecurityException, IOException {
        try (InputStream in = aead.newDecryptingStream(new ByteArrayInputStream(message), associated)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sink.write(buffer, 0, read);
            }
        }
    }

    @Override
    public void close() {
        // nothing was opened
    }
}
