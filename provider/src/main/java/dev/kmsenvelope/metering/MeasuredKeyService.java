package dev.kmsenvelope.metering;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.telemetry.KmsOperation;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A key service whose calls are counted, timed and recorded, and which is closed when everything is shut down. It is equal to
 * itself only, as the service is: whoever opens a service uses this one alone from then on. Thread-safe.
 */
public final class MeasuredKeyService implements KeyService {

    private final KeyService service;
    private final Meter meter;
    private final OpenServices.Entry open;

    private MeasuredKeyService(KeyService service, String name, KmsCalls calls) {
        this.service = service;
        this.meter = new Meter(name, calls);
        this.open = OpenServices.ALL.add(this);
    }

    /**
     * Measures a service.
     *
     * @param service closed with the one that is returned
     * @param name what its calls are counted under
     * @return the measured service; the same one if it is measured already
     */
    public static MeasuredKeyService of(KeyService service, String name) {
        return of(service, name, KmsCalls.ALL);
    }

    static MeasuredKeyService of(KeyService service, String name, KmsCalls calls) {
        return service instanceof MeasuredKeyService measured ? measured : new MeasuredKeyService(service, name, calls);
    }

    @Override
    public String name() {
        return service.name();
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return meter.measure(KmsOperation.DESCRIBE_KEY, key, () -> service.describe(key));
    }

    @Override
    public List<KeyDescription> list() {
        return meter.measure(KmsOperation.LIST_KEYS, null, service::list);
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return meter.measure(KmsOperation.RESOLVE_KEY, key, () -> service.decryptionKeys(key));
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return service.keyOf(encrypted);
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        return meter.measure(
                KmsOperation.GENERATE_DATA_KEY, key, () -> service.generateDataKey(key, numberOfBytes, context));
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        return meter.measure(KmsOperation.ENCRYPT, key, () -> service.encrypt(key, plaintext, context));
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return meter.measure(KmsOperation.DECRYPT, key, () -> service.decrypt(key, encrypted, context));
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        return meter.measure(
                KmsOperation.RE_ENCRYPT,
                destination,
                () -> service.reEncrypt(source, encrypted, sourceContext, destination, destinationContext));
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encrypted) {
        return service.toBlob(encrypted);
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        return service.fromBlob(key, blob);
    }

    @Override
    public Optional<String> versionOf(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return service.versionTakesRequest()
                ? meter.measure(KmsOperation.READ_VERSION, key, () -> service.versionOf(key, encrypted, context))
                : service.versionOf(key, encrypted, context);
    }

    @Override
    public boolean versionTakesRequest() {
        return service.versionTakesRequest();
    }

    @Override
    public boolean bindsContext(KeyId key) {
        return service.bindsContext(key);
    }

    @Override
    public <T> Optional<T> capability(Class<T> type) {
        return service.capability(type).map(found -> MeasuredCapabilities.measured(type, found, meter));
    }

    /**
     * Tells whether it was closed.
     *
     * @return true after {@link #close()}
     */
    public boolean isClosed() {
        return meter.isClosed();
    }

    /** Closes the service; the second time does nothing. */
    @Override
    public void close() {
        if (meter.close()) {
            open.remove();
            service.close();
        }
    }
}
