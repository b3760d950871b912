package dev.kmsenvelope.dual;

import dev.kmsenvelope.dek.DataKeyLease;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.dek.DataKeyUse;
import dev.kmsenvelope.dek.KeyIdentity;
import dev.kmsenvelope.engine.Authority;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that the layers of one message have different data keys (RULES 21). The one that is known first is remembered
 * by its identity, which tells nothing about the key, so that no data key is kept longer for this. Not thread-safe.
 */
final class LayerKeys {

    private final Map<Layer, KeyIdentity> known = new EnumMap<>(Layer.class);

    /** The same source, whose data keys must differ from those of the other layer. */
    DataKeySource watched(Layer layer, DataKeySource origin) {
        return new Watched(origin, this, layer);
    }

    /** The reader of a layer, who also requires its mark in the context, and so watched. */
    Recipient watched(Layer layer, Recipient reader, EncryptionContext required) {
        List<Authority> authorities = new ArrayList<>();
        for (Authority authority : reader.authorities()) {
            authorities.add(new Authority(
                    authority.service(), watched(layer, authority.source()), authority.keys(), authority.discovery()));
        }
        return new Recipient(reader.key(), authorities, layer.marked(required));
    }

    /** Whether the other layer has another data key, or none yet. */
    private boolean isNew(Layer layer, DataKeyLease lease) {
        KeyIdentity identity = lease.identity();
        known.put(layer, identity);
        KeyIdentity other = known.get(layer.other());
        return other == null || !other.equals(identity);
    }

    private record Watched(DataKeySource origin, LayerKeys keys, Layer layer) implements DataKeySource {

        @Override
        public DataKeyLease forEncryption(KeyId key, DataKeyUse use, EncryptionContext context) {
            DataKeyLease lease = origin.forEncryption(key, use, context);
            if (!isNew(lease)) {
                throw new KmsUnavailableException(
                        "the key service gave the same data key for both layers of a message; the second time for "
                                + key);
            }
            return lease;
        }

        /** As if it were no data key: what only the keys can tell has one text (RULES 12). */
        @Override
        public DataKeyLease forDecryption(
                KeyId key, DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
            DataKeyLease lease = origin.forDecryption(key, use, encrypted, context);
            if (!isNew(lease)) {
                throw new InvalidCiphertextException("both layers of the message have the same data key");
            }
            return lease;
        }

        @Override
        public @Nullable DataKeyLease remembered(
                DataKeyUse use, EncryptedDataKey encrypted, EncryptionContext context) {
            DataKeyLease lease = origin.remembered(use, encrypted, context);
            return lease == null || isNew(lease) ? lease : null;
        }

        /** Closes the lease unless it is. */
        private boolean isNew(DataKeyLease lease) {
            boolean isNew = false;
            try {
                isNew = keys.isNew(layer, lease);
                return isNew;
            } finally {
                if (!isNew) {
                    lease.close();
                }
            }
        }
    }
}
