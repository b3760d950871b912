package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.kmsenvelope.testing.kms.ServerKey.Grant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/** Grants, as far as grant tokens need them: without constraints and retirement. */
final class GrantCommands {

    private static final Pattern PRINCIPAL = Pattern.compile("[\\w+=,.@:/-]+");
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9:/_-]+");
    private static final int MAX_NAME = 256;
    private static final int MAX_ID = 128;
    private static final int[] LIMITS = {50, 100};
    private static final Set<String> OPERATIONS = Set.of(
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
            "Sign",
            "Verify",
            "GetPublicKey",
            "CreateGrant",
            "RetireGrant",
            "DescribeKey",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "GenerateMac",
            "VerifyMac",
            "DeriveSharedSecret");

    private final ServerState state;

    GrantCommands(ServerState state) {
        this.state = state;
    }

    Map<String, Function<Call, JsonObject>> all() {
        return Map.of("CreateGrant", this::create, "RevokeGrant", this::revoke, "ListGrants", this::list);
    }

    private JsonObject create(Call call) {
        ServerKey key = state.authorized(call, "KeyId", "CreateGrant", false);
        String grantee = call.text("GranteePrincipal", MAX_NAME, PRINCIPAL);
        List<String> operations = call.texts("Operations");
        if (operations.isEmpty() || !OPERATIONS.containsAll(operations)) {
            throw KmsError.validation("Operations must be some of " + OPERATIONS);
        }
        String name = call.has("Name") ? call.text("Name", MAX_NAME, NAME) : "";
        key.requireEnabled();
        call.endDryRun();
        Grant grant = new Grant(
                Crypto.hex(Crypto.random(32)),
                Crypto.hex(Crypto.random(64)),
                name,
                call.now(),
                grantee,
                List.copyOf(operations));
        key.grants.add(grant);
        JsonObject answer = new JsonObject();
        answer.addProperty("GrantId", grant.id());
        answer.addProperty("GrantToken", grant.token());
        return answer;
    }

    private JsonObject revoke(Call call) {
        ServerKey key = state.authorized(call, "KeyId", "RevokeGrant", false);
        String id = call.text("GrantId", 1, MAX_ID);
        if (!key.grants.removeIf(grant -> grant.id().equals(id))) {
            throw KmsError.notFound("Grant " + id + " does not exist.");
        }
        return new JsonObject();
    }

    private JsonObject list(Call call) {
        ServerKey key = state.authorized(call, "KeyId", "ListGrants", false);
        List<Grant> grants = key.grants.stream()
                .filter(grant ->
                        !call.has("GrantId") || call.text("GrantId", 1, MAX_ID).equals(grant.id()))
                .sorted(Comparator.comparing(Grant::id))
                .toList();
        return Pages.page(call, "Grants", grants, Grant::id, grant -> entry(key, grant), LIMITS);
    }

    private static JsonObject entry(ServerKey key, Grant grant) {
        JsonObject entry = new JsonObject();
        entry.addProperty("KeyId", key.arn());
        entry.addProperty("GrantId", grant.id());
        entry.addProperty("Name", grant.name());
        entry.addProperty("CreationDate", ServerKey.seconds(grant.created()));
        entry.addProperty("GranteePrincipal", grant.grantee());
        JsonArray operations = new JsonArray();
        grant.operations().forEach(operations::add);
        entry.add("Operations", operations);
        return entry;
    }
}
