package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.keystore.file.ForeignStore;
import dev.kmsenvelope.keystore.file.StoreCodec;
import dev.kmsenvelope.keystore.file.StoreFile;
import dev.kmsenvelope.keystore.file.StoreWrapping;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.spi.KeyServices;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Loads a KeyStore from what there is: settings from several sources, a keystore file, or neither. */
final class KeyStoreLoader {

    private final Supplier<Configuration> providerConfiguration;

    KeyStoreLoader(Supplier<Configuration> providerConfiguration) {
        this.providerConfiguration = providerConfiguration;
    }

    /**
     * Loads. Explicit settings come first, then the provider's argument, the stream if it holds settings, the system property.
     *
     * @param explicit settings that the program gave
     * @param stream what was in a stream: a keystore file, which starts with its first line, or else settings
     * @param file a keystore file, whatever the settings say
     * @return the KeyStore
     * @throws IOException if it cannot be opened; a {@link StoreFileException} if the file is to blame
     */
    LoadedKeyStore load(Configuration explicit, byte @Nullable [] stream, @Nullable Path file) throws IOException {
        try {
            boolean isFile = stream != null && StoreCodec.hasMagic(stream);
            Configuration near = explicit.orElse(providerConfiguration.get());
            Configuration system = Configuration.ofSystem();
            if (stream != null && !isFile) {
                requireSettingsMayComeInAStream(stream, near.orElse(system));
            }
            Configuration all = stream == null || isFile ? near.orElse(system) : merged(near, stream, system);
            requireValid(all);
            KeyStoreSettings ours = KeyStoreSettings.of(all);
            return open(
                    SharedServices.open(all), all, file == null ? ours : ours.withFile(file), isFile ? stream : null);
        } catch (KmsException e) {
            throw new IOException("the KMS keystore cannot be opened: " + e.getMessage(), e);
        }
    }

    /**
     * Where something outside of the stream says which key a keystore file is to be trusted by, the stream has to be one:
     * whoever can replace the file could have settings of his own read otherwise, and with them another key service (RULES
     * 18). One that is empty is a file that was cut.
     */
    private static void requireSettingsMayComeInAStream(byte[] stream, Configuration outside)
            throws StoreFileException {
        Optional<String> pin = KeyStoreSettings.pin(outside);
        if (pin.isPresent()) {
            throw new StoreFileException(
                    Reason.NOT_A_KEYSTORE,
                    "the setting '" + pin.get() + "' asks for a keystore file, and this "
                            + StoreCodec.doesNotStartAsOne(stream));
        }
        if (stream.length == 0) {
            throw new StoreFileException(
                    Reason.NOT_A_KEYSTORE, "it is empty: neither a keystore file nor a configuration");
        }
        if (stream.length > StoreCodec.MAX_LENGTH) {
            throw new StoreFileException(
                    Reason.TOO_LARGE,
                    "it is longer than " + (StoreCodec.MAX_LENGTH >> 20)
                            + " MiB: neither a keystore file nor a configuration");
        }
        if (ForeignStore.kind(stream).isPresent()) {
            throw new StoreFileException(
                    Reason.NOT_A_KEYSTORE,
                    "it is neither a keystore file of KmsEnvelope nor a configuration: it "
                            + StoreCodec.doesNotStartAsOne(stream));
        }
    }

    /** The settings with those of a stream, which may as well be a keystore file that was damaged where it starts. */
    private static Configuration merged(Configuration near, byte[] stream, Configuration system) throws IOException {
        try {
            Configuration settings = Configuration.read(new ByteArrayInputStream(stream));
            Configuration all = near.orElse(settings).orElse(system);
            requireKnown(all);
            return all;
        } catch (KmsConfigurationException e) {
            throw new KmsConfigurationException(
                    e.getMessage() + "; it was read as a configuration, for it " + StoreCodec.doesNotStartAsOne(stream),
                    e);
        }
    }

    private static void requireKnown(Configuration all) {
        Set<String> known = new TreeSet<>(KeyServices.configurationKeys(all));
        known.addAll(KeyPolicy.configurationKeys());
        known.add(KeyEntries.CERTIFICATE_SETTING);
        known.addAll(KeyStoreSettings.CONFIGURATION_KEYS);
        all.requireKnown(known);
    }

    private static void requireValid(Configuration all) {
        requireKnown(all);
        KeyPolicy.requireValid(all);
    }

    /**
     * Opens it with services that are open.
     *
     * @param stream a keystore file out of a stream, which goes before the one that the settings name
     */
    static LoadedKeyStore open(
            KeyServices services, Configuration all, KeyStoreSettings settings, byte @Nullable [] stream)
            throws IOException {
        PinnedKey pinned = new PinnedKey(services.main(), all, settings);
        FileStorage storage = storage(services, pinned, settings, stream);
        boolean isFile = stream != null || settings.file().isPresent();
        LiveEntries live = new LiveEntries(services, all, settings.refresh());
        StoreWrapping wrapping = new StoreWrapping(services);
        FileKeys keys = new FileKeys(services, all, wrapping, live);
        return new LoadedKeyStore(
                live,
                settings.live().orElse(!isFile),
                new FileEntries(storage.saved(), keys),
                new EntryMaker(wrapping, pinned, live, keys, settings.usage()),
                storage);
    }

    private static FileStorage storage(
            KeyServices services, PinnedKey pinned, KeyStoreSettings settings, byte @Nullable [] stream)
            throws IOException {
        if (stream != null) {
            return FileStorage.open(services.main(), pinned, settings.minGeneration(), stream, null);
        }
        if (settings.file().isEmpty()) {
            return FileStorage.empty(services.main(), pinned, settings.minGeneration());
        }
        Path file = settings.file().get();
        try {
            byte[] read = StoreFile.at(file).read();
            return FileStorage.open(services.main(), pinned, settings.minGeneration(), read, file);
        } catch (NoSuchFileException e) {
            throw new IOException(
                    "there is no keystore file " + file + "; make one with 'kms-envelope keystore create', or load"
                            + " nothing and store to it",
                    e);
        }
    }
}
