package dev.kmsenvelope.contract;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.spi.Backends;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/**
 * What every backend keeps: all that the port promises. A subclass says how its backend is configured and what it has; what
 * it does not have is checked to be absent. Backends are opened as programs open them, by their configuration.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class KeyServiceContract
        implements DirectoryContract, EncryptionContract, AdministrationContract, CapabilityContract {

    private final Map<String, KeyId> shared = new HashMap<>();
    private KeyService service;

    /** Makes what the backend needs, before anything is opened. */
    abstract void start() throws Exception;

    /** Removes it. */
    void stop() throws Exception {}

    abstract Configuration configuration();

    @BeforeAll
    final void open() throws Exception {
        start();
        service = Backends.openService(configuration());
    }

    @AfterAll
    final void close() throws Exception {
        if (service != null) {
            service.close();
        }
        stop();
    }

    @Override
    public final KeyService service() {
        return service;
    }

    @Override
    public final KeyService openService() {
        return Backends.openService(configuration());
    }

    @Override
    public final KeyAdministration openAdministration() {
        return Backends.openAdministration(configuration());
    }

    @Override
    public final KeyId sharedKey(KeySpec spec, KeyUsage usage) {
        return shared.computeIfAbsent(spec + " " + usage, name -> newKey(spec, usage));
    }

    @Override
    public final KeyId symmetricKey() {
        return sharedKey(KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT);
    }

    @Override
    public KeyId newKey() {
        return newKey(KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT);
    }

    KeyId newKey(KeySpec spec, KeyUsage usage) {
        try (KeyAdministration administration = openAdministration()) {
            return administration.createKey(spec, usage).id();
        }
    }
}
