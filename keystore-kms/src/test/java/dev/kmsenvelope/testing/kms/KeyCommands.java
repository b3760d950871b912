package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonObject;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Creating, describing, listing, switching, replicating and deleting keys. */
final class KeyCommands {

    private static final Pattern REGION = Pattern.compile("([a-z]+-){2,3}\\d+");
    private static final int[] LIMITS = {100, 1000};
    private static final int MIN_DELETION_DAYS = 7;
    private static final int MAX_DELETION_DAYS = 30;

    private final ServerState state;

    KeyCommands(ServerState state) {
        this.state = state;
    }

    Map<String, Function<Call, JsonObject>> all() {
        return Map.of(
                "CreateKey", this::create,
                "ReplicateKey", this::replicate,
                "DescribeKey", this::describe,
                "ListKeys", this::list,
                "EnableKey", call -> enable(call, true),
                "DisableKey", call -> enable(call, false),
                "ScheduleKeyDeletion", this::scheduleDeletion,
                "CancelKeyDeletion", this::cancelDeletion);
    }

    private JsonObject create(Call call) {
        state.authorize(call);
        KeySpec spec = call.optionalChoice("KeySpec", KeySpec.class)
                .or(() -> call.optionalChoice("CustomerMasterKeySpec", KeySpec.class))
                .orElse(KeySpec.SYMMETRIC_DEFAULT);
        KeyUsage usage = call.optionalChoice("KeyUsage", KeyUsage.class).orElse(KeyUsage.ENCRYPT_DECRYPT);
        if (!call.has("KeyUsage") && spec != KeySpec.SYMMETRIC_DEFAULT) {
            throw KmsError.validation(
                    "You must specify a KeyUsage value for all KMS keys except for symmetric encryption" + " keys.");
        }
        if (!spec.usages().contains(usage)) {
            throw KmsError.validation("KeyUsage " + usage + " is not compatible with KeySpec " + spec);
        }
        if (!call.optionalText("Origin", 1, 100).orElse("AWS_KMS").equals("AWS_KMS")) {
            throw KmsError.unsupported("This server makes the material of its keys itself.");
        }
        boolean multiRegion = call.flag("MultiRegion");
        String uuid = UUID.randomUUID().toString();
        String id = multiRegion ? "mrk-" + uuid.replace("-", "") : uuid;
        List<String> regions =
                multiRegion ? new ArrayList<>(List.of(call.caller().region())) : List.of();
        return add(call, call.caller().region(), new KeyMaterial(id, spec, usage, call.now()), "CUSTOMER", regions);
    }

    private JsonObject add(Call call, String region, KeyMaterial material, String manager, List<String> regions) {
        String description = call.optionalText("Description", 0, 8192).orElse("");
        ServerKey key = new ServerKey(region, material, call.now(), description, manager, regions);
        state.keys(region).put(key.id(), key);
        return metadata("KeyMetadata", key);
    }

    private JsonObject replicate(Call call) {
        ServerKey key = state.authorized(call, "KeyId", "ReplicateKey", false);
        String region = call.text("ReplicaRegion", 32, REGION);
        key.requireEnabled();
        if (key.regions.isEmpty() || key.isReplica()) {
            throw KmsError.unsupported(key.arn() + " is not a multi-Region primary key.");
        }
        if (key.regions.contains(region)) {
            throw KmsError.of("AlreadyExistsException", key.arn() + " is in " + region + " already.");
        }
        key.regions.add(region);
        add(call, region, key.material, "CUSTOMER", key.regions);
        return metadata("ReplicaKeyMetadata", state.keys(region).get(key.id()));
    }

    private static JsonObject metadata(String member, ServerKey key) {
        JsonObject answer = new JsonObject();
        answer.add(member, key.metadata());
        return answer;
    }

    private JsonObject describe(Call call) {
        makeOwnKey(call);
        return metadata("KeyMetadata", state.authorized(call, "KeyId", "DescribeKey", true));
    }

    /** Describing one of the service's own aliases makes its key. */
    private void makeOwnKey(Call call) {
        String region = call.caller().region();
        ServerState.Alias alias = state.aliases(region).get(call.keyId("KeyId"));
        if (alias != null && alias.target() == null) {
            String id = UUID.randomUUID().toString();
            KeyMaterial material = new KeyMaterial(id, KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT, call.now());
            add(call, region, material, "AWS", List.of());
            state.aliases(region).put(alias.name(), new ServerState.Alias(alias.name(), id, call.now(), call.now()));
        }
    }

    private JsonObject list(Call call) {
        state.authorize(call);
        List<ServerKey> keys = List.copyOf(state.keys(call.caller().region()).values());
        return Pages.page(
                call,
                "Keys",
                keys,
                ServerKey::id,
                key -> {
                    JsonObject entry = new JsonObject();
                    entry.addProperty("KeyId", key.id());
                    entry.addProperty("KeyArn", key.arn());
                    return entry;
                },
                LIMITS);
    }

    private JsonObject enable(Call call, boolean enabled) {
        ServerKey key = state.authorized(call, "KeyId", call.operation(), false);
        key.requireNotPending();
        key.enabled = enabled;
        return new JsonObject();
    }

    private JsonObject scheduleDeletion(Call call) {
        ServerKey key = state.authorized(call, "KeyId", "ScheduleKeyDeletion", false);
        int days = call.integer("PendingWindowInDays", MIN_DELETION_DAYS, MAX_DELETION_DAYS)
                .orElse(MAX_DELETION_DAYS);
        key.requireNotPending();
        key.deletionDays = days;
        key.deletion = call.now().plus(Duration.ofDays(days));
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        answer.addProperty("DeletionDate", ServerKey.seconds(key.deletion));
        answer.addProperty("KeyState", key.state());
        answer.addProperty("PendingWindowInDays", days);
        return answer;
    }

    private JsonObject cancelDeletion(Call call) {
        ServerKey key = state.authorized(call, "KeyId", "CancelKeyDeletion", false);
        if (key.deletion == null) {
            throw KmsError.of("KMSInvalidStateException", key.arn() + " is not pending deletion.");
        }
        key.deletion = null;
        key.enabled = false;
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        return answer;
    }
}
