package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds the handle for a message whose key the user did not name: the keys in its header that the service has. */
final class MessageKey {

    private static final String PREFIX = "key.";
    private static final List<String> ENDS = List.of(".context.", ".usage", ".decrypt-keys");

    private final KeyService service;
    private final Configuration configuration;

    MessageKey(KeyService service, Configuration configuration) {
        this.service = service;
        this.configuration = configuration;
    }

    /**
     * Looks into a message.
     *
     * @param stream supports marks; is where it was afterwards
     * @throws InvalidMessageException if it is no message, or not for a key of the service
     */
    KmsSecretKey of(InputStream stream) throws IOException, InvalidMessageException {
        HeaderLimits limits = EngineSettings.of(configuration).limits();
        stream.mark(limits.maxHeaderLength() + MessageHeader.TAG_LENGTH);
        MessageHeader header = MessageHeader.read(stream, limits);
        stream.reset();
        Set<KeyId> keys = new LinkedHashSet<>();
        header.encryptedDataKeys()
                .forEach(encrypted ->
                        service.keyOf(encrypted).filter(this::exists).ifPresent(keys::add));
        if (keys.isEmpty()) {
            throw new InvalidMessageException(
                    Reason.WRONG_KEY, "the message is for no key of the " + service.name() + " key service");
        }
        return handle(header, List.copyOf(keys));
    }

    /** What is configured for a name holds for the keys behind it too, or leaving out --key would evade it. */
    private KmsSecretKey handle(MessageHeader header, List<KeyId> keys) {
        for (KeyId key : keys) {
            Optional<KmsSecretKey> configured = configured(header, key);
            if (configured.isPresent()) {
                return configured.get();
            }
        }
        KeyId first = keys.get(0);
        String all = keys.stream().map(KeyId::value).collect(Collectors.joining(","));
        Configuration withAll = Configuration.of(Map.of(PREFIX + first + ".decrypt-keys", all));
        return KmsSecretKey.of(service, first, KeyPolicy.of(withAll.orElse(configuration), first));
    }

    /** The name whose context the message has, among those that are configured and mean this key; else the first. */
    private Optional<KmsSecretKey> configured(MessageHeader header, KeyId key) {
        List<KmsSecretKey> handles = new ArrayList<>();
        for (KeyId name : configuredNames()) {
            if (means(name, key)) {
                KeyPolicy policy = KeyPolicy.of(configuration, name);
                KmsSecretKey handle = KmsSecretKey.of(service, name, policy);
                if (header.context().containsAll(policy.context())) {
                    return Optional.of(handle);
                }
                handles.add(handle);
            }
        }
        return handles.stream().findFirst();
    }

    private boolean exists(KeyId key) {
        return means(key, key);
    }

    private boolean means(KeyId name, KeyId key) {
        try {
            return service.decryptionKeys(name).contains(key);
        } catch (KeyNotFoundException e) {
            return false;
        }
    }

    private Set<KeyId> configuredNames() {
        Set<KeyId> names = new LinkedHashSet<>();
        for (String setting : configuration.asMap().keySet()) {
            if (setting.startsWith(PREFIX)) {
                ENDS.stream()
                        .mapToInt(setting::indexOf)
                        .filter(end -> end > PREFIX.length())
                        .mapToObj(end -> setting.substring(PREFIX.length(), end))
                        .filter(name -> name.chars().allMatch(c -> c > ' ' && c < 0x7f))
                        .map(KeyId::of)
                        .forEach(names::add);
            }
        }
        return names;
    }
}
