package dev.kmsenvelope.engine;

import dev.kmsenvelope.dek.ServiceKey;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells by the header whether a message is for certain keys, for no others, and under their newest versions. Each key is
 * looked up once, so that all messages are held against one state of the keys. The header is not verified. Thread-safe.
 */
public final class Currency {

    /** What is known of a message. */
    public enum State {
        /** For the keys and no others, under their newest versions. */
        CURRENT,
        /** For other keys, too many, too few, or under an older version. */
        OUTDATED,
        /** For the keys and no others, and a service does not tell under which version. */
        UNKNOWN
    }

    private final List<ServiceKey> targets;
    private final Set<ServiceKey> readable;
    private final Map<ServiceKey, KeyId> ids = new ConcurrentHashMap<>();
    private final Map<ServiceKey, Optional<String>> newest = new ConcurrentHashMap<>();

    /**
     * Looks nothing up yet.
     *
     * @param targets the keys that messages should be for; copied
     * @param readable those of them that may be asked to decrypt, which a service does that has to be asked for a version;
     *     copied
     */
    public Currency(List<ServiceKey> targets, Set<ServiceKey> readable) {
        this.targets = List.copyOf(targets);
        this.readable = Set.copyOf(readable);
    }

    /**
     * Looks at a message. That takes a request where a service has to ask for versions.
     *
     * @param header its header
     * @param context all that the message's data key is bound to, whether it stands in the header or not
     * @return what is known
     * @throws dev.kmsenvelope.kms.InvalidCiphertextException if a service was asked and says that the data key is wrong
     * @throws dev.kmsenvelope.kms.KmsException if a service fails
     */
    public State of(MessageHeader header, EncryptionContext context) {
        List<ServiceKey> missing = new ArrayList<>(targets);
        boolean unknown = false;
        for (EncryptedDataKey encrypted : header.encryptedDataKeys()) {
            Optional<ServiceKey> target =
                    targets.stream().filter(one -> isUnder(one, encrypted)).findFirst();
            if (target.isEmpty()) {
                return State.OUTDATED;
            }
            missing.removeIf(one -> isUnder(one, encrypted));
            Optional<String> current = isToldVersions(target.get()) ? newest(target.get()) : Optional.empty();
            Optional<String> version = current.isEmpty()
                    ? current
                    : target.get().service().versionOf(id(target.get()), encrypted, context);
            if (version.isEmpty()) {
                unknown = true;
            } else if (!version.equals(current)) {
                return State.OUTDATED;
            }
        }
        if (!missing.isEmpty()) {
            return State.OUTDATED;
        }
        return unknown ? State.UNKNOWN : State.CURRENT;
    }

    private boolean isToldVersions(ServiceKey target) {
        return readable.contains(target) || !target.service().versionTakesRequest();
    }

    private boolean isUnder(ServiceKey target, EncryptedDataKey encrypted) {
        return target.service().keyOf(encrypted).filter(id(target)::equals).isPresent();
    }

    private KeyId id(ServiceKey target) {
        return ids.computeIfAbsent(
                target, one -> one.service().decryptionKeys(one.id()).iterator().next());
    }

    private Optional<String> newest(ServiceKey target) {
        return newest.computeIfAbsent(target, one -> {
            try {
                return one.service().describe(id(one)).currentVersion().map(KeyDescription.KeyVersion::id);
            } catch (KeyAccessDeniedException e) {
                return Optional.empty(); // Who may use a key need not be allowed to look at it.
            }
        });
    }
}
