package dev.kmsenvelope.benchmarks.contenders;

import com.amazonaws.encryptionsdk.AwsCrypto;
import com.amazonaws.encryptionsdk.CryptoMaterialsManager;
import java.util.function.UnaryOperator;
import software.amazon.cryptography.materialproviders.IKeyring;

/** The AWS Encryption SDK for Java, whose objects are all meant to be shared by threads. */
final class EncryptionSdkContender implements Contender {

    private final ContenderName name;
    private final Session session;

    private EncryptionSdkContender(ContenderName name, UnaryOperator<byte[]> encrypt, UnaryOperator<byte[]> decrypt) {
        this.name = name;
        this.session = new SharedSession(encrypt, decrypt);
    }

    static EncryptionSdkContender caching(ContenderName name, AwsCrypto crypto) {
        CryptoMaterialsManager manager = EncryptionSdk.cachingManager();
        return new EncryptionSdkContender(
                name,
                plaintext -> crypto.encryptData(manager, plaintext, MasterKey.CONTEXT)
                        .getResult(),
                message -> crypto.decryptData(manager, message).getResult());
    }

    static EncryptionSdkContender keyring(ContenderName name, AwsCrypto crypto) {
        IKeyring keyring = EncryptionSdk.keyring();
        return new EncryptionSdkContender(
                name,
                plaintext -> crypto.encryptData(keyring, plaintext, MasterKey.CONTEXT)
                        .getResult(),
                message -> crypto.decryptData(keyring, message).getResult());
    }

    @Override
    public ContenderName name() {
        return name;
    }

    @Override
    public Session open() {
        return session;
    }

    @Override
    public void close() {
        // nothing was opened
    }

    private record SharedSession(UnaryOperator<byte[]> encryption, UnaryOperator<byte[]> decryption)
            implements Session {

        @Override
        public byte[] encrypt(byte[] plaintext) {
            return encryption.apply(plaintext);
        }

        @Override
        public byte[] decrypt(byte[] message) {
            return decryption.apply(message);
        }
    }
}
