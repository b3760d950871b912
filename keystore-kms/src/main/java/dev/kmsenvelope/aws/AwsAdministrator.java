package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.RotationStatus;
import dev.kmsenvelope.kms.RotationStatus.Cause;
import dev.kmsenvelope.kms.RotationStatus.Rotation;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kms.model.CreateKeyResponse;
import software.amazon.awssdk.services.kms.model.GetKeyRotationStatusResponse;
import software.amazon.awssdk.services.kms.model.RotationType;
import software.amazon.awssdk.services.kms.model.RotationsListEntry;
import software.amazon.awssdk.services.kms.model.ScheduleKeyDeletionResponse;

/**
 * The requests of {@link AwsKeyAdministration}. Most take no alias, so that is resolved first; they go to the Region of the
 * key, with its bare id, because keys of other accounts are not administered.
 */
final class AwsAdministrator implements AutoCloseable {

    private final AwsCalls calls;
    private final AwsKeys keys;

    AwsAdministrator(AwsCalls calls, AwsKeys keys) {
        this.calls = calls;
        this.keys = keys;
    }

    KeyDescription describe(KeyId key) {
        return keys.describe(key);
    }

    List<KeyDescription> list() {
        return keys.list();
    }

    KeyDescription createKey(KeySpec spec, KeyUsage usage) {
        CreateKeyResponse reply = calls.callOnce(
                AwsOperation.CREATE_KEY,
                null,
                client ->
                        client.createKey(request -> request.keySpec(spec.name()).keyUsage(usage.name())));
        if (reply.keyMetadata() == null) {
            throw calls.garbage(AwsOperation.CREATE_KEY, null, "no description of a key");
        }
        KeyArn arn = KeyArn.parse(reply.keyMetadata().arn())
                .orElseThrow(() -> calls.garbage(AwsOperation.CREATE_KEY, null, "no key ARN where there must be one"));
        return AwsDescriptions.of(arn, reply.keyMetadata(), List.of());
    }

    /** There is no request for both, so a key that got no alias is given up again. */
    KeyDescription createKey(KeySpec spec, KeyUsage usage, KeyId alias) {
        if (target(alias).isPresent()) {
            throw new AliasExistsException("the alias " + alias + " exists already; update it to point it elsewhere");
        }
        KeyDescription key = createKey(spec, usage);
        try {
            createAlias(alias, key.id());
        } catch (KmsException e) {
            // A reply that was lost does not undo what was done.
            if (!target(alias).map(KeyArn::id).equals(Optional.of(key.id()))) {
                throw giveUp(key.id(), e);
            }
        }
        return new KeyDescription(
                key.id(),
                List.of(KeyArn.withoutArn(alias)),
                key.spec(),
                key.usage(),
                key.state(),
                key.created(),
                key.versions(),
                key.deletion());
    }

    /** Where an alias leads, if that can be told. */
    private Optional<KeyArn> target(KeyId alias) {
        try {
            return Optional.of(keys.resolve(alias));
        } catch (KmsException e) {
            return Optional.empty(); // If the service is in trouble, the request that matters tells it.
        }
    }

    private KmsException giveUp(KeyId key, KmsException reason) {
        try {
            Instant deletion = scheduleDeletion(key, KeyAdministration.MIN_DELETION_DAYS);
            return AwsErrors.noted(reason, "the new key " + key + " got no alias and will be deleted at " + deletion);
        } catch (KmsException e) {
            KmsException noted = AwsErrors.noted(
                    reason, "the new key " + key + " has no alias and could not be deleted: delete it, or give it one");
            noted.addSuppressed(e);
            return noted;
        }
    }

    void createAlias(KeyId alias, KeyId target) {
        KeyArn key = keys.resolve(target);
        String name = KeyArn.withoutArn(alias).value();
        requireAccount(alias, key);
        calls.callOnce(
                AwsOperation.CREATE_ALIAS,
                alias,
                client -> client.createAlias(request -> request.aliasName(name).targetKeyId(key.toString())));
    }

    void updateAlias(KeyId alias, KeyId target) {
        KeyArn key = keys.resolve(target);
        String name = ownAlias(alias);
        calls.call(
                AwsOperation.UPDATE_ALIAS,
                alias,
                client -> client.updateAlias(request -> request.aliasName(name).targetKeyId(key.toString())));
    }

    void deleteAlias(KeyId alias) {
        if (!alias.isAlias()) {
            throw new KeyNotFoundException("there is no alias " + alias + ": that names a key");
        }
        String name = ownAlias(alias);
        calls.callOnce(
                AwsOperation.DELETE_ALIAS, alias, client -> client.deleteAlias(request -> request.aliasName(name)));
    }

    /**
     * An existing alias as the requests name it, without its ARN. That means the one in this identity's account, which is
     * not to be touched when the ARN is of the alias of that name in another account.
     */
    private String ownAlias(KeyId alias) {
        KeyId name = KeyArn.withoutArn(alias);
        if (!name.equals(alias)) {
            requireAccount(alias, keys.resolveIn(alias, name));
        }
        return name.value();
    }

    private static void requireAccount(KeyId alias, KeyArn own) {
        KeyArn.accountOfAlias(alias)
                .filter(account -> !account.equals(own.account()))
                .ifPresent(account -> {
                    throw new KmsConfigurationException("the alias " + alias + " is not in the account " + own.account()
                            + ", whose keys are administered here");
                });
    }

