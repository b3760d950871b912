package dev.kmsenvelope.benchmarks.contenders;

import dev.kmsenvelope.provider.KmsEnvelopeProvider;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import javax.crypto.Cipher;

/** This library through JCA: a handle that threads share, {@code Cipher} objects that each thread reuses. */
final class EnvelopeContender implements Contender {

    private static final Provider PROVIDER = new KmsEnvelopeProvider();

    private final ContenderName name;
    private final String transformation;
    private final BenchmarkKeys keys;

    EnvelopeContender(ContenderName name, String transformation, BenchmarkKeys keys) {
        this.name = name;
        this.transformation = transformation;
        this.keys = keys;
    }

    @Override
    public ContenderName name() {
        return name;
    }

    @Override
    public boolean writesIntoArrays() {
        return true;
    }

    @Override
    public Session open() throws GeneralSecurityException {
        return new CipherSession(
                Cipher.getInstance(transformation, PROVIDER),
                Cipher.getInstance(transformation, PROVIDER),
                keys.handle());
    }

    @Override
    public void close() throws IOException {
        keys.close();
    }

    private record CipherSession(Cipher encryptor, Cipher decryptor, KmsSecretKey key) implements Session {

        @Override
        public byte[] encrypt(byte[] plaintext) throws GeneralSecurityException {
            encryptor.init(Cipher.ENCRYPT_MODE, key);
            return encryptor.doFinal(plaintext);
        }

        @Override
        public byte[] decrypt(byte[] message) throws GeneralSecurityException {
            decryptor.init(Cipher.DECRYPT_MODE, key);
            return decryptor.doFinal(message);
        }

        @Override
        public int encrypt(byte[] plaintext, byte[] out) throws GeneralSecurityException {
            encryptor.init(Cipher.ENCRYPT_MODE, key);
            return encryptor.doFinal(plaintext, 0, plaintext.length, out, 0);
        }

        @Override
        public int decrypt(byte[] message, byte[] out) throws GeneralSecurityException {
            decryptor.init(Cipher.DECRYPT_MODE, key);
            return decryptor.doFinal(message, 0, message.length, out, 0);
        }
    }
}
