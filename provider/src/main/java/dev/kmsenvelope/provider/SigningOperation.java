package dev.kmsenvelope.provider;

import java.security.AlgorithmParameters;
import java.security.SignatureException;
import org.jspecify.annotations.Nullable;

/** What a signature object does under a handle, from {@code initSign} to the next one. Not thread-safe. */
interface SigningOperation {

    /** Whether a message was begun. */
    boolean begun();

    void update(byte[] in, int offset, int length) throws SignatureException;

    /** Signs the message and is ready for another one; also when it fails. */
    byte[] sign() throws SignatureException;

    @Nullable
    AlgorithmParameters parameters();
}
