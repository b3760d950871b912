package dev.kmsenvelope.testing.kms;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A key in one Region. */
final class ServerKey {

    final String region;
    final KeyMaterial material;
    final Instant created;
    final String description;
    /** AWS or CUSTOMER. */
    final String manager;
    /** The Regions that the key is in, the primary one first and shared by all of them; empty if it is of one Region. */
    final List<String> regions;

    final List<Grant> grants = new ArrayList<>();
    boolean enabled = true;
    /** When it will be deleted, or null. */
    Instant deletion;

    int deletionDays;

    ServerKey(
            String region,
            KeyMaterial material,
            Instant created,
            String description,
            String manager,
            List<String> regions) {
        this.region = region;
        this.material = material;
        this.created = created;
        this.description = description;
        this.manager = manager;
        this.regions = regions;
    }

    String id() {
        return material.keyId;
    }

    String arn() {
        return arn(region);
    }

    private String arn(String inRegion) {
        return "arn:aws:kms:" + inRegion + ":" + Caller.ACCOUNT + ":key/" + id();
    }

    boolean isReplica() {
        return !regions.isEmpty() && !regions.get(0).equals(region);
    }

    String state() {
        return deletion != null ? "PendingDeletion" : enabled ? "Enabled" : "Disabled";
    }

    /** Refuses what no key can do that is disabled or will be deleted. */
    void requireEnabled() {
        requireNotPending();
        if (!enabled) {
            throw KmsError.of("DisabledException", arn() + " is disabled.");
        }
    }

    void requireNotPending() {
        if (deletion != null) {
            throw KmsError.of("KMSInvalidStateException", arn() + " is pending deletion.");
        }
    }

    JsonObject metadata() {
        JsonObject json = new JsonObject();
        json.addProperty("AWSAccountId", Caller.ACCOUNT);
        json.addProperty("KeyId", id());
        json.addProperty("Arn", arn());
        json.addProperty("CreationDate", seconds(created));
        json.addProperty("Enabled", enabled && deletion == null);
        json.addProperty("Description", description);
        json.addProperty("KeyUsage", material.usage.name());
        json.addProperty("KeyState", state());
        if (deletion != null) {
            json.addProperty("DeletionDate", seconds(deletion));
        }
        json.addProperty("Origin", "AWS_KMS");
        json.addProperty("KeyManager", manager);
        json.addProperty("CustomerMasterKeySpec", material.spec.name());
        json.addProperty("KeySpec", material.spec.name());
        Algorithms.addTo(json, material);
        json.addProperty("MultiRegion", !regions.isEmpty());
        if (!regions.isEmpty()) {
            json.add("MultiRegionConfiguration", multiRegion());
        }
        if (material.isSymmetricEncryption()) {
            json.addProperty("CurrentKeyMaterialId", material.current().id());
        }
        return json;
    }

    private JsonObject multiRegion() {
        JsonObject json = new JsonObject();
        json.addProperty("MultiRegionKeyType", isReplica() ? "REPLICA" : "PRIMARY");
        json.add("PrimaryKey", inRegion(regions.get(0)));
        JsonArray replicas = new JsonArray();
        regions.stream().skip(1).map(this::inRegion).forEach(replicas::add);
        json.add("ReplicaKeys", replicas);
        return json;
    }

    private JsonObject inRegion(String name) {
        JsonObject json = new JsonObject();
        json.addProperty("Arn", arn(name));
        json.addProperty("Region", name);
        return json;
    }

    /** A timestamp of the protocol: seconds since 1970 with three decimals. */
    static Number seconds(Instant instant) {
        return instant.toEpochMilli() / 1000.0;
    }

    /** A permission that somebody has for this key. */
    record Grant(String id, String token, String name, Instant created, String grantee, List<String> operations) {}
}
