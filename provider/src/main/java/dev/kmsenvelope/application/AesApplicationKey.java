package dev.kmsenvelope.application;

import dev.kmsenvelope.keyring.Keyring;
import dev.kmsenvelope.keyring.RawAesKeyring;
import dev.kmsenvelope.keyring.S3Keyring;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.SecretBytes;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * An AES key of a KeyStore. Its encryptions have random nonces, so this process stops at {@value #MAX_USES} of them
 * (RULES 10).
 *
 * @param name its alias there
 * @param created when the KeyStore says that it was made
 * @param keyring encrypts and decrypts with it; fails after {@link #close()}
 * @param toS3 the same for S3 objects
 * @param material what {@link #close()} wipes, or null when the key is in a token
 * @param uses how often this process has encrypted with it
 */
record AesApplicationKey(
        String name,
        Instant created,
        RawAesKeyring keyring,
        S3Keyring toS3,
        @Nullable SecretBytes material,
        AtomicLong uses)
        implements ApplicationKey {

    /** The most encryptions with a key in one process. */
    static final long MAX_USES = 1L << 31;

    @Override
    public boolean bindsContext() {
        return true;
    }

    @Override
    public KeySpec spec() {
        return KeySpec.SYMMETRIC_DEFAULT;
    }

    @Override
    public boolean isFor(EncryptedDataKey encrypted) {
        return keyring.isFor(encrypted);
    }

    @Override
    public Keyring toEncrypt() {
        if (uses.incrementAndGet() > MAX_USES) {
            uses.decrementAndGet(); // So that refusals do not count.
            throw new KeyDisabledException("this process has encrypted " + MAX_USES + " times with the key " + name
                    + ", which is the most that is safe; replace the key");
        }
        return keyring;
    }

    @Override
    public Keyring toDecrypt() {
        return keyring;
    }

    @Override
    public boolean isForS3(EncryptedDataKey encrypted) {
        return toS3.isFor(encrypted);
    }

    @Override
    public void close() {
        if (material != null) {
            material.close();
        }
    }
}
