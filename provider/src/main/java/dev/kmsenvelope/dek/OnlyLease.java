package dev.kmsenvelope.dek;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.List;

/** The only lease of a data key. */
record OnlyLease(SecretBytes key, EncryptedDataKey encryptedKey) implements DataKeyLease {

    @Override
    public byte[] copyKey() {
        return key.copy();
    }

    @Override
    public int length() {
        return key.length();
    }

    @Override
    public List<EncryptedDataKey> encrypted() {
        return List.of(encryptedKey);
    }

    @Override
    public void used(long bytes) {
        // serves one message, of any size
    }

    @Override
    public void close() {
        key.close();
    }
}
