package dev.kmsenvelope.testing;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.kms.EncryptedDataKey;
import java.util.List;

/** A lease of a data key that is what the test says, and is not counted. */
public record FixedLease(byte[] key, List<EncryptedDataKey> encrypted) implements DataKeyLease {

    @Override
    public byte[] copyKey() {
        return key.clone();
    }

    @Override
    public int length() {
        return key.length;
    }

    @Override
    public void used(long bytes) {}

    @Override
    public void close() {}
}
