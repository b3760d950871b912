package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonObject;
import dev.kmsenvelope.testing.kms.KeyMaterial.Cause;
import dev.kmsenvelope.testing.kms.KeyMaterial.Version;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Rotating keys, by age and on demand. */
final class RotationCommands {

    private static final int MIN_DAYS = 90;
    private static final int MAX_DAYS = 2560;
    private static final int DEFAULT_DAYS = 365;
    private static final int[] LIMITS = {100, 1000};

    private final ServerState state;

    RotationCommands(ServerState state) {
        this.state = state;
    }

    Map<String, Function<Call, JsonObject>> all() {
        return Map.of(
                "EnableKeyRotation", this::enable,
                "DisableKeyRotation", this::disable,
                "GetKeyRotationStatus", this::status,
                "ListKeyRotations", this::list,
                "RotateKeyOnDemand", this::rotate);
    }

    /** Which of the service's IncludeKeyMaterial. */
    private enum Include {
        ALL_KEY_MATERIAL,
        ROTATIONS_ONLY
    }

    private ServerKey key(Call call) {
        ServerKey key = state.authorized(call, "KeyId", call.operation(), false);
        if (!key.material.isSymmetricEncryption()) {
            throw KmsError.unsupported(
                    key.arn() + " key spec is " + key.material.spec + " which is not valid for " + call.operation());
        }
        return key;
    }

    /** The key, if it can be rotated now. */
    private ServerKey rotatable(Call call) {
        ServerKey key = key(call);
        key.requireEnabled();
        if (key.isReplica() || key.manager.equals("AWS")) {
            throw KmsError.unsupported(key.arn() + " cannot be rotated by itself.");
        }
        return key;
    }

    private JsonObject enable(Call call) {
        int days = call.integer("RotationPeriodInDays", MIN_DAYS, MAX_DAYS).orElse(DEFAULT_DAYS);
        KeyMaterial material = rotatable(call).material;
        material.periodDays = days;
        material.nextRotation = call.now().plus(Duration.ofDays(days));
        return new JsonObject();
    }

    private JsonObject disable(Call call) {
        rotatable(call).material.nextRotation = null;
        return new JsonObject();
    }

    private JsonObject status(Call call) {
        ServerKey key = key(call);
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.arn());
        boolean enabled = key.material.nextRotation != null && key.deletion == null;
        answer.addProperty("KeyRotationEnabled", enabled);
        if (enabled) {
            answer.addProperty("RotationPeriodInDays", key.material.periodDays);
            answer.addProperty("NextRotationDate", ServerKey.seconds(key.material.nextRotation));
        }
        return answer;
    }

    private JsonObject rotate(Call call) {
        ServerKey key = rotatable(call);
        if (key.material.rotationsOnDemand() >= KeyMaterial.MAX_ON_DEMAND) {
            throw KmsError.of(
                    "LimitExceededException",
                    key.arn() + " was rotated on demand " + KeyMaterial.MAX_ON_DEMAND + " times already.");
        }
        key.material.rotate(call.now(), Cause.ON_DEMAND);
        JsonObject answer = new JsonObject();
        answer.addProperty("KeyId", key.id());
        return answer;
    }

    private JsonObject list(Call call) {
        ServerKey key = key(call);
        boolean all = call.optionalChoice("IncludeKeyMaterial", Include.class)
                .filter(Include.ALL_KEY_MATERIAL::equals)
                .isPresent();
        List<Version> versions = key.material.versions.stream()
                .filter(version -> all || version.cause() != Cause.CREATION)
                .toList();
        return Pages.page(
                call,
                "Rotations",
                versions,
                version -> String.format("%06d", key.material.versions.indexOf(version)),
                version -> entry(key, version),
                LIMITS);
    }

    private static JsonObject entry(ServerKey key, Version version) {
        JsonObject entry = new JsonObject();
        entry.addProperty("KeyId", key.id());
        entry.addProperty("KeyMaterialId", version.id());
        entry.addProperty(
                "KeyMaterialState", version.id().equals(key.material.current().id()) ? "CURRENT" : "NON_CURRENT");
        if (version.cause() != Cause.CREATION) {
            entry.addProperty("RotationDate", ServerKey.seconds(version.created()));
            entry.addProperty("RotationType", version.cause().name());
        }
        return entry;
    }
}