    KeyDescription rotate(KeyId key) {
        KeyArn arn = rotatable(key);
        calls.callOnce(
                AwsOperation.ROTATE_KEY_ON_DEMAND,
                arn.id(),
                client -> client.rotateKeyOnDemand(request -> request.keyId(arn.key())));
        return describe(arn.id());
    }

    void enableRotation(KeyId key, int periodDays) {
        KeyArn arn = rotatable(key);
        calls.call(
                AwsOperation.ENABLE_KEY_ROTATION,
                arn.id(),
                client -> client.enableKeyRotation(
                        request -> request.keyId(arn.key()).rotationPeriodInDays(periodDays)));
    }

    void disableRotation(KeyId key) {
        KeyArn arn = rotatable(key);
        calls.call(
                AwsOperation.DISABLE_KEY_ROTATION,
                arn.id(),
                client -> client.disableKeyRotation(request -> request.keyId(arn.key())));
    }

    /** Said here, because services differ in how they refuse it. */
    private KeyArn rotatable(KeyId name) {
        KeyDescription key = describe(name);
        if (key.spec() != KeySpec.SYMMETRIC_DEFAULT) {
            throw new InvalidKeyUsageException("the key " + name + " is of kind " + key.spec() + "; only keys of kind "
                    + KeySpec.SYMMETRIC_DEFAULT + " are rotated");
        }
        if (key.state() != KeyState.ENABLED) {
            throw new KeyDisabledException(
                    "the key " + name + " is " + key.state() + "; it must be enabled to be rotated");
        }
        return KeyArn.parse(key.id().value()).orElseThrow();
    }

    RotationStatus rotationStatus(KeyId key) {
        KeyArn arn = keys.resolve(key);
        try {
            return rotationStatus(arn);
        } catch (InvalidKeyUsageException e) {
            return new RotationStatus(0, null, List.of()); // Keys of its kind are not rotated.
        }
    }

    private RotationStatus rotationStatus(KeyArn arn) {
        GetKeyRotationStatusResponse status = calls.call(
                AwsOperation.GET_KEY_ROTATION_STATUS,
                arn.id(),
                client -> client.getKeyRotationStatus(request -> request.keyId(arn.key())));
        List<Rotation> history = calls
                .pages(
                        AwsOperation.LIST_KEY_ROTATIONS,
                        arn.id(),
                        marker -> calls.call(
                                AwsOperation.LIST_KEY_ROTATIONS,
                                arn.id(),
                                client -> client.listKeyRotations(
                                        request -> request.keyId(arn.key()).marker(marker))),
                        page -> page.hasRotations() ? page.rotations() : null,
                        page -> Boolean.TRUE.equals(page.truncated()) ? page.nextMarker() : null)
                .stream()
                .filter(rotation -> rotation.rotationDate() != null)
                .map(AwsAdministrator::rotation)
                .sorted(Comparator.comparing(Rotation::date))
                .toList();
        if (status.keyRotationEnabled() == null) {
            throw calls.garbage(AwsOperation.GET_KEY_ROTATION_STATUS, arn.id(), "no status where there must be one");
        }
        boolean automatic = status.keyRotationEnabled();
        return new RotationStatus(
                automatic ? periodDays(status.rotationPeriodInDays()) : 0,
                automatic ? status.nextRotationDate() : null,
                history);
    }

    private static int periodDays(@Nullable Integer days) {
        return days == null ? KeyAdministration.DEFAULT_ROTATION_DAYS : days;
    }

    private static Rotation rotation(RotationsListEntry rotation) {
        return new Rotation(
                rotation.rotationDate(),
                rotation.rotationType() == RotationType.AUTOMATIC ? Cause.AGE : Cause.ON_DEMAND);
    }

    void enable(KeyId key) {
        KeyArn arn = keys.resolve(key);
        calls.call(AwsOperation.ENABLE_KEY, arn.id(), client -> client.enableKey(request -> request.keyId(arn.key())));
    }

    void disable(KeyId key) {
        KeyArn arn = keys.resolve(key);
        calls.call(
                AwsOperation.DISABLE_KEY, arn.id(), client -> client.disableKey(request -> request.keyId(arn.key())));
    }

    /** AWS KMS names no date for a multi-Region key that waits for its replicas: the earliest one is given then. */
    Instant scheduleDeletion(KeyId key, int days) {
        KeyArn arn = keys.resolve(key);
        ScheduleKeyDeletionResponse reply = calls.callOnce(
                AwsOperation.SCHEDULE_KEY_DELETION,
                arn.id(),
                client -> client.scheduleKeyDeletion(
                        request -> request.keyId(arn.key()).pendingWindowInDays(days)));
        if (reply.keyId() == null) {
            throw calls.garbage(AwsOperation.SCHEDULE_KEY_DELETION, arn.id(), "no key where there must be one");
        }
        return reply.deletionDate() == null ? Instant.now().plus(Duration.ofDays(days)) : reply.deletionDate();
    }

    /** Does nothing to a key whose deletion is not scheduled. */
    void cancelDeletion(KeyId key) {
        KeyDescription description = describe(key);
        if (description.state() == KeyState.PENDING_DELETION) {
            KeyArn arn = keys.resolve(description.id());
            calls.callOnce(
                    AwsOperation.CANCEL_KEY_DELETION,
                    arn.id(),
                    client -> client.cancelKeyDeletion(request -> request.keyId(arn.key())));
        }
    }

    @Override
    public void close() {
        calls.close();
    }
}
