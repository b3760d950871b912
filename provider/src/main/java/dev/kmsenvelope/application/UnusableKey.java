package dev.kmsenvelope.application;

import dev.kmsenvelope.keyring.Keyring;
import dev.kmsenvelope.keyring.S3Keyring;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import java.time.Instant;

/**
 * A key of a KeyStore that is refused. It is listed as disabled, so that nobody looks for it in vain, and does not keep the
 * other keys of the KeyStore from working.
 *
 * @param name its alias there
 * @param created when the KeyStore says that it was made
 * @param reason why it is refused, to stand behind its name and a colon
 */
record UnusableKey(String name, Instant created, String reason) implements ApplicationKey {

    /** No kind that it could be used as. */
    @Override
    public KeySpec spec() {
        return KeySpec.OTHER;
    }

    /** No matter, as it is refused. */
    @Override
    public boolean bindsContext() {
        return true;
    }

    @Override
    public KeyState state() {
        return KeyState.DISABLED;
    }

    /** It is never known whether it would. */
    @Override
    public boolean isFor(EncryptedDataKey encrypted) {
        return false;
    }

    @Override
    public Keyring toEncrypt() {
        throw refused();
    }

    @Override
    public Keyring toDecrypt() {
        throw refused();
    }

    private KeyDisabledException refused() {
        return new KeyDisabledException("the key " + name + " of the keystore cannot be used: " + reason);
    }

    @Override
    public boolean isForS3(EncryptedDataKey encrypted) {
        return false;
    }

    @Override
    public S3Keyring toS3() {
        throw refused();
    }

    @Override
    public void close() {
        // it was never taken into memory, or let go of at once
    }
}
