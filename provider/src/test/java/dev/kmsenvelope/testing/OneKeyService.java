package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A key service with one key, to which every encrypted data key belongs; it does nothing but what a subtype adds. */
public interface OneKeyService extends KeyService {

    /** Its only key. */
    KeyId id();

    @Override
    default String name() {
        return id().value();
    }

    @Override
    default Set<KeyId> decryptionKeys(KeyId key) {
        return Set.of(id());
    }

    @Override
    default Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return Optional.of(id());
    }

    @Override
    default KeyDescription describe(KeyId key) {
        throw new UnsupportedOperationException();
    }

    @Override
    default List<KeyDescription> list() {
        throw new UnsupportedOperationException();
    }

    @Override
    default DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    default EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        throw new UnsupportedOperationException();
    }

    @Override
    default EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        throw new UnsupportedOperationException();
    }

    @Override
    default byte[] toBlob(EncryptedDataKey encrypted) {
        throw new UnsupportedOperationException();
    }

    @Override
    default EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        throw new UnsupportedOperationException();
    }

    @Override
    default void close() {}
}
