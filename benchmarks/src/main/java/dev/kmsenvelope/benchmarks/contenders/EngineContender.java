package dev.kmsenvelope.benchmarks.contenders;

import dev.kmsenvelope.crypto.AesGcm;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * This library's engine with one key in memory and a new nonce for each message: what is left of it below the key service,
 * the cache and the format. The layout is that of {@link RawGcmContender}.
 */
final class EngineContender implements Contender {

    private static final byte[][] NO_AAD = {};

    private final ContenderName name;
    private final Provider provider;
    private final byte[] key = MasterKey.random(32);
    private final List<AesGcm> opened = new ArrayList<>();

    EngineContender(ContenderName name, Provider provider) {
        this.name = name;
        this.provider = provider;
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
    public Session open() {
        return new EngineSession(newEngine(), newEngine(), new Nonces());
    }

    private synchronized AesGcm newEngine() {
        AesGcm engine = AesGcm.of(provider, key);
        opened.add(engine);
        return engine;
    }

    @Override
    public synchronized void close() {
        opened.forEach(AesGcm::close);
    }

    private record EngineSession(AesGcm encryptor, AesGcm decryptor, Nonces nonces) implements Session {

        @Override
        public byte[] encrypt(byte[] plaintext) {
            byte[] message = new byte[Nonces.LENGTH + plaintext.length + AesGcm.TAG_LENGTH];
            encrypt(plaintext, message);
            return message;
        }

        @Override
        public byte[] decrypt(byte[] message) throws GeneralSecurityException {
            byte[] plaintext = new byte[message.length - Nonces.LENGTH - AesGcm.TAG_LENGTH];
            decrypt(message, plaintext);
            return plaintext;
        }

        @Override
        public int encrypt(byte[] plaintext, byte[] out) {
            byte[] nonce = nonces.next();
            System.arraycopy(nonce, 0, out, 0, Nonces.LENGTH);
            return Nonces.LENGTH + encryptor.encrypt(nonce, NO_AAD, plaintext, 0, plaintext.length, out, Nonces.LENGTH);
        }

        @Override
        public int decrypt(byte[] message, byte[] out) throws GeneralSecurityException {
            byte[] nonce = Arrays.copyOf(message, Nonces.LENGTH);
            return decryptor.decrypt(nonce, NO_AAD, message, Nonces.LENGTH, message.length - Nonces.LENGTH, out, 0);
        }
    }
}
