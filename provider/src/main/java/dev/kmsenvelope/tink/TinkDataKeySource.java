package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.Arrays;

/**
 * Makes data keys as Tink does: draws an AES-256 key and has the service encrypt its serialized form, without an encryption
 * context. What it gives out is that form.
 *
 * @param service not closed by this source
 * @param random where keys come from
 */
public record TinkDataKeySource(KeyService service, RandomSource random) implements DataKeySource {

    @Override
    public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
        byte[] drawn = random.next(TinkDataKey.KEY_LENGTH);
        byte[] serialized = TinkDataKey.serialize(drawn);
        try {
            EncryptedDataKey encrypted = service.encrypt(key, serialized, context);
            return DataKeyLease.ofOneMessage(SecretBytes.copyOf(serialized), encrypted);
        } finally {
            Arrays.fill(drawn, (byte) 0);
            Arrays.fill(serialized, (byte) 0);
        }
    }

    @Override
    public DataKeyLease forDecryption(
            KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
        return DataKeyLease.ofOneMessage(service.decrypt(key, encrypted, context), encrypted);
    }

    /** The same object as a service, not an equal one, which may have other credentials (RULES 13). */
    @Override
    @SuppressWarnings("ReferenceEquality")
    public boolean equals(Object other) {
        return other instanceof TinkDataKeySource that && service == that.service;
    }

    @Override
    public int hashCode() {
        return 31 * System.identityHashCode(service) + 1;
    }
}
