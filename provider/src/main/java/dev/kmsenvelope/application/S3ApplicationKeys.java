package dev.kmsenvelope.application;

import dev.kmsenvelope.keyring.S3Keyring;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.RawKeysOfS3;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The keys of an {@link ApplicationKeyService}, as the raw keyrings of the Amazon S3 Encryption Client use them. Encryptions
 * count with those of the service (RULES 10). Thread-safe.
 */
final class S3ApplicationKeys implements RawKeysOfS3.View {

    private final ApplicationKeyService keys;

    S3ApplicationKeys(ApplicationKeyService keys) {
        this.keys = keys;
    }

    @Override
    public String name() {
        return keys.name();
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return keys.describe(key);
    }

    @Override
    public List<KeyDescription> list() {
        return keys.list();
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return keys.decryptionKeys(key);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return keys.keyOfS3(encrypted);
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        ApplicationKeyService.requireDataKeyLength(numberOfBytes);
        byte[] plaintext = new byte[numberOfBytes];
        try {
            keys.drawDataKey(key, plaintext);
            EncryptedDataKey encrypted = encrypt(key, plaintext, context);
            return new DataKeyPair(SecretBytes.copyOf(plaintext), encrypted);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        ApplicationKeyService.requireDataKeyLength(plaintext.length);
        return keys.use(key, found -> {
            found.toEncrypt();
            return found.toS3().wrap(plaintext, context);
        });
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return keys.use(key, found -> found.toS3().unwrap(encrypted, context));
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        try (SecretBytes plaintext = decrypt(source, encrypted, sourceContext)) {
            byte[] bytes = plaintext.copy();
            try {
                return encrypt(destination, bytes, destinationContext);
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        }
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encrypted) {
        return encrypted.ciphertext();
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        S3Keyring keyring = keys.use(key, ApplicationKey::toS3);
        return keyring.entry(blob);
    }

    @Override
    public void close() {
        // the service whose keys these are is closed by its owner
    }
}
