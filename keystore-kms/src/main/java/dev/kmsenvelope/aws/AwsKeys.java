package dev.kmsenvelope.aws;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kms.model.AliasListEntry;
import software.amazon.awssdk.services.kms.model.KeyListEntry;
import software.amazon.awssdk.services.kms.model.KeyMetadata;

/** Which keys there are, and what they are: asked of AWS KMS, and remembered for a while. Thread-safe. */
final class AwsKeys {

    private static final System.Logger LOG = System.getLogger(AwsKeys.class.getName());

    private final AwsCalls calls;
    private final Memory<KeyId, KeyArn> targets;
    private final Memory<KeyId, KeyDescription> descriptions;

    /**
     * Makes one that remembers nothing yet.
     *
     * @param calls makes the requests
     * @param maxAge for how long to remember
     * @param ticker tells the time
     */
    AwsKeys(AwsCalls calls, Duration maxAge, Ticker ticker) {
        this.calls = calls;
        this.targets = new Memory<>(maxAge, ticker);
        this.descriptions = new Memory<>(maxAge, ticker);
    }

    /**
     * Which key a name means. The ARN of a key says so itself.
     *
     * @throws KeyNotFoundException if there is no such key
     */
    KeyArn resolve(KeyId name) {
        return KeyArn.parse(name.value()).orElseGet(() -> targets.get(name, this::askTarget));
    }

    private KeyArn askTarget(KeyId name) {
        return arn(name, metadata(name));
    }

    /** Which key a name without a Region means in the Region of another name; not remembered. */
    KeyArn resolveIn(KeyId place, KeyId name) {
        return arn(name, metadata(place, name));
    }

    /** Takes to heart what a reply says about where a name leads now. */
    void learn(KeyId name, KeyArn target) {
        if (KeyArn.parse(name.value()).isEmpty()
                && !targets.peek(name).map(target::equals).orElse(false)) {
            targets.put(name, target);
            descriptions.remove(name);
        }
    }

    KeyDescription describe(KeyId name) {
        return descriptions.get(name, this::askDescription);
    }

    private KeyDescription askDescription(KeyId name) {
        KeyMetadata key = metadata(name);
        KeyArn arn = arn(name, key);
        if (KeyArn.parse(name.value()).isEmpty()) {
            targets.put(name, arn);
        }
        return AwsDescriptions.of(arn, key, aliasesOf(arn, name));
    }

    private KeyMetadata metadata(KeyId name) {
        return metadata(name, name);
    }

    private KeyMetadata metadata(KeyId place, KeyId name) {
        KeyMetadata key = calls.call(
                        AwsOperation.DESCRIBE_KEY,
                        place,
                        client -> client.describeKey(
                                request -> request.keyId(name.value()).grantTokens(calls.grantTokens())))
                .keyMetadata();
        if (key == null) {
            throw calls.garbage(AwsOperation.DESCRIBE_KEY, name, "no description of a key");
        }
        return key;
    }

    private KeyArn arn(KeyId name, KeyMetadata key) {
        return calls.answeredKey(AwsOperation.DESCRIBE_KEY, name, key.arn());
    }

    /** An identity that may only use a key cannot list aliases; it knows the one that it uses. */
    private List<KeyId> aliasesOf(KeyArn key, KeyId askedBy) {
        try {
            return aliases(key.id(), key.toString()).stream()
                    .flatMap(alias -> name(alias).stream())
                    .toList();
        } catch (KeyAccessDeniedException e) {
            LOG.log(Level.DEBUG, "the aliases of a key are not known: {0}", e.getMessage());
            return askedBy.isAlias() ? List.of(KeyArn.withoutArn(askedBy)) : List.of();
        }
    }

    private List<AliasListEntry> aliases(@Nullable KeyId key, @Nullable String ofKey) {
        return calls.pages(
                AwsOperation.LIST_ALIASES,
                key,
                marker -> calls.call(
                        AwsOperation.LIST_ALIASES,
                        key,
                        client -> client.listAliases(
                                request -> request.keyId(ofKey).marker(marker))),
                page -> page.hasAliases() ? page.aliases() : null,
                page -> Boolean.TRUE.equals(page.truncated()) ? page.nextMarker() : null);
    }

    private static Optional<KeyId> name(AliasListEntry alias) {
        try {
            return Optional.ofNullable(alias.aliasName()).map(KeyId::of);
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // No alias of AWS KMS has such a name.
        }
    }

    /**
     * All keys, one request for each besides those for the lists. A key that this identity may not look at is left out: it
     * must not hide the others.
     */
    List<KeyDescription> list() {
        Map<String, List<KeyId>> aliases = new HashMap<>();
        Map<String, KeyArn> keys = new LinkedHashMap<>();
        for (AliasListEntry alias : aliases(null, null)) {
            String target = alias.targetKeyId();
            if (target != null) { // Reserved names of AWS services have none until the service has made its key.
                name(alias)
                        .ifPresent(name -> aliases.computeIfAbsent(target, key -> new ArrayList<>())
                                .add(name));
                targetArn(alias).ifPresent(arn -> keys.put(target, arn));
            }
        }
        for (KeyListEntry key : listedKeys()) {
            KeyArn.parse(key.keyArn()).ifPresent(arn -> keys.put(arn.key(), arn));
        }
        List<KeyDescription> all = new ArrayList<>();
        int hidden = 0;
        for (KeyArn arn : keys.values()) {
            try {
                all.add(AwsDescriptions.of(arn, metadata(arn.id()), aliases.getOrDefault(arn.key(), List.of())));
            } catch (KeyAccessDeniedException | KeyNotFoundException e) {
                hidden++;
                LOG.log(Level.DEBUG, "a key is left out of the list: {0}", e.getMessage());
            }
        }
        if (hidden > 0) {
            LOG.log(Level.WARNING, "{0} of {1} keys are left out of the list: not visible to us", hidden, keys.size());
        }
        all.sort(Comparator.comparing(KeyDescription::created)
                .thenComparing(key -> key.id().value()));
        return all;
    }

    /** An identity that may only list aliases sees the keys that they point to. */
    private List<KeyListEntry> listedKeys() {
        try {
            return calls.pages(
                    AwsOperation.LIST_KEYS,
                    null,
                    marker -> calls.call(
                            AwsOperation.LIST_KEYS, null, client -> client.listKeys(request -> request.marker(marker))),
                    page -> page.hasKeys() ? page.keys() : null,
                    page -> Boolean.TRUE.equals(page.truncated()) ? page.nextMarker() : null);
        } catch (KeyAccessDeniedException e) {
            LOG.log(Level.DEBUG, "only keys with an alias are listed: {0}", e.getMessage());
            return List.of();
        }
    }

    /** An alias is in the same Region and account as its key. */
    private static Optional<KeyArn> targetArn(AliasListEntry alias) {
        String arn = alias.aliasArn();
        int resource = arn == null ? -1 : arn.indexOf(":" + KeyId.ALIAS_PREFIX);
        return resource < 0
                ? Optional.empty()
                : KeyArn.parse(arn.substring(0, resource) + ":key/" + alias.targetKeyId());
    }
}
