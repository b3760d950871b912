package dev.kmsenvelope.benchmarks.process;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CommitmentPolicy;
import com.amazonaws.encryptionsdk.CryptoAlgorithm;
import com.amazonaws.encryptionsdk.CryptoOutputStream;
import com.amazonaws.encryptionsdk.jce.JceMasterKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import javax.crypto.SecretKey;

/** The AWS Encryption SDK's streams: committing suite without signature, default frames, under a raw key. */
final class EncryptionSdkWork implements Work {

    private final AwsCrypto crypto = AwsCrypto.builder()
            .withCommitmentPolicy(CommitmentPolicy.RequireEncryptRequireDecrypt)
            .withEncryptionAlgorithm(CryptoAlgorithm.ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY)
            .build();
    private final JceMasterKey key;

    EncryptionSdkWork(SecretKey key) {
        this.key = JceMasterKey.getInstance(key, "benchmark", "process", "AES/GCM/NoPadding");
    }

    @Override
    public void encrypt(InputStream in, OutputStream out) throws IOException {
        try (CryptoOutputStream<?> encrypting = crypto.createEncryptingStream(key, Streams.notClosing(out))) {
            Streams.copy(in, encrypting);
        }
    }

    @Override
    public void decrypt(InputStream in, OutputStream out) throws IOException {
        try (CryptoOutputStream<?> decrypting =
                crypto.createUnsignedMessageDecryptingStream(key, Streams.notClosing(out))) {
            Streams.copy(in, decrypting);
        }
    }
}
