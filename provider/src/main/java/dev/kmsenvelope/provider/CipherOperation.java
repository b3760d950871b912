package dev.kmsenvelope.provider;

import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import javax.crypto.AEADBadTagException;
import javax.crypto.BadPaddingException;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.ShortBufferException;
import org.jspecify.annotations.Nullable;

/**
 * What a cipher does between {@code init} and the next {@code init}. The methods are those of {@link javax.crypto.CipherSpi}
 * with the same meaning; arrays may overlap, and nothing has happened when a {@link ShortBufferException} is thrown.
 */
interface CipherOperation {

    int outputSize(int inputLength);

    byte @Nullable [] iv();

    @Nullable
    AlgorithmParameters parameters();

    void updateAad(byte[] in, int offset, int length);

    byte @Nullable [] update(byte[] in, int offset, int length);

    int update(byte[] in, int offset, int length, byte[] out, int outOffset) throws ShortBufferException;

    int update(ByteBuffer in, ByteBuffer out) throws ShortBufferException;

    byte[] doFinal(byte[] in, int offset, int length) throws IllegalBlockSizeException, BadPaddingException;

    int doFinal(byte[] in, int offset, int length, byte[] out, int outOffset)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException;

    int doFinal(ByteBuffer in, ByteBuffer out)
            throws ShortBufferException, IllegalBlockSizeException, BadPaddingException;

    byte[] wrap(Key key) throws IllegalBlockSizeException, InvalidKeyException;

    Key unwrap(byte[] wrapped, String algorithm, int type) throws InvalidKeyException, NoSuchAlgorithmException;

    /** Lets go of keys and plaintext; idempotent. */
    void close();

    /** The one table from errors of the engine to exceptions of JCA; errors of the service pass as they are. */
    final class Errors {

        private Errors() {}

        static AEADBadTagException badTag(GeneralSecurityException cause) {
            AEADBadTagException e = new AEADBadTagException(cause.getMessage());
            e.initCause(cause);
            return e;
        }

        static InvalidKeyException cannotUnwrap(Exception cause) {
            return new InvalidKeyException("the wrapped key cannot be unwrapped: " + cause.getMessage(), cause);
        }
    }
}
