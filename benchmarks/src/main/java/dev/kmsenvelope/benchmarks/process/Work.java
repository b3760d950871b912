package dev.kmsenvelope.benchmarks.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;

/** Encrypts and decrypts a long text in pieces of {@value #PIECE} bytes. Not thread-safe. */
interface Work extends AutoCloseable {

    /** How many bytes are handed over in one call. */
    int PIECE = 1024 * 1024;

    /**
     * Encrypts.
     *
     * @param in the text
     * @param out gets the encrypted form
     */
    void encrypt(InputStream in, OutputStream out) throws IOException, GeneralSecurityException;

    /**
     * Decrypts.
     *
     * @param in what {@link #encrypt} wrote, in another process with the same keys
     * @param out gets the text
     */
    void decrypt(InputStream in, OutputStream out) throws IOException, GeneralSecurityException;

    @Override
    default void close() {}
}
