package dev.kmsenvelope.benchmarks.contenders;

import java.io.IOException;
import java.security.GeneralSecurityException;

/**
 * One way to encrypt and decrypt messages that are whole in memory. A contender holds what its library means to be shared
 * by threads: keys, handles, caches. What its library means for one thread, such as {@code Cipher} objects, is in a {@link
 * Session}. Thread-safe.
 */
public interface Contender extends AutoCloseable {

    /**
     * Who this is.
     *
     * @return the name and what stands behind it
     */
    ContenderName name();

    /**
     * Tells whether it makes sense to measure this. By default it always does.
     *
     * @param size plaintext bytes of a message
     * @param operation what is to be done with it
     * @return false if it should be left out
     */
    default boolean supports(int size, Operation operation) {
        return size >= 0;
    }

    /**
     * Tells whether the library can write into an array of the caller's. By default it cannot.
     *
     * @return false if {@link Session#encrypt(byte[], byte[])} and its reverse make arrays of their own
     */
    default boolean writesIntoArrays() {
        return false;
    }

    /**
     * Prepares what one thread needs.
     *
     * @return a session for one thread
     * @throws GeneralSecurityException if the library cannot
     */
    Session open() throws GeneralSecurityException;

    /** Ends the use, and removes what was made for it. */
    @Override
    void close() throws IOException;

    /** What one thread works with. Not thread-safe. */
    interface Session {

        /**
         * Encrypts a message, with whatever a reader needs besides the key in it.
         *
         * @param plaintext what to encrypt
         * @return a new array
         * @throws GeneralSecurityException if the library cannot
         */
        byte[] encrypt(byte[] plaintext) throws GeneralSecurityException;

        /**
         * Decrypts what a session of the same contender made.
         *
         * @param message what {@link #encrypt} gave
         * @return a new array
         * @throws GeneralSecurityException if the message is not authentic, or the library cannot
         */
        byte[] decrypt(byte[] message) throws GeneralSecurityException;

        /**
         * Encrypts into the caller's array where the library can; by default into one of its own, which is dropped.
         *
         * @param plaintext what to encrypt
         * @param out has room for the message
         * @return the length of the message
         * @throws GeneralSecurityException if the library cannot
         */
        default int encrypt(byte[] plaintext, byte[] out) throws GeneralSecurityException {
            return encrypt(plaintext).length;
        }

        /**
         * Decrypts into the caller's array where the library can; by default into one of its own, which is dropped.
         *
         * @param message what {@link #encrypt} gave
         * @param out has room for the plaintext
         * @return the length of the plaintext
         * @throws GeneralSecurityException if the message is not authentic, or the library cannot
         */
        default int decrypt(byte[] message, byte[] out) throws GeneralSecurityException {
            return decrypt(message).length;
        }
    }
}
