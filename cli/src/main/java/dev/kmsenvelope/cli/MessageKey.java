package dev.kmsenvelope.cli;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.format.HeaderLimits;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.provider.DiscoveryFilter;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.spi.KeyReference;
import dev.kmsenvelope.tink.TinkOutline;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Finds the handle for a message whose key the user did not name: the keys in its header that stand in the settings, that a
 * key service lists as its own, or that the user allows by their account. A key that a message merely names is not enough
 * (RULES 14): the service may be one that can reach other people's keys.
 */
final class MessageKey {

    private final Handles handles;
    private final Function<KeyService, Set<KeyId>> own;
    private final Configuration configuration;
    private final List<KmsSecretKey> configured = new ArrayList<>();
    private final List<KeyReference> listed = new ArrayList<>();
    private final Set<KeyId> refused = new LinkedHashSet<>();
    private @Nullable KmsException failure;

    /**
     * Looks for one message.
     *
     * @param handles makes the handle
     */
    MessageKey(Handles handles) {
        this(handles, MessageKey::listed);
    }

    /**
     * Looks for one message of many.
     *
     * @param handles makes the handle
     * @param own the keys that a service lists as its own: remembered, for a list may take a request for each key there is,
     *     and a message that is for none of them must not cost that much
     */
    MessageKey(Handles handles, Function<KeyService, Set<KeyId>> own) {
        this.handles = handles;
        this.own = own;
        this.configuration = handles.configuration();
    }

    /** The keys that a service lists as its own. */
    static Set<KeyId> listed(KeyService service) {
        try {
            return service.list().stream().map(KeyDescription::id).collect(Collectors.toSet());
        } catch (KeyAccessDeniedException e) {
            throw new KeyAccessDeniedException(
                    e.getMessage() + "; keys need not be listed if the one that opens the message is named (--key;"
                            + " reencrypt: --from)",
                    e);
        }
    }

    /**
     * Looks into a message.
     *
     * @param stream supports marks; is where it was afterwards
     * @throws InvalidMessageException if it is no message, or not for a key that may open it
     */
    KmsSecretKey of(InputStream stream) throws IOException, InvalidMessageException {
        requireNotTink(stream);
        HeaderLimits limits = EngineSettings.of(configuration).limits();
        stream.mark(limits.maxHeaderLength() + MessageHeader.TAG_LENGTH);
        MessageHeader header = MessageHeader.read(stream, limits);
        stream.reset();
        if (header.context().containsName(EncryptionContext.LAYER_NAME)) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "the message has two layers of encryption: it opens with --dual and --key, or with --key where the"
                            + " setting decrypt.formats has dual");
        }
        return of(header);
    }

    private static void requireNotTink(InputStream stream) throws IOException, InvalidMessageException {
        stream.mark(TinkOutline.HEAD_LENGTH);
        byte[] head = stream.readNBytes(TinkOutline.HEAD_LENGTH);
        stream.reset();
        if (!MessageProbe.startsMessage(head) && TinkOutline.of(head).isPresent()) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "the message looks like one of Tink, which names no key: it opens with --key where the setting"
                            + " decrypt.formats has tink");
        }
    }

    /**
     * Looks at a header.
     *
     * @throws InvalidMessageException if the message is not for a key that may open it
     */
    KmsSecretKey of(MessageHeader header) throws InvalidMessageException {
        look(header, Optional.empty(), handles.services().main());
        handles.services().further().forEach((name, service) -> look(header, Optional.of(name), service));
        if (!configured.isEmpty()) {
            return configured.get(0);
        }
        if (!listed.isEmpty()) {
            return handles.of(KeyId.of(listed.get(0).toString()), listed.subList(1, listed.size()));
        }
        if (failure != null) {
            throw failure;
        }
        throw new InvalidMessageException(
                Reason.WRONG_KEY,
                "the message is for no key of the "
                        + handles.services().main().name() + " key service"
                        + (handles.services().further().isEmpty() ? "" : " nor of a further one") + hint());
    }

    private String hint() {
        Optional<KeyId> arn =
                refused.stream().filter(key -> key.value().startsWith("arn:")).findFirst();
        return arn.map(key ->
                        " that stands in the settings or is listed there; to open it all the same, name the key with"
                                + " --key " + key + ", or its account with --discover")
                .orElse("");
    }

    /** What is wrong with one service must not keep another from opening the message. */
    private void look(MessageHeader header, Optional<String> name, KeyService service) {
        try {
            Set<KeyId> keys = new LinkedHashSet<>();
            for (EncryptedDataKey encrypted : header.encryptedDataKeys()) {
                service.keyOf(encrypted).ifPresent(keys::add);
            }
            if (!keys.isEmpty()) {
                sort(header, name, service, keys);
            }
        } catch (KmsException e) {
            failure = failure == null ? e : failure;
        }
    }

    private void sort(MessageHeader header, Optional<String> name, KeyService service, Set<KeyId> keys) {
        Map<KeyId, Set<KeyId>> meanings = meanings(name, service);
        Set<KeyId> unnamed = new LinkedHashSet<>(keys);
        for (KeyId key : keys) {
            configured(header, key, meanings).ifPresent(handle -> {
                configured.add(handle);
                unnamed.remove(key);
            });
        }
        if (unnamed.stream().allMatch(this::isDiscovered)) {
            unnamed.forEach(key -> listed.add(new KeyReference(name, key)));
            return;
        }
        Set<KeyId> mine = own.apply(service);
        for (KeyId key : unnamed) {
            if (isDiscovered(key) || mine.contains(key)) {
                listed.add(new KeyReference(name, key));
            } else {
                refused.add(key);
            }
        }
    }

    private boolean isDiscovered(KeyId key) {
        DiscoveryFilter discovery = handles.discovery();
        return discovery != null && discovery.test(key);
    }

    /** The names of a service's keys that there are settings for, with the keys that each means. */
    private Map<KeyId, Set<KeyId>> meanings(Optional<String> serviceName, KeyService service) {
        Map<KeyId, Set<KeyId>> meanings = new LinkedHashMap<>();
        for (KeyId name : KeyPolicy.configuredKeys(configuration)) {
            KeyReference reference = handles.reference(name);
            if (reference.service().equals(serviceName)) {
                meanings.put(name, meaning(service, reference.key()));
            }
        }
        return meanings;
    }

    private static Set<KeyId> meaning(KeyService service, KeyId name) {
        try {
            return service.decryptionKeys(name);
        } catch (KeyNotFoundException e) {
            return Set.of();
        }
    }

    /**
     * What is configured for a name holds for the keys behind it too, or leaving out --key would evade it: the name whose
     * context the message has, among those that are configured and mean this key; else the first.
     */
    private Optional<KmsSecretKey> configured(MessageHeader header, KeyId key, Map<KeyId, Set<KeyId>> meanings) {
        List<KeyId> names = meanings.entrySet().stream()
                .filter(meaning -> meaning.getValue().contains(key))
                .map(Map.Entry::getKey)
                .toList();
        return names.stream()
                .filter(name -> header.context()
                        .containsAll(KeyPolicy.of(configuration, name).context()))
                .findFirst()
                .or(() -> names.stream().findFirst())
                .map(handles::of);
    }
}
