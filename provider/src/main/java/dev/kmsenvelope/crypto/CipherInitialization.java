package dev.kmsenvelope.crypto;

import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import java.security.Key;
import javax.crypto.Cipher;

/** Initializes a cipher with the mode and the parameters of a caller, if there are any, under whatever key. */
@FunctionalInterface
public interface CipherInitialization {

    /**
     * Initializes a cipher.
     *
     * @param cipher what to initialize
     * @param key the key
     * @throws InvalidKeyException as {@link Cipher#init}
     * @throws InvalidAlgorithmParameterException as {@link Cipher#init}
     */
    void init(Cipher cipher, Key key) throws InvalidKeyException, InvalidAlgorithmParameterException;
}
