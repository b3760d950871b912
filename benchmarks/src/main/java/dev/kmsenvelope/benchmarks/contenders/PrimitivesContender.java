package dev.kmsenvelope.benchmarks.contenders;

import dev.kmsenvelope.crypto.RandomSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.Provider;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The cryptographic primitives of a message of suite 0478, and nothing else, under a data key in memory: 16 bytes of the
 * operating system, HKDF-SHA512 for the message key and the commitment, a tag over as many bytes as a header has, one
 * frame. All objects are reused. It is what any implementation by the same provider pays; it keeps no format.
 */
final class PrimitivesContender implements Contender {

    private static final int TAG_LENGTH = 16;
    private static final int NONCE_LENGTH = 12;
    private static final int ID_LENGTH = 32;
    private static final int KEY_LENGTH = 32;
    private static final int FRAME = ID_LENGTH + KEY_LENGTH + TAG_LENGTH;
    private static final byte[] MESSAGE_KEY = "\4xDERIVEKEY".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] COMMITMENT = "COMMITKEY".getBytes(StandardCharsets.US_ASCII);
    private static final String HMAC = "HmacSHA512";

    private final ContenderName name;
    private final Provider provider;
    private final byte[] dataKey = MasterKey.random(KEY_LENGTH);
    private final byte[] header = new byte[200];

    PrimitivesContender(ContenderName name, Provider provider) {
        this.name = name;
        this.provider = provider;
    }

    @Override
    public ContenderName name() {
        return name;
    }

    @Override
    public Session open() throws GeneralSecurityException {
        return new PrimitivesSession(
                Mac.getInstance(HMAC, provider), Cipher.getInstance("AES/GCM/NoPadding", provider), dataKey, header);
    }

    @Override
    public void close() {
        // nothing was opened
    }

    private record PrimitivesSession(Mac mac, Cipher cipher, byte[] dataKey, byte[] header) implements Session {

        @Override
        public byte[] encrypt(byte[] plaintext) throws GeneralSecurityException {
            byte[] out = new byte[FRAME + plaintext.length + TAG_LENGTH];
            byte[] id = Arrays.copyOf(RandomSource.operatingSystem().next(ID_LENGTH / 2), ID_LENGTH);
            Derived keys = derive(id);
            System.arraycopy(id, 0, out, 0, ID_LENGTH);
            System.arraycopy(keys.commitment, 0, out, ID_LENGTH, KEY_LENGTH);
            start(Cipher.ENCRYPT_MODE, keys.messageKey, 0, header);
            cipher.doFinal(out, FRAME - TAG_LENGTH);
            start(Cipher.ENCRYPT_MODE, keys.messageKey, 1, id);
            cipher.doFinal(plaintext, 0, plaintext.length, out, FRAME);
            return out;
        }

        @Override
        public byte[] decrypt(byte[] message) throws GeneralSecurityException {
            byte[] id = Arrays.copyOf(message, ID_LENGTH);
            Derived keys = derive(id);
            if (!MessageDigest.isEqual(
                    keys.commitment, Arrays.copyOfRange(message, ID_LENGTH, ID_LENGTH + KEY_LENGTH))) {
                throw new AEADBadTagException("another key");
            }
            start(Cipher.DECRYPT_MODE, keys.messageKey, 0, header);
            cipher.doFinal(message, FRAME - TAG_LENGTH, TAG_LENGTH);
            start(Cipher.DECRYPT_MODE, keys.messageKey, 1, id);
            return cipher.doFinal(message, FRAME, message.length - FRAME);
        }

        private record Derived(SecretKey messageKey, byte[] commitment) {}

        private Derived derive(byte[] id) throws GeneralSecurityException {
            mac.init(new SecretKeySpec(id, HMAC));
            mac.init(new SecretKeySpec(mac.doFinal(dataKey), HMAC));
            byte[] messageKey = expand(MESSAGE_KEY);
            return new Derived(
                    new SecretKeySpec(messageKey, 0, KEY_LENGTH, "AES"), Arrays.copyOf(expand(COMMITMENT), KEY_LENGTH));
        }

        private byte[] expand(byte[] info) {
            mac.update(info);
            mac.update((byte) 1);
            return mac.doFinal();
        }

        private void start(int mode, SecretKey key, int nonce, byte[] authenticated) throws GeneralSecurityException {
            byte[] iv = ByteBuffer.allocate(NONCE_LENGTH).putInt(8, nonce).array();
            cipher.init(mode, key, new GCMParameterSpec(8 * TAG_LENGTH, iv));
            cipher.updateAAD(authenticated);
        }
    }
}
