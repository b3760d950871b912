package dev.kmsenvelope.local;

import dev.kmsenvelope.crypto.OsRandom;
import dev.kmsenvelope.files.DurableFiles;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * What a store works with.
 *
 * @param directory where it is; made when the first key is
 * @param passphrase where the passphrase comes from, or null for a generated secret
 * @param clock tells the time
 * @param random the operating system's source
 * @param files writes
 * @param maxUses how many encryptions a key version gets before it is rotated
 * @param iterations of PBKDF2 for a passphrase that is set from now on
 * @param secretIterations the same for a generated secret; never fewer than former versions did
 */
record StoreSettings(
        Path directory,
        @Nullable PassphraseSource passphrase,
        InstantSource clock,
        SecureRandom random,
        DurableFiles files,
        long maxUses,
        int iterations,
        int secretIterations) {

    /** Half of what NIST SP 800-38D allows one key with random nonces: the rest is for cloned machines and restored files. */
    static final long DEFAULT_MAX_USES = 1L << 31;

    StoreSettings {
        random = new CheckedRandom(random);
    }

    StoreSettings(Path directory, @Nullable PassphraseSource passphrase) {
        this(
                directory,
                passphrase,
                InstantSource.system(),
                OsRandom.create(),
                new DurableFiles(),
                DEFAULT_MAX_USES,
                PassphraseKey.PASSPHRASE_ITERATIONS,
                PassphraseKey.SECRET_ITERATIONS);
    }
}
