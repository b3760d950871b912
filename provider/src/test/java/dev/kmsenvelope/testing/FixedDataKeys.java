package dev.kmsenvelope.testing;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.dek.DirectDataKeySource;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Gives the same data key for every message, so that messages can be compared; and counts what it is used for. */
public final class FixedDataKeys implements DataKeySource {

    public final AtomicLong used = new AtomicLong();
    private final DataKeySource source;
    private byte[] key;
    private List<EncryptedDataKey> encrypted;

    public FixedDataKeys(KeyService service) {
        source = new DirectDataKeySource(service);
    }

    @Override
    public synchronized DataKeyLease forEncryption(KeyId id, DataKeyUse use, EncryptionContext context) {
        if (key == null) {
            try (DataKeyLease lease = source.forEncryption(id, use, context)) {
                key = lease.copyKey();
                encrypted = lease.encrypted();
            }
        }
        return new DataKeyLease() {
            @Override
            public byte[] copyKey() {
                return key.clone();
            }

            @Override
            public int length() {
                return key.length;
            }

            @Override
            public List<EncryptedDataKey> encrypted() {
                return encrypted;
            }

            @Override
            public void used(long bytes) {
                used.addAndGet(bytes);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public DataKeyLease forDecryption(KeyId id, DataKeyUse use, EncryptedDataKey one, EncryptionContext context) {
        return source.forDecryption(id, use, one, context);
    }
}
