package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.SecretBytes;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.security.PrivateKey;

/**
 * A private key that a key service generated, as {@code KeyPairGenerator} {@code KmsDataKeyPair} returns it. It is here in the
 * clear: {@link #getEncoded()} is its PKCS #8 form, of which a {@code KeyFactory} makes the key that signs or decrypts.
 * {@link #destroy()} wipes it; what a KeyFactory made of it is not reached by that. Thread-safe, not serializable.
 */
public final class KmsDataPrivateKey implements PrivateKey, KmsWrappedKey {

    private static final long serialVersionUID = 1L;

    private final transient SecretBytes key;
    private final transient String algorithm;
    private final transient byte[] wrapped;

    /** Takes the secret over. */
    KmsDataPrivateKey(SecretBytes key, String algorithm, byte[] wrapped) {
        this.key = key;
        this.algorithm = algorithm;
        this.wrapped = wrapped.clone();
    }

    @Override
    public byte[] wrapped() {
        return wrapped.clone();
    }

    /**
     * The algorithm that the key is for, and the name of the KeyFactory for it.
     *
     * @return {@code RSA}, {@code EC} or {@code EdDSA}
     */
    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    /**
     * How it is encoded.
     *
     * @return {@code PKCS#8}
     */
    @Override
    public String getFormat() {
        return "PKCS#8";
    }

    /**
     * Its PrivateKeyInfo.
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

    @Override
    public String toString() {
        return "KmsDataPrivateKey[" + algorithm + "]";
    }

    /**
     * A key in the clear is not serializable.
     *
     * @param out not written to
     * @throws NotSerializableException always
     */
    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException(KmsDataPrivateKey.class.getName());
    }

    /**
     * A key in the clear is not serializable.
     *
     * @param in not read from
     * @throws NotSerializableException always
     */
    private void readObject(ObjectInputStream in) throws NotSerializableException {
        throw new NotSerializableException(KmsDataPrivateKey.class.getName());
    }
}
