package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.SecretBytes;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * A secret key that a key service generated, as {@code KeyGenerator} {@code KmsDataKey} returns it, or that a keystore file gave
 * out. Its bytes are here: it is a RAW key that every provider takes, and whoever has the object has the key. {@link
 * #destroy()} wipes them. Thread-safe, not serializable.
 */
public final class KmsDataKey implements SecretKey, KmsWrappedKey {

    private static final long serialVersionUID = 1L;

    private final transient SecretBytes key;
    private final transient String algorithm;
    private final transient byte[] wrapped;
    private final transient @Nullable StoredDataKey stored;

    /** Takes the secret over. */
    KmsDataKey(SecretBytes key, String algorithm, byte[] wrapped) {
        this(key, algorithm, wrapped.clone(), null);
    }

    /** Takes the secret over, of a data key that a keystore file keeps. */
    KmsDataKey(SecretBytes key, StoredDataKey stored) {
        this(key, stored.usage().algorithm(), stored.blob(), stored);
    }

    private KmsDataKey(SecretBytes key, String algorithm, byte[] wrapped, @Nullable StoredDataKey stored) {
        this.key = key;
        this.algorithm = algorithm;
        this.wrapped = wrapped;
        this.stored = stored;
    }

    /**
     * What the keystore file that gave the key out says of it, its one use above all: who puts it into a keystore again goes by
     * that. Nothing of it is secret.
     *
     * @return empty for a key that no keystore file gave
     */
    public Optional<StoredDataKey> stored() {
        return Optional.ofNullable(stored);
    }

    @Override
    public byte[] wrapped() {
        return wrapped.clone();
    }

    /**
     * The algorithm that the key is for.
     *
     * @return the one that the generator was initialized with
     */
    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    /**
     * Its bytes are its encoded form.
     *
     * @return {@code RAW}
     */
    @Override
    public String getFormat() {
        return "RAW";
    }

    /**
     * Its bytes.
     *
     * @return a copy, which the caller wipes
     * @throws IllegalStateException if it was destroyed
     */
    @Override
    public byte[] getEncoded() {
        return key.copy();
    }

    /** Wipes the key; idempotent. */
    @Override
    public void destroy() {
        key.destroy();
    }

    @Override
    public boolean isDestroyed() {
        return key.isDestroyed();
    }

    /** Two keys are equal when they have the same bytes and algorithm; a destroyed one equals itself only. */
    @Override
    @SuppressWarnings("ReferenceEquality") // what a destroyed key can still be compared by
    public boolean equals(Object other) {
        if (this == other) {
            return true;
        }
        if (!(other instanceof KmsDataKey that) || !algorithm.equals(that.algorithm)) {
            return false;
        }
        if (isDestroyed() || that.isDestroyed()) {
            return false;
        }
        byte[] mine = key.copy();
        byte[] theirs = that.key.copy();
        try {
            return MessageDigest.isEqual(mine, theirs);
        } finally {
            Arrays.fill(mine, (byte) 0);
            Arrays.fill(theirs, (byte) 0);
        }
    }

    @Override
    public int hashCode() {
        return algorithm.hashCode();
    }

    @Override
    public String toString() {
        return "KmsDataKey[" + algorithm + ", " + key.length() * Byte.SIZE + " bits]";
    }

    /**
     * A key in the clear is not serializable.
     *
     * @param out not written to
     * @throws NotSerializableException always
     */
    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException(KmsDataKey.class.getName());
    }

    /**
     * A key in the clear is not serializable.
     *
     * @param in not read from
     * @throws NotSerializableException always
     */
    private void readObject(ObjectInputStream in) throws NotSerializableException {
        throw new NotSerializableException(KmsDataKey.class.getName());
    }
}
