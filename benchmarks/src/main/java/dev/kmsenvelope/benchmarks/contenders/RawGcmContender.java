package dev.kmsenvelope.benchmarks.contenders;

import java.security.GeneralSecurityException;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM of a JCA provider under a raw key: one {@code Cipher} object per direction and thread, reused, with a new
 * 12-byte IV for each message, which goes before it. No key service, no derivation, no commitment.
 */
final class RawGcmContender implements Contender {

    private static final int TAG_LENGTH = 16;

    private final ContenderName name;
    private final Provider provider;
    private final SecretKey key = new SecretKeySpec(MasterKey.random(32), "AES");

    RawGcmContender(ContenderName name, Provider provider) {
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
    public Session open() throws GeneralSecurityException {
        return new CipherSession(
                Cipher.getInstance("AES/GCM/NoPadding", provider),
                Cipher.getInstance("AES/GCM/NoPadding", provider),
                key,
                new Nonces());
    }

    @Override
    public void close() {
        // nothing was opened
    }

    private record CipherSession(Cipher encryptor, Cipher decryptor, SecretKey key, Nonces nonces) implements Session {

        @Override
        public byte[] encrypt(byte[] plaintext) throws GeneralSecurityException {
            byte[] message = new byte[Nonces.LENGTH + plaintext.length + TAG_LENGTH];
            encrypt(plaintext, message);
            return message;
        }

        @Override
        public byte[] decrypt(byte[] message) throws GeneralSecurityException {
            startDecrypting(message);
            return decryptor.doFinal(message, Nonces.LENGTH, message.length - Nonces.LENGTH);
        }

        @Override
        public int encrypt(byte[] plaintext, byte[] out) throws GeneralSecurityException {
            byte[] nonce = nonces.next();
            encryptor.init(Cipher.ENCRYPT_MODE, key, new GCMParameterSpec(8 * TAG_LENGTH, nonce));
            System.arraycopy(nonce, 0, out, 0, Nonces.LENGTH);
            return Nonces.LENGTH + encryptor.doFinal(plaintext, 0, plaintext.length, out, Nonces.LENGTH);
        }

        @Override
        public int decrypt(byte[] message, byte[] out) throws GeneralSecurityException {
            startDecrypting(message);
            return decryptor.doFinal(message, Nonces.LENGTH, message.length - Nonces.LENGTH, out, 0);
        }

        private void startDecrypting(byte[] message) throws GeneralSecurityException {
            GCMParameterSpec parameters = new GCMParameterSpec(8 * TAG_LENGTH, message, 0, Nonces.LENGTH);
            decryptor.init(Cipher.DECRYPT_MODE, key, parameters);
        }
    }
}
