package dev.kmsenvelope.crypto;

import java.security.GeneralSecurityException;
import javax.crypto.Mac;

/** HMAC (RFC 2104) by SunJCE. No object is kept here, so none keeps the key. */
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
        return start(algorithm, key).doFinal(message);
    }

    /**
     * Starts a code whose message comes piece by piece.
     *
     * @param algorithm its name in JCA, for example {@code HmacSHA256}
     * @param key the key; not modified
     * @return an object that holds the key, or what takes its place, as long as it is reachable
     * @throws GeneralSecurityException if this Java runtime cannot do that
     */
    public static Mac start(String algorithm, byte[] key) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(algorithm, "SunJCE");
        HmacKey copy = HmacKey.owning(algorithm, key.clone());
        try {
            mac.init(copy);
            return mac;
        } finally {
            copy.destroy();
        }
    }
}
