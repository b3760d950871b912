package dev.kmsenvelope.kms;

import java.util.Arrays;
import javax.security.auth.Destroyable;

/**
 * Bytes that must not outlive their use: key material. Copies in and out, wipes itself on {@link #close()}, refuses use
 * after that, and is not serializable. Thread-safe.
 */
public final class SecretBytes implements AutoCloseable, Destroyable {

    private final byte[] bytes;
    private boolean destroyed;

    private SecretBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Holds a copy; the caller still owns, and wipes, its own array.
     *
     * @param bytes what to copy
     * @return the secret
     */
    public static SecretBytes copyOf(byte[] bytes) {
        return new SecretBytes(bytes.clone());
    }

    /**
     * Takes an array over: the caller must not touch it again.
     *
     * @param bytes the array that is wiped when this is closed
     * @return the secret
     */
    public static SecretBytes owning(byte[] bytes) {
        return new SecretBytes(bytes);
    }

    /**
     * The bytes.
     *
     * @return a fresh copy, which the caller wipes
     * @throws IllegalStateException if this was destroyed
     */
    public synchronized byte[] copy() {
        if (destroyed) {
            throw new IllegalStateException("this secret was destroyed");
        }
        return bytes.clone();
    }

    /**
     * How many bytes there are.
     *
     * @return the length in bytes, also after destruction
     */
    public int length() {
        return bytes.length;
    }

    /** Wipes the bytes; idempotent. */
    @Override
    public synchronized void destroy() {
        destroyed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public synchronized boolean isDestroyed() {
        return destroyed;
    }

    /** The same as {@link #destroy()}. */
    @Override
    public void close() {
        destroy();
    }

    @Override
    public String toString() {
        return "SecretBytes[" + bytes.length + " bytes]";
    }
}
