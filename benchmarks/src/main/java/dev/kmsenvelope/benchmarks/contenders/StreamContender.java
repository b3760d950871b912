package dev.kmsenvelope.benchmarks.contenders;

import java.io.IOException;
import java.io.OutputStream;
import java.security.GeneralSecurityException;

/** One way to encrypt and decrypt a long message piece by piece, in constant memory. Not thread-safe. */
public interface StreamContender extends AutoCloseable {

    /** How many bytes are handed over in one call. */
    int PIECE = 1024 * 1024;

    /**
     * Encrypts, handing {@value #PIECE} bytes over at a time.
     *
     * @param plaintext what to encrypt
     * @param sink receives the message in pieces, in arrays that are used again
     * @throws GeneralSecurityException if the library cannot
     * @throws IOException if the sink cannot
     */
    void encrypt(byte[] plaintext, OutputStream sink) throws GeneralSecurityException, IOException;

    /**
     * Decrypts, handing {@value #PIECE} bytes over at a time.
     *
     * @param message what {@link #encrypt} gave
     * @param sink receives the plaintext in pieces, in arrays that are used again
     * @throws GeneralSecurityException if the message is not authentic, or the library cannot
     * @throws IOException if the sink cannot
     */
    void decrypt(byte[] message, OutputStream sink) throws GeneralSecurityException, IOException;

    /** Ends the use, and removes what was made for it. */
    @Override
    void close() throws IOException;
}
