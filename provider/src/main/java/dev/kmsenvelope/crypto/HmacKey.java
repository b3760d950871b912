package dev.kmsenvelope.crypto;

import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import javax.crypto.SecretKey;

/** A key that can be wiped, which {@code SecretKeySpec} cannot: its {@code destroy()} throws on JDK 17 and 25. */
final class HmacKey implements SecretKey {

    private static final long serialVersionUID = 1L;

    private final String algorithm;
    private final transient byte[] bytes;

    private HmacKey(String algorithm, byte[] bytes) {
        this.algorithm = algorithm;
        this.bytes = bytes;
    }

    /** Takes an array over: {@link #destroy()} wipes it. */
    static HmacKey owning(String algorithm, byte[] bytes) {
        return new HmacKey(algorithm, bytes);
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
        throw new NotSerializableException(HmacKey.class.getName());
    }

    private void readObject(ObjectInputStream in) throws NotSerializableException {
        throw new NotSerializableException(HmacKey.class.getName());
    }
}
