package dev.kmsenvelope.application;

import dev.kmsenvelope.keyring.Keyring;
import dev.kmsenvelope.keyring.S3Keyring;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import java.time.Instant;

/** A key of a KeyStore that data keys can be encrypted under. Thread-safe. */
interface ApplicationKey extends AutoCloseable {

    /** Its alias in the KeyStore. */
    String name();

    /** When the KeyStore says that it was made. */
    Instant created();

    /** Its kind; {@link KeySpec#OTHER} for an RSA key of an unusual length, which works like any other. */
    KeySpec spec();

    /** Whether what it encrypts opens with the same context only, and takes the key itself to make. */
    boolean bindsContext();

    /** Whether it can be used. */
    default KeyState state() {
        return KeyState.ENABLED;
    }

    /** Tells from the fields alone whether an encrypted data key is said to be under this key. */
    boolean isFor(EncryptedDataKey encrypted);

    /**
     * What encrypts with it, once.
     *
     * @throws KeyDisabledException if it cannot be used, or must not be used any more
     */
    Keyring toEncrypt();

    /**
     * What decrypts with it.
     *
     * @throws KeyDisabledException if it cannot be used
     */
    Keyring toDecrypt();

    /** Whether an encrypted data key of {@link #toS3} is said to be under this key. */
    boolean isForS3(EncryptedDataKey encrypted);

    /**
     * What encrypts and decrypts data keys of S3 objects with it. An encryption counts by {@link #toEncrypt}.
     *
     * @throws KeyDisabledException if it cannot be used
     */
    S3Keyring toS3();

    /** Wipes what of it is in memory, as far as it can be wiped, and lets go of the rest; idempotent. */
    @Override
    void close();
}
