package dev.kmsenvelope.crypto;

import java.security.NoSuchAlgorithmException;
import java.security.NoSuchProviderException;
import java.security.SecureRandom;

/**
 * Gives random bytes. {@link #operatingSystem()} asks the operating system each time and keeps nothing in stock: a virtual
 * machine that is restored from a snapshot twice must not draw the same bytes twice, as it would from a buffer or a
 * generator's state in memory.
 */
@FunctionalInterface
public interface RandomSource {

    /**
     * Draws fresh bytes.
     *
     * @param length how many
     * @return a fresh array
     */
    byte[] next(int length);

    /**
     * The operating system's source. Thread-safe.
     *
     * @return that source
     */
    static RandomSource operatingSystem() {
        return OperatingSystem.SOURCE;
    }

    /** Holds the one source, so that it is opened on first use and not before. */
    final class OperatingSystem {

        private static final RandomSource SOURCE = open();

        private OperatingSystem() {}

        /**
         * On Unix, {@code generateSeed} of this generator reads /dev/urandom each time, where {@code nextBytes} would read
         * ahead into a buffer and mix with a state in memory. On Windows the default generator asks the system each time.
         */
        private static RandomSource open() {
            try {
                return SecureRandom.getInstance("NativePRNGNonBlocking", "SUN")::generateSeed;
            } catch (NoSuchAlgorithmException | NoSuchProviderException e) {
                SecureRandom random = new SecureRandom();
                return length -> {
                    byte[] bytes = new byte[length];
                    random.nextBytes(bytes);
                    return bytes;
                };
            }
        }
    }
}
