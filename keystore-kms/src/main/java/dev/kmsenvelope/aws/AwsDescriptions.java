package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDescription.KeyVersion;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.kms.model.KeyMetadata;

/** Translates what AWS KMS tells about a key. What this version does not know becomes {@code OTHER}, never a failure. */
final class AwsDescriptions {

    private static final Map<String, KeySpec> SPECS = byName(KeySpec.values());
    private static final Map<String, KeyUsage> USAGES = byName(KeyUsage.values());

    private AwsDescriptions() {}

    private static <E extends Enum<E>> Map<String, E> byName(E[] values) {
        return Stream.of(values).collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity()));
    }

    /**
     * Describes a key. Which version of it encrypts now is told by its key material id; when that was made is not told, so
     * the version bears the date of the key.
     */
    static KeyDescription of(KeyArn arn, KeyMetadata key, List<KeyId> aliases) {
        Instant created = key.creationDate() == null ? Instant.EPOCH : key.creationDate();
        return new KeyDescription(
                arn.id(),
                aliases.stream().sorted(Comparator.comparing(KeyId::value)).toList(),
                known(SPECS, key.keySpecAsString(), KeySpec.OTHER),
                known(USAGES, key.keyUsageAsString(), KeyUsage.OTHER),
                state(key.keyStateAsString()),
                created,
                key.currentKeyMaterialId() == null
                        ? List.of()
                        : List.of(new KeyVersion(key.currentKeyMaterialId(), created, -1)),
                key.deletionDate());
    }

    private static <E> E known(Map<String, E> names, @Nullable String name, E other) {
        return name == null ? other : names.getOrDefault(name, other);
    }

    /** A key whose material is missing, out of reach, or not there yet cannot be used, as a disabled one. */
    private static KeyState state(@Nullable String state) {
        return switch (state == null ? "" : state) {
            case "Enabled", "Updating" -> KeyState.ENABLED;
            case "PendingDeletion", "PendingReplicaDeletion" -> KeyState.PENDING_DELETION;
            default -> KeyState.DISABLED;
        };
    }
}
