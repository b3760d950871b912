package dev.kmsenvelope.hierarchy.file;

import dev.kmsenvelope.hierarchy.BranchKey;
import dev.kmsenvelope.hierarchy.item.BranchKeyWrapping;
import dev.kmsenvelope.kms.ContextBinding;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;

/** Encrypts branch keys under a key of any service. Thread-safe. */
final class ServiceWrapping implements BranchKeyWrapping {

    private final KeyService service;
    private final KeyId key;

    /**
     * Makes one.
     *
     * @param service has the key; closed with this
     * @param key an alias, key id or ARN
     */
    ServiceWrapping(KeyService service, KeyId key) {
        this.service = service;
        this.key = key;
    }

    @Override
    public String currentKey() {
        return service.describe(key).id().value();
    }

    @Override
    public boolean allows(String kmsKey) {
        // Compared as text: what an item names need not be the name of any key.
        return service.decryptionKeys(key).stream().map(KeyId::value).anyMatch(kmsKey::equals);
    }

    /** The plain text that a service gives along with a new key is wiped unseen. */
    @Override
    public byte[] generate(String kmsKey, EncryptionContext context) {
        try (DataKeyPair pair = service.generateDataKey(binding(kmsKey), BranchKey.LENGTH, context)) {
            return service.toBlob(pair.encrypted());
        }
    }

    @Override
    public byte[] rewrap(String kmsKey, byte[] encrypted, EncryptionContext from, EncryptionContext to) {
        KeyId id = binding(kmsKey);
        EncryptedDataKey before = service.fromBlob(id, encrypted);
        return service.toBlob(service.reEncrypt(id, before, from, id, to));
    }

    @Override
    public SecretBytes unwrap(String kmsKey, byte[] encrypted, EncryptionContext context) {
        KeyId id = binding(kmsKey);
        return service.decrypt(id, service.fromBlob(id, encrypted), context);
    }

    private KeyId binding(String kmsKey) {
        KeyId id = KeyId.of(kmsKey);
        ContextBinding.require(service, id, "branch keys");
        return id;
    }

    @Override
    public void close() {
        service.close();
    }
}
