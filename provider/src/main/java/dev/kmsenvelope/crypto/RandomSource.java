package dev.kmsenvelope.crypto;

import java.security.DrbgParameters;
import java.security.GeneralSecurityException;
import java.security.ProviderException;
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

        private static RandomSource open() {
            return RandomDevice.open(RandomDevice.PATH, OperatingSystem::openThroughJdk);
        }

        /**
         * On Unix, {@code generateSeed} of the first reads /dev/urandom each time, where {@code nextBytes} would read ahead
         * into a buffer and mix with a state in memory. On Windows the second asks the system each time. The third, a DRBG,
         * has a state in memory but reseeds from the system for each call (NIST SP 800-90A, prediction resistance).
         */
        static RandomSource openThroughJdk() {
            try {
                return SecureRandom.getInstance("NativePRNGNonBlocking", "SUN")::generateSeed;
            } catch (GeneralSecurityException notUnix) {
                try {
                    return drawingFrom(SecureRandom.getInstance("Windows-PRNG", "SunMSCAPI"));
                } catch (GeneralSecurityException notWindows) {
                    return reseedingDrbg();
                }
            }
        }

        private static RandomSource reseedingDrbg() {
            try {
                return drawingFrom(SecureRandom.getInstance(
                        "DRBG",
                        DrbgParameters.instantiation(256, DrbgParameters.Capability.PR_AND_RESEED, null),
                        "SUN"));
            } catch (GeneralSecurityException e) {
                throw new ProviderException(
                        "the JDK offers no source of random bytes that asks the system each time", e);
            }
        }

        private static RandomSource drawingFrom(SecureRandom random) {
            return length -> {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                return bytes;
            };
        }
    }
}
