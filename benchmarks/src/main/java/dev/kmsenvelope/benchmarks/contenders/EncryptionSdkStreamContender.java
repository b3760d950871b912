package dev.kmsenvelope.benchmarks.contenders;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CryptoMaterialsManager;
import com.amazonaws.encryptionsdk.CryptoOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** The AWS Encryption SDK's streams, committing suite without signature, with its default frames of 4 KiB. */
final class EncryptionSdkStreamContender implements StreamContender {

    private final AwsCrypto crypto = EncryptionSdk.committing();
    private final CryptoMaterialsManager manager = EncryptionSdk.cachingManager();

    @Override
    public void encrypt(byte[] plaintext, OutputStream sink) throws IOException {
        try (CryptoOutputStream<?> out = crypto.createEncryptingStream(manager, sink, MasterKey.CONTEXT)) {
            // without it the caching manager does not use its cache
            out.setMaxInputLength(plaintext.length);
            write(plaintext, out);
        }
    }

    @Override
    public void decrypt(byte[] message, OutputStream sink) throws IOException {
        try (CryptoOutputStream<?> out = crypto.createUnsignedMessageDecryptingStream(manager, sink)) {
            write(message, out);
        }
    }

    private static void write(byte[] in, OutputStream out) throws IOException {
        for (int at = 0; at < in.length; at += PIECE) {
            out.write(in, at, Math.min(PIECE, in.length - at));
        }
    }

    @Override
    public void close() {
        // nothing was opened
    }
}
