package dev.kmsenvelope.testing.kms;

import dev.kmsenvelope.testing.kms.ServerKey.Grant;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The keys and aliases of one account, by Region. Not thread-safe: the server does one command at a time. */
final class ServerState {

    private static final Pattern ARN = Pattern.compile("arn:aws:kms:([a-z0-9-]+):([0-9]{12}):(?:key/(.+)|(alias/.+))");
    private static final Pattern KEY_ID =
            Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32}");
    /** How long a grant may take until it works without its token. */
    private static final Duration EVENTUALLY = Duration.ofMinutes(5);
    /** The operations that have an error of their own for what is no ARN; to the others it is not found. */
    private static final Set<String> KNOW_ARNS = Set.of(
            "DescribeKey",
            "ListAliases",
            "GetPublicKey",
            "EnableKey",
            "DisableKey",
            "ScheduleKeyDeletion",
            "CancelKeyDeletion",
            "EnableKeyRotation",
            "DisableKeyRotation",
            "GetKeyRotationStatus",
            "ListKeyRotations",
            "RotateKeyOnDemand",
            "CreateGrant",
            "RevokeGrant",
            "ListGrants",
            "ReplicateKey");

    private final Map<String, Map<String, ServerKey>> keys = new HashMap<>();
    private final Map<String, Map<String, Alias>> aliases = new HashMap<>();
    private final AccessRules access;

    /** An alias; without a target it waits for the service to make the key. */
    record Alias(String name, String target, Instant created, Instant updated) {}

    ServerState(AccessRules access) {
        this.access = access;
    }

    /** The keys of a Region by id: in no order that anybody could rely on. */
    Map<String, ServerKey> keys(String region) {
        return keys.computeIfAbsent(region, name -> new TreeMap<>());
    }

    /** The aliases of a Region by name. The service has some of its own in each, without a key at first. */
    Map<String, Alias> aliases(String region) {
        return aliases.computeIfAbsent(region, name -> {
            Map<String, Alias> own = new TreeMap<>();
            for (String alias : List.of("alias/aws/ebs", "alias/aws/s3", "alias/aws/secretsmanager")) {
                own.put(alias, new Alias(alias, null, null, null));
            }
            return own;
        });
    }

    /** Does what time brings: rotations by age, and deletions. */
    void advance(Instant now) {
        keys.forEach((region, inRegion) -> {
            inRegion.values().removeIf(key -> {
                boolean gone = key.deletion != null && !key.deletion.isAfter(now);
                if (gone) {
                    aliases(region).values().removeIf(alias -> key.id().equals(alias.target()));
                } else if (key.enabled && key.deletion == null) {
                    key.material.rotateByAge(now);
                }
                return gone;
            });
        });
    }

    /** The key that a member names, by id or ARN and, where the operation takes that, by alias. */
    ServerKey find(Call call, String name, boolean byAlias) {
        String region = call.caller().region();
        String local = name;
        if (name.startsWith("arn:")) {
            Matcher arn = ARN.matcher(name);
            if (!arn.matches() || (arn.group(4) != null && !byAlias)) {
                throw KNOW_ARNS.contains(call.operation())
                        ? KmsError.of("InvalidArnException", "Invalid ARN " + name)
                        : KmsError.notFound("Invalid arn " + name);
            }
            if (!arn.group(1).equals(region)) {
                throw KmsError.notFound("Invalid arn " + arn.group(1));
            }
            if (!arn.group(2).equals(Caller.ACCOUNT)) {
                throw denied(call, call.operation(), name);
            }
            local = arn.group(3) != null ? arn.group(3) : arn.group(4);
        }
        if (local.startsWith("alias/") && byAlias) {
            return findByAlias(region, local);
        }
        if (!KEY_ID.matcher(local).matches()) {
            throw KmsError.notFound("Invalid keyId '" + local + "'");
        }
        ServerKey key = keys(region).get(local);
        if (key == null) {
            throw KmsError.notFound(
                    "Key 'arn:aws:kms:" + region + ":" + Caller.ACCOUNT + ":key/" + local + "' does not exist");
        }
        return key;
    }

    private ServerKey findByAlias(String region, String name) {
        Alias alias = aliases(region).get(name);
        if (alias == null || alias.target() == null) {
            throw KmsError.notFound("Alias " + aliasArn(region, name) + " is not found.");
        }
        return keys(region).get(alias.target());
    }

    /** The key of a Region that made a ciphertext. */
    Optional<ServerKey> findByTag(String region, byte[] tag) {
        Collection<ServerKey> candidates = keys(region).values();
        return candidates.stream()
                .filter(key -> java.util.Arrays.equals(key.material.tag, tag))
                .findFirst();
    }

    static String aliasArn(String region, String name) {
        return "arn:aws:kms:" + region + ":" + Caller.ACCOUNT + ":" + name;
    }

    /** Finds a key by a member of the request, and refuses callers who may not do the action with it. */
    ServerKey authorized(Call call, String member, String action, boolean byAlias) {
        ServerKey key = find(call, call.keyId(member), byAlias);
        authorize(call, action, key);
        return key;
    }

    /** The enabled key that a cryptographic operation is done with, named by the member KeyId. */
    ServerKey usable(Call call) {
        ServerKey key = authorized(call, "KeyId", call.operation(), true);
        key.requireEnabled();
        return key;
    }

    void authorize(Call call, String action, ServerKey key) {
        checkGrantTokens(call);
        if (!access.allows(call.caller(), action)
                && key.grants.stream().noneMatch(grant -> gives(grant, call, action))) {
            throw denied(call, action, key.arn());
        }
    }

    /** For operations without a key. */
    void authorize(Call call) {
        if (!access.allows(call.caller(), call.operation())) {
            throw denied(call, call.operation(), "*");
        }
    }

    private static boolean gives(Grant grant, Call call, String action) {
        boolean effective = call.grantTokens().contains(grant.token())
                || !grant.created().plus(EVENTUALLY).isAfter(call.now());
        return effective
                && grant.grantee().equals(call.caller().principal())
                && grant.operations().contains(action);
    }

    private void checkGrantTokens(Call call) {
        for (String token : call.grantTokens()) {
            boolean known = keys.values().stream()
                    .flatMap(inRegion -> inRegion.values().stream())
                    .flatMap(key -> key.grants.stream())
                    .anyMatch(grant -> grant.token().equals(token));
            if (!known) {
                throw KmsError.of("InvalidGrantTokenException", "Invalid grant token.");
            }
        }
    }

    static KmsError denied(Call call, String action, String resource) {
        return KmsError.of(
                "AccessDeniedException",
                "User: " + call.caller().principal() + " is not authorized to perform: kms:" + action
                        + " on resource: " + resource + " because no identity-based policy allows the kms:" + action
                        + " action");
    }
}
