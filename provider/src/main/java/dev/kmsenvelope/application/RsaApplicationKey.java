package dev.kmsenvelope.application;

import dev.kmsenvelope.crypto.RsaOaep;
import dev.kmsenvelope.keyring.Keyring;
import dev.kmsenvelope.keyring.RawRsaKeyring;
import dev.kmsenvelope.keyring.S3Keyring;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeySpec;
import java.time.Instant;

/**
 * An RSA key of a KeyStore: a key pair, or the public key of a trusted certificate, which encrypts only. OAEP needs no
 * bound on its uses.
 *
 * @param name its alias there
 * @param created when the KeyStore says that it was made
 * @param keyring encrypts with it, and decrypts if there is a private key
 * @param toS3 the same for S3 objects
 * @param rsa what {@link #close()} closes
 */
record RsaApplicationKey(String name, Instant created, RawRsaKeyring keyring, S3Keyring toS3, RsaOaep rsa)
        implements ApplicationKey {

    @Override
    public boolean bindsContext() {
        return false;
    }

    @Override
    public KeySpec spec() {
        return switch (rsa.modulusBits()) {
            case 2048 -> KeySpec.RSA_2048;
            case 3072 -> KeySpec.RSA_3072;
            case 4096 -> KeySpec.RSA_4096;
            default -> KeySpec.OTHER;
        };
    }

    @Override
    public boolean isFor(EncryptedDataKey encrypted) {
        return keyring.isFor(encrypted);
    }

    @Override
    public Keyring toEncrypt() {
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
        rsa.close();
    }
}
