package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.PrivateKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreWrapping;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsStoredKey;
import dev.kmsenvelope.spi.KeyServices;
import dev.kmsenvelope.text.Quoted;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.UnrecoverableKeyException;
import java.util.Optional;

/** What the entries of a file have their keys from. Thread-safe. */
final class FileKeys {

    private final KeyServices services;
    private final Configuration configuration;
    private final StoreWrapping wrapping;
    private final LiveEntries live;
    private final Warnings warnings = new Warnings(FileKeys.class);

    FileKeys(KeyServices services, Configuration configuration, StoreWrapping wrapping, LiveEntries live) {
        this.services = services;
        this.configuration = configuration;
        this.wrapping = wrapping;
        this.live = live;
    }

    /**
     * The handle to a version of a data key, with the settings {@code key.<alias>.*}. The service is not asked.
     *
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if there are settings that a data key cannot have
     */
    KmsStoredKey handle(StoreContent in, DataKeyEntry entry, DataKeyEntry.Version version) {
        return KmsStoredKey.of(services, wrapping.stored(in, entry, version), policy(entry.alias()));
    }

    /** An alias need not be the name that a key of the service can have; then there are no settings for it. */
    private KeyPolicy policy(String alias) {
        KeyId name;
        try {
            name = KeyId.of(alias);
        } catch (IllegalArgumentException e) {
            return KeyPolicy.ofNoKey(configuration);
        }
        return KeyPolicy.of(configuration, name);
    }

    /** Has the service unwrap a private key. */
    PrivateKey unwrap(StoreContent in, PrivateKeyEntry entry) throws GeneralSecurityException, IOException {
        return wrapping.unwrap(in, entry);
    }

    /** The key of the service that an alias points to. */
    Optional<EntryView> pointedTo(KeyId key) {
        return live.find(key.value());
    }

    /** The same, where a failure of the service is logged. */
    Optional<EntryView> pointedToQuietly(KeyId key) {
        return live.findQuietly(key.value());
    }

    /** Logs why an entry is none that can be used, once. */
    void warn(String alias, UnrecoverableKeyException e) {
        warnings.warn("the entry " + Quoted.of(alias) + " is no key entry: " + e.getMessage());
    }

    /** Logs what is wrong with the certificates of an entry, once. */
    void warn(String alias, GeneralSecurityException e) {
        warnings.warn("the entry " + Quoted.of(alias) + " has a certificate that cannot be read: " + e.getMessage());
    }

    static UnrecoverableKeyException unrecoverable(String alias, Exception cause) {
        UnrecoverableKeyException e = new UnrecoverableKeyException(
                "the entry " + Quoted.of(alias) + " cannot be used: " + cause.getMessage());
        e.initCause(cause);
        return e;
    }
}
