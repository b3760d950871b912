package dev.kmsenvelope.crypto;

import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.SecretKey;

/** HMAC (RFC 2104) by SunJCE. No object is kept, so none keeps the key. */
public final class Hmac {

    private Hmac() {}

    /**
     * Computes a code.
     *
     * @param algorithm its name in JCA, for example {@code HmacSHA256}
     * @param key the key; not modified
     * @param message the message
     * @return the code
     * @throws GeneralSecurityException if this Java runtime cannot do that
     */
    public static byte[] compute(String algorithm, byte[] key, byte[] message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(algorithm, "SunJCE");
        Key copy = new Key(algorithm, key);
        try {
            mac.init(copy);
            return mac.doFinal(message);
        } finally {
            copy.destroy();
        }
    }

    /** A key that can be wiped, which {@code SecretKeySpec} cannot: its {@code destroy()} throws on JDK 17 and 25. */
    private static final class Key implements SecretKey {

        private static final long serialVersionUID = 1L;

        private final String algorithm;
        private final transient byte[] bytes;

        Key(String algorithm, byte[] bytes) {
            this.algorithm = algorithm;
            this.bytes = bytes.clone();
        }

        @Override
        public String getAlgorithm() {
            return algorithm;
        }

        @Override
        public String getFormat() {
            return "RAW";
        }

        @Override
        public byte[] getEncoded() {
            return bytes.clone();
        }

        @Override
        public void destroy() {
            Arrays.fill(bytes, (byte) 0);
        }

        @Override
        public String toString() {
            return "HmacKey[" + 8 * bytes.length + " bits]";
        }

        private void writeObject(ObjectOutputStream out) throws NotSerializableException {
            throw new NotSerializableException(Key.class.getName());
        }

        private void readObject(ObjectInputStream in) throws NotSerializableException {
            throw new NotSerializableException(Key.class.getName());
        }
    }
}
