package dev.kmsenvelope.dek;

import dev.kmsenvelope.crypto.Hmac;
import dev.kmsenvelope.crypto.RandomSource;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
import javax.crypto.Mac;

/**
 * Which data key it is, by its bytes and not by how they are encrypted: the 32 bytes of an HMAC-SHA256 of it, under a key that
 * is drawn for this process and not kept beyond it. Two are equal when the data keys are; nothing about the data key can be
 * learned from one, nor can it be compared with one of another process. Immutable, thread-safe.
 */
public final class KeyIdentity {

    private static final String ALGORITHM = "HmacSHA256";
    private static final byte[] DOMAIN = "kms-envelope: identity of a data key\0".getBytes(StandardCharsets.US_ASCII);

    /** Drawn when the first identity is asked for. */
    private static final class OfProcess {

        private static final byte[] KEY = RandomSource.operatingSystem().next(32);

        private OfProcess() {}
    }

    private final long first;
    private final long second;
    private final long third;
    private final long fourth;

    private KeyIdentity(ByteBuffer code) {
        this.first = code.getLong();
        this.second = code.getLong();
        this.third = code.getLong();
        this.fourth = code.getLong();
    }

    /**
     * Computes it.
     *
     * @param key the data key; neither kept nor modified
     * @return its identity
     */
    public static KeyIdentity of(byte[] key) {
        try {
            Mac mac = Hmac.start(ALGORITHM, OfProcess.KEY);
            mac.update(DOMAIN);
            return new KeyIdentity(ByteBuffer.wrap(mac.doFinal(key)));
        } catch (GeneralSecurityException e) {
            throw new ProviderException(ALGORITHM + " needs the security provider SunJCE", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyIdentity that
                && first == that.first
                && second == that.second
                && third == that.third
                && fourth == that.fourth;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(first);
    }

    /** Without the bytes: logs of one process could be searched for the same key. */
    @Override
    public String toString() {
        return "KeyIdentity";
    }
}
