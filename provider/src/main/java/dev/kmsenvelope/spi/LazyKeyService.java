package dev.kmsenvelope.spi;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A key service that is opened by the first call that needs it, and goes by the name that the settings give it. When it
 * cannot be opened, that call fails as opening failed, and the next one tries again. Thread-safe: one thread opens, the
 * others wait for it.
 */
final class LazyKeyService implements KeyService {

    private final String name;
    private final Supplier<KeyService> opening;
    private volatile @Nullable KeyService opened;
    private boolean closed;

    LazyKeyService(String name, Supplier<KeyService> opening) {
        this.name = name;
        this.opening = opening;
    }

    private KeyService service() {
        KeyService service = opened;
        return service == null ? open() : service;
    }

    private synchronized KeyService open() {
        KeyService service = opened;
        if (service == null) {
            if (closed) {
                throw new KeyServiceClosedException("the key service '" + name + "' was closed");
            }
            service = opening.get();
            opened = service;
        }
        return service;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return service().describe(key);
    }

    @Override
    public List<KeyDescription> list() {
        return service().list();
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return service().decryptionKeys(key);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return service().keyOf(encrypted);
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        return service().generateDataKey(key, numberOfBytes, context);
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        return service().encrypt(key, plaintext, context);
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return service().decrypt(key, encrypted, context);
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        return service().reEncrypt(source, encrypted, sourceContext, destination, destinationContext);
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encrypted) {
        return service().toBlob(encrypted);
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        return service().fromBlob(key, blob);
    }

    @Override
    public Optional<String> versionOf(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return service().versionOf(key, encrypted, context);
    }

    @Override
    public boolean versionTakesRequest() {
        return service().versionTakesRequest();
    }

    @Override
    public boolean bindsContext(KeyId key) {
        return service().bindsContext(key);
    }

    @Override
    public <T> Optional<T> capability(Class<T> type) {
        return service().capability(type);
    }

    /** Closes the service if it was opened; it is not opened any more. */
    @Override
    public synchronized void close() {
        closed = true;
        KeyService service = opened;
        if (service != null) {
            service.close();
        }
    }
}
