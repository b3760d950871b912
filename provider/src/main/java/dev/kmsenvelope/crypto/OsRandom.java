package dev.kmsenvelope.crypto;

import java.security.SecureRandom;
import java.security.SecureRandomSpi;
import java.util.Arrays;

/**
 * {@link RandomSource#operatingSystem()} in the form that libraries take: each call draws from the operating system, and
 * nothing is kept in stock. Thread-safe.
 */
public final class OsRandom extends SecureRandom {

    private static final long serialVersionUID = 1L;

    private OsRandom() {
        super(new Spi(), null);
    }

    /**
     * Makes one.
     *
     * @return the operating system's source
     */
    public static SecureRandom create() {
        return new OsRandom();
    }

    @Override
    public String getAlgorithm() {
        return "OperatingSystem";
    }

    private static final class Spi extends SecureRandomSpi {
        private static final long serialVersionUID = 1L;

        @Override
        protected void engineSetSeed(byte[] seed) {
            // The operating system needs no seed from us.
        }

        @Override
        protected void engineNextBytes(byte[] bytes) {
            byte[] drawn = engineGenerateSeed(bytes.length);
            System.arraycopy(drawn, 0, bytes, 0, bytes.length);
            Arrays.fill(drawn, (byte) 0);
        }

        @Override
        protected byte[] engineGenerateSeed(int length) {
            return RandomSource.operatingSystem().next(length);
        }
    }
}
