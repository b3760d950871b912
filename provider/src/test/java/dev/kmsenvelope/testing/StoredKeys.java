package dev.kmsenvelope.testing;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsStoredKey;
import dev.kmsenvelope.provider.StoredDataKey;
import dev.kmsenvelope.spi.KeyServices;
import java.util.LinkedHashMap;
import java.util.Map;

/** Data keys whose plaintext the test chooses, encrypted by a service in memory, and handles to them. */
public final class StoredKeys implements AutoCloseable {

    public static final KeyId MASTER = KeyId.of("master");
    public static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("alias", "tokens", "kind", "data-key"));

    public final InMemoryKeyService memory =
            new InMemoryKeyService().withKey("master").withKey("other");
    public final KeyServices services;

    private final boolean owns;

    /** All that there is of one configuration. */
    public StoredKeys() {
        services = KeyServices.of(memory, Map.of());
        owns = true;
    }

    /** The same, with a service of somebody else, who closes it. */
    public StoredKeys(KeyService service) {
        services = KeyServices.of(service, Map.of());
        owns = false;
    }

    /** An encrypted key, as a keystore file keeps it. */
    public StoredDataKey stored(DataKeyUsage usage, byte[] key) {
        return stored(usage, key, StoredDataKey.DEFAULT_MAX_MESSAGES);
    }

    /** An encrypted key, with a limit of messages. */
    public StoredDataKey stored(DataKeyUsage usage, byte[] key, long maxMessages) {
        byte[] blob = memory.toBlob(memory.encrypt(MASTER, key, CONTEXT));
        return new StoredDataKey("tokens", 1, usage, key.length, MASTER, blob, CONTEXT, maxMessages, true);
    }

    /** A handle, with settings as name, value, name, value. */
    public KmsStoredKey handle(StoredDataKey stored, String... settings) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        return KmsStoredKey.of(services, stored, KeyPolicy.of(Configuration.of(values), KeyId.of(stored.name())));
    }

    /** A handle to a key that is encrypted now. */
    public KmsStoredKey handle(DataKeyUsage usage, byte[] key, String... settings) {
        return handle(stored(usage, key), settings);
    }

    @Override
    public void close() {
        if (owns) {
            services.close();
        }
    }
}
