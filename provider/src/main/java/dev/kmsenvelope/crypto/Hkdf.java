package dev.kmsenvelope.crypto;

import dev.kmsenvelope.crypto.IdleObjects.Loan;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.util.Arrays;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * HKDF (RFC 5869), its two formulas over the HMAC of a JCA provider, which is named explicitly:
 *
 * <pre>
 * extract:  PRK  = HMAC(salt, input key)
 * expand:   T(0) = nothing,  T(n) = HMAC(PRK, T(n-1) | info | n),  output = T(1) | T(2) | ... cut to length
 * </pre>
 *
 * One extraction can serve several expansions. HMAC objects are kept between uses, under a key of zeros, but for those of a
 * provider that the caller names: they are made anew, so that no two providers' can be mistaken. Thread-safe.
 */
public enum Hkdf {
    /** With HMAC-SHA1, which is sound although SHA-1 alone is not; for formats that others defined. */
    SHA1("HmacSHA1", 20),
    /** With HMAC-SHA256. */
    SHA256("HmacSHA256", 32),
    /** With HMAC-SHA384. */
    SHA384("HmacSHA384", 48),
    /** With HMAC-SHA512. */
    SHA512("HmacSHA512", 64);

    private static final String SUN_JCE = "SunJCE";

    private final String algorithm;
    private final int hashLength;

    @SuppressWarnings("ImmutableEnumChecker") // holds nothing that matters to its users
    final IdleObjects<Mac> idle = new IdleObjects<>();

    @SuppressWarnings("ImmutableEnumChecker") // never destroyed
    private final HmacKey zeros;

    Hkdf(String algorithm, int hashLength) {
        this.algorithm = algorithm;
        this.hashLength = hashLength;
        this.zeros = HmacKey.owning(algorithm, new byte[hashLength]);
    }

    /**
     * How long a hash, and so a pseudorandom key, is.
     *
     * @return the length in bytes
     */
    public int hashLength() {
        return hashLength;
    }

    /**
     * HKDF-Extract.
     *
     * @param salt any length; empty counts as a hash length of zeros
     * @param inputKey the input keying material; not modified
     * @return the pseudorandom key, which the caller wipes
     */
    public byte[] extract(byte[] salt, byte[] inputKey) {
        try (Extracted work = new Extracted()) {
            return work.extract(salt, inputKey);
        }
    }

    /**
     * HKDF-Expand.
     *
     * @param pseudorandomKey what {@link #extract} gave; not modified
     * @param info context of the derived key
     * @param length 1 to 255 times {@link #hashLength()} bytes
     * @return the derived key, which the caller wipes
     * @throws IllegalArgumentException if the length is out of range
     */
    public byte[] expand(byte[] pseudorandomKey, byte[] info, int length) {
        try (Extracted work = new Extracted()) {
            work.key(pseudorandomKey.clone());
            return work.expand(info, length);
        }
    }

    /**
     * HKDF-Extract, for several expansions of the same pseudorandom key.
     *
     * @param salt any length; empty counts as a hash length of zeros
     * @param inputKey the input keying material; not modified
     * @return what holds the pseudorandom key; the caller closes it
     */
    public Extracted start(byte[] salt, byte[] inputKey) {
        return start(new Extracted(), salt, inputKey);
    }

    /**
     * HKDF-Extract by the HMAC of one provider and no other.
     *
     * @param provider offers the HMAC
     * @param salt any length; empty counts as a hash length of zeros
     * @param inputKey the input keying material; not modified
     * @return what holds the pseudorandom key; the caller closes it
     * @throws ProviderException if the provider does not offer the HMAC
     */
    public Extracted start(Provider provider, byte[] salt, byte[] inputKey) {
        return start(new Extracted(newMac(provider)), salt, inputKey);
    }

    private static Extracted start(Extracted work, byte[] salt, byte[] inputKey) {
        boolean done = false;
        try {
            work.key(work.extract(salt, inputKey));
            done = true;
            return work;
        } finally {
            if (!done) {
                work.close();
            }
        }
    }

    /** A pseudorandom key, in an HMAC object that has no other user until {@link #close()}. Not thread-safe. */
    public final class Extracted implements AutoCloseable {

        private final @Nullable Loan<Mac> loan;
        private final Mac mac;
        private boolean closed;

        private Extracted() {
            Loan<Mac> idleOne = idle.take();
            Loan<Mac> lent = idleOne == null ? idle.lend(newMac()) : idleOne;
            this.loan = lent;
            this.mac = lent.object();
        }

        private Extracted(Mac own) {
            this.loan = null;
            this.mac = own;
        }

        private byte[] extract(byte[] salt, byte[] inputKey) {
            init(salt.length == 0 ? zeros : HmacKey.owning(algorithm, salt));
            return mac.doFinal(inputKey);
        }

        /** Wipes its argument. */
        private void key(byte[] pseudorandomKey) {
            HmacKey key = HmacKey.owning(algorithm, pseudorandomKey);
            try {
                init(key);
            } finally {
                key.destroy();
            }
        }

        private void init(HmacKey key) {
            try {
                mac.init(key);
            } catch (InvalidKeyException e) {
                throw new ProviderException(mac.getProvider().getName() + " does not take keys for " + algorithm, e);
            }
        }

        /**
         * HKDF-Expand.
         *
         * @param info context of the derived key
         * @param length 1 to 255 times {@link #hashLength()} bytes
         * @return the derived key, which the caller wipes
         * @throws IllegalArgumentException if the length is out of range
         * @throws IllegalStateException if this was closed
         */
        public byte[] expand(byte[] info, int length) {
            if (closed) {
                throw new IllegalStateException("this pseudorandom key was closed");
            }
            if (length < 1 || length > 255 * hashLength) {
                throw new IllegalArgumentException("HKDF gives 1 to " + 255 * hashLength + " bytes, not " + length);
            }
            byte[] out = new byte[length];
            int at = 0;
            for (int number = 1; at < length; number++) {
                mac.update(info);
                mac.update((byte) number);
                byte[] block = mac.doFinal();
                int count = Math.min(hashLength, length - at);
                System.arraycopy(block, 0, out, at, count);
                at += count;
                if (at < length) {
                    mac.update(block);
                }
                Arrays.fill(block, (byte) 0);
            }
            return out;
        }

        /** Overwrites the pseudorandom key; idempotent. */
        @Override
        public void close() {
            if (!closed) {
                closed = true;
                init(zeros);
                if (loan != null) {
                    idle.giveBack(loan);
                }
            }
        }
    }

    private Mac newMac() {
        Provider sunJce = Security.getProvider(SUN_JCE);
        if (sunJce != null && sunJce.getService("Mac", algorithm) != null) {
            return newMac(sunJce);
        }
        for (Provider provider : Security.getProviders()) {
            if (!provider.getName().equals(GcmProvider.OWN_NAME) && provider.getService("Mac", algorithm) != null) {
                return newMac(provider);
            }
        }
        throw new ProviderException("no installed security provider offers " + algorithm);
    }

    private Mac newMac(Provider provider) {
        try {
            return Mac.getInstance(algorithm, provider);
        } catch (NoSuchAlgorithmException e) {
            throw new ProviderException(provider.getName() + " does not offer what it says it offers", e);
        }
    }
}
