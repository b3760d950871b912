package dev.kmsenvelope.local;

import dev.kmsenvelope.kms.KmsUnavailableException;
import java.security.SecureRandom;

/** A source of random bytes whose failure is one of the key service. As thread-safe as the source. */
final class CheckedRandom extends SecureRandom {

    private static final long serialVersionUID = 1L;

    private final SecureRandom source;

    CheckedRandom(SecureRandom source) {
        super(null, null); // Everything is asked of the source.
        this.source = source;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        try {
            source.nextBytes(bytes);
        } catch (RuntimeException e) {
            throw unavailable(e);
        }
    }

    @Override
    public byte[] generateSeed(int length) {
        try {
            return source.generateSeed(length);
        } catch (RuntimeException e) {
            throw unavailable(e);
        }
    }

    @Override
    public void setSeed(long seed) {
        // Called by a constructor of a superclass; the source needs no seed from us.
    }

    @Override
    public String getAlgorithm() {
        return source.getAlgorithm();
    }

    @Override
    public String toString() {
        return source.toString();
    }

    private static KmsUnavailableException unavailable(RuntimeException cause) {
        return new KmsUnavailableException("the operating system gives no random bytes: " + cause, cause);
    }
}
