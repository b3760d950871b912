package dev.kmsenvelope.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;

/** HMAC (RFC 2104) by SunJCE. No object is kept, so none keeps the key. */
public final class Hmac {

    private Hmac() {}

    /**
     * Computes a code.
     *
     * @param algorithm its name in JCA, for example {@code HmacSHA256}
     * @param key the key; not modified
     * @param message the message
     * @return the code
     * @throws GeneralSecurityException if this Java runtime cannot do that
     */
    public static byte[] compute(String algorithm, byte[] key, byte[] message) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(algorithm, "SunJCE");
        HmacKey copy = HmacKey.owning(algorithm, key.clone());
        try {
            mac.init(copy);
            return mac.doFinal(message);
        } finally {
            copy.destroy();
        }
    }
}
