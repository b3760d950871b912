package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonObject;
import dev.kmsenvelope.testing.kms.ServerState.Alias;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Aliases. */
final class AliasCommands {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9:/_-]+");
    private static final int MAX_NAME = 256;
    private static final int MAX_PER_KEY = 50;
    private static final int[] LIMITS = {50, 100};

    private final ServerState state;

    AliasCommands(ServerState state) {
        this.state = state;
    }

    Map<String, Function<Call, JsonObject>> all() {
        return Map.of(
                "CreateAlias", this::create,
                "UpdateAlias", this::update,
                "DeleteAlias", this::delete,
                "ListAliases", this::list);
    }

    private Map<String, Alias> aliases(Call call) {
        return state.aliases(call.caller().region());
    }

    private static String name(Call call) {
        String name = call.text("AliasName", MAX_NAME, NAME);
        if (!name.startsWith("alias/") || name.length() == "alias/".length()) {
            throw KmsError.validation("Alias must start with the prefix \"alias/\" and have a name after it.");
        }
        return name;
    }

    private static void refuseReserved(String name) {
        if (name.startsWith("alias/aws/")) {
            throw KmsError.of("InvalidAliasNameException", "Names that start with alias/aws/ are reserved.");
        }
    }

    private ServerKey target(Call call) {
        if (call.keyId("TargetKeyId").startsWith("alias/")) {
            throw KmsError.validation("Aliases must refer to keys. Not aliases");
        }
        ServerKey key = state.authorized(call, "TargetKeyId", call.operation(), false);
        key.requireNotPending();
        long aliases = aliases(call).values().stream()
                .filter(alias -> key.id().equals(alias.target()))
                .count();
        if (aliases >= MAX_PER_KEY) {
            throw KmsError.of("LimitExceededException", key.arn() + " has " + MAX_PER_KEY + " aliases already.");
        }
        return key;
    }

    private JsonObject create(Call call) {
        String name = name(call);
        refuseReserved(name);
        ServerKey key = target(call);
        if (aliases(call).containsKey(name)) {
            throw KmsError.of(
                    "AlreadyExistsException",
                    "An alias with the name "
                            + ServerState.aliasArn(call.caller().region(), name) + " already exists");
        }
        aliases(call).put(name, new Alias(name, key.id(), call.now(), call.now()));
        return new JsonObject();
    }

    private Alias existing(Call call, String name) {
        Alias alias = aliases(call).get(name);
        if (alias == null || alias.target() == null) {
            throw KmsError.notFound(
                    "Alias " + ServerState.aliasArn(call.caller().region(), name) + " is not found.");
        }
        return alias;
    }

    private JsonObject update(Call call) {
        String name = name(call);
        refuseReserved(name);
        Alias alias = existing(call, name);
        ServerKey key = target(call);
        ServerKey before = state.keys(call.caller().region()).get(alias.target());
        if (key.material.usage != before.material.usage
                || key.material.spec.isAsymmetric() != before.material.spec.isAsymmetric()) {
            throw KmsError.validation("The current and the new key of an alias must be of the same type and usage.");
        }
        aliases(call).put(name, new Alias(name, key.id(), alias.created(), call.now()));
        return new JsonObject();
    }

    private JsonObject delete(Call call) {
        String name = name(call);
        refuseReserved(name);
        Alias alias = existing(call, name);
        state.authorize(call, "DeleteAlias", state.keys(call.caller().region()).get(alias.target()));
        aliases(call).remove(name);
        return new JsonObject();
    }

    private JsonObject list(Call call) {
        state.authorize(call);
        List<Alias> aliases = call.optionalKeyId("KeyId")
                .map(id -> state.find(call, id, false))
                .map(key -> aliases(call).values().stream()
                        .filter(alias -> key.id().equals(alias.target()))
                        .toList())
                .orElseGet(() -> List.copyOf(aliases(call).values()));
        return Pages.page(call, "Aliases", aliases, Alias::name, alias -> entry(call, alias), LIMITS);
    }

    private static JsonObject entry(Call call, Alias alias) {
        JsonObject entry = new JsonObject();
        entry.addProperty("AliasName", alias.name());
        entry.addProperty("AliasArn", ServerState.aliasArn(call.caller().region(), alias.name()));
        if (alias.target() != null) {
            entry.addProperty("TargetKeyId", alias.target());
            entry.addProperty("CreationDate", ServerKey.seconds(alias.created()));
            entry.addProperty("LastUpdatedDate", ServerKey.seconds(alias.updated()));
        }
        return entry;
    }
}
