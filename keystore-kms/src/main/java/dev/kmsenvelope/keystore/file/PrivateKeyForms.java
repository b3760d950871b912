package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.text.Quoted;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Security;
import java.security.UnrecoverableKeyException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.List;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Private keys and their PKCS #8 form. */
final class PrivateKeyForms {

    /** Those of the JDK that have key factories. They are asked by name: what else is installed changes nothing. */
    private static final List<String> JDK = List.of("SunRsaSign", "SunEC", "SUN", "SunJCE");

    private PrivateKeyForms() {}

    static byte[] encode(PrivateKey key) throws InvalidKeyException {
        byte[] encoded = key.getEncoded();
        if (encoded == null || encoded.length == 0 || !"PKCS#8".equals(key.getFormat())) {
            if (encoded != null) {
                Arrays.fill(encoded, (byte) 0);
            }
            throw new InvalidKeyException("this private key for " + key.getAlgorithm()
                    + " has no PKCS #8 form, so it cannot be kept in a keystore file");
        }
        return encoded;
    }

    static PrivateKey decode(String alias, String algorithm, byte[] encoded) throws UnrecoverableKeyException {
        PKCS8EncodedKeySpec spec = new PKCS8EncodedKeySpec(encoded);
        for (String name : JDK) {
            Provider provider = Security.getProvider(name);
            if (provider != null && provider.getService("KeyFactory", algorithm) != null) {
                try {
                    return KeyFactory.getInstance(algorithm, provider).generatePrivate(spec);
                } catch (GeneralSecurityException e) {
                    // There are curves, for example, that only BouncyCastle knows.
                }
            }
        }
        try {
            return KeyFactory.getInstance(algorithm, new BouncyCastleProvider()).generatePrivate(spec);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw unrecoverable(
                    "the private key " + Quoted.of(alias) + " is no key for " + Quoted.of(algorithm)
                            + " that this Java runtime or BouncyCastle can read",
                    e);
        }
    }

    static UnrecoverableKeyException unrecoverable(String message, Exception cause) {
        UnrecoverableKeyException exception = new UnrecoverableKeyException(message);
        exception.initCause(cause);
        return exception;
    }
}
