package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.Hmac;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.ProviderException;
import java.util.Arrays;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * HMAC under a stored data key, by SunJCE: messages of any length. It has the key from {@code init} to the end of the message,
 * and from the first input of each further message to its end; in between it has none (RULES 16). Not thread-safe.
 */
final class StoredMac {

    private final KmsStoredKey key;
    private @Nullable Mac mac;
    private @Nullable DataKeyLease counted;
    private long bytes;

    private StoredMac(KmsStoredKey key) {
        this.key = key;
    }

    static StoredMac start(KmsStoredKey key, String algorithm) throws InvalidKeyException {
        if (!key.usage().transformation().equals(algorithm)) {
            throw new InvalidKeyException("the data key '" + key.name() + "' is for "
                    + key.usage().transformation() + " and nothing else, not for " + algorithm);
        }
        StoredMac started = new StoredMac(key);
        try {
            started.mac();
        } catch (InvalidCiphertextException e) {
            throw new InvalidKeyException(e.getMessage(), e);
        }
        return started;
    }

    private Mac mac() {
        Mac current = mac;
        if (current == null) {
            try (DataKeyLease lease = key.source().lease()) {
                byte[] plaintext = lease.copyKey();
                try {
                    current = Hmac.start(key.getAlgorithm(), plaintext);
                } catch (GeneralSecurityException e) {
                    throw new ProviderException(key.getAlgorithm() + " needs the security provider SunJCE", e);
                } finally {
                    Arrays.fill(plaintext, (byte) 0);
                }
                counted = lease; // may be told how much was done after it ended
            }
            bytes = 0;
            mac = current;
        }
        return current;
    }

    void update(byte[] in, int offset, int length) {
        mac().update(in, offset, length);
        bytes += length;
    }

    void update(ByteBuffer in) {
        int length = in.remaining();
        mac().update(in);
        bytes += length;
    }

    byte[] doFinal() {
        try {
            return mac().doFinal();
        } finally {
            reset();
        }
    }

    /** Forgets the message and the key; what was used of it is counted. */
    void reset() {
        mac = null;
        if (counted != null) {
            counted.used(bytes);
            counted = null;
        }
    }

    /** The same message so far. What comes is counted for both, what came for the first. */
    StoredMac copy() throws CloneNotSupportedException {
        StoredMac copy = new StoredMac(key);
        copy.mac = mac == null ? null : (Mac) mac.clone();
        copy.counted = counted;
        return copy;
    }
}
