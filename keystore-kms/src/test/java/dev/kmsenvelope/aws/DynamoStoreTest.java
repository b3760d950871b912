package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.hierarchy.BranchKey;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyConflictException;
import dev.kmsenvelope.hierarchy.BranchKeyDescription;
import dev.kmsenvelope.hierarchy.BranchKeyStore;
import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.hierarchy.BranchKeys;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.spi.Backends;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Branch keys in a table of a {@code moto_server}. */
@ExtendWith(TestCredentials.class)
class DynamoStoreTest {

    private static final String TABLE = "keys";
    private static final EncryptionContext BOUND = EncryptionContext.of(Map.of("department", "admin"));

    private static MotoServer moto;
    private static DynamoDbClient dynamo;
    private static String arn;
    private static String otherArn;
    private static BranchKeyAdministration administration;
    private static BranchKeyStore store;

    @BeforeAll
    static void start() throws Exception {
        moto = MotoServer.start();
        try (KeyAdministration keys = Backends.openAdministration(moto.settings())) {
            arn = keys.createKey(KeySpec.SYMMETRIC_DEFAULT).id().value();
            otherArn = keys.createKey(KeySpec.SYMMETRIC_DEFAULT).id().value();
        }
        dynamo = BranchKeyTables.dynamo(moto);
        BranchKeyTables.create(dynamo, TABLE);
        administration = BranchKeys.openAdministration(settings());
        store = BranchKeys.openStore(settings());
    }

    @AfterAll
    static void stop() {
        if (moto != null) {
            store.close();
            administration.close();
            dynamo.close();
            moto.close();
        }
    }

    private static Configuration settings() {
        return BranchKeyTables.settings(moto, TABLE, "logical", arn);
    }

    private static String create() {
        return administration.create("k-" + UUID.randomUUID(), BOUND).id();
    }

    private static byte[] bytes(BranchKey key) {
        try (key) {
            return key.key().copy();
        }
    }

    private static Map<String, AttributeValue> item(String id, String type) {
        return new HashMap<>(dynamo.getItem(request -> request.tableName(TABLE)
                        .key(Map.of("branch-key-id", AttributeValue.fromS(id), "type", AttributeValue.fromS(type))))
                .item());
    }

    private static void put(Map<String, AttributeValue> item) {
        dynamo.putItem(request -> request.tableName(TABLE).item(item));
    }

    /** The table of the specification, branch-key-store.md: record format. */
    @Test
    void theItemsAreTheSpecifiedOnes() {
        BranchKeyDescription created = administration.create("k-" + UUID.randomUUID(), BOUND);
        String version = "branch:version:" + created.active().id();
        for (String type : List.of(version, "branch:ACTIVE", "beacon:ACTIVE")) {
            Map<String, AttributeValue> item = item(created.id(), type);
            assertThat(item.get("enc").b().asByteArray()).isNotEmpty();
            assertThat(item.get("hierarchy-version").n()).isEqualTo("1");
            assertThat(item.get("kms-arn").s()).isEqualTo(arn);
            assertThat(item.get("create-time").s()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z");
            assertThat(item.get("aws-crypto-ec:department").s()).isEqualTo("admin");
            assertThat(item).hasSize(type.equals("branch:ACTIVE") ? 8 : 7);
        }
        assertThat(item(created.id(), "branch:ACTIVE").get("version").s()).isEqualTo(version);
    }

    @Test
    void aBranchKeyLives() {
        String id = create();
        byte[] first = bytes(store.active(id));
        UUID version = UUID.fromString(store.describe(id).active().id());
        assertThatThrownBy(() -> administration.create(id, BOUND))
                .isInstanceOf(BranchKeyConflictException.class)
                .hasMessageContaining("exists already");

        BranchKeyDescription rotated = administration.rotate(id);

        assertThat(rotated.versions()).hasSize(2);
        assertThat(rotated.context()).isEqualTo(BOUND);
        assertThat(rotated.kmsKey()).isEqualTo(arn);
        assertThat(bytes(store.active(id))).isNotEqualTo(first);
        assertThat(bytes(store.version(id, version))).isEqualTo(first);
        assertThat(administration.list()).extracting(BranchKeyDescription::id).contains(id);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        assertThatThrownBy(() -> store.active("nobody")).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> store.describe("nobody")).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> administration.rotate("nobody")).isInstanceOf(KeyNotFoundException.class);
        String id = create();
        assertThatThrownBy(() -> store.version(id, UUID.randomUUID())).isInstanceOf(KeyNotFoundException.class);
    }

    @Test
    void changedAttributesAreRefused() {
        Map<String, AttributeValue> changes = Map.of(
                "create-time", AttributeValue.fromS("2026-01-02T03:04:05.678902Z"),
                "version", AttributeValue.fromS("branch:version:" + UUID.randomUUID()),
                "aws-crypto-ec:department", AttributeValue.fromS("user"),
                "new", AttributeValue.fromS("x"),
                "kms-arn", AttributeValue.fromS(otherArn),
                "hierarchy-version", AttributeValue.fromN("2"),
                "enc", AttributeValue.fromS("x"),
                "tablename", AttributeValue.fromS("logical"),
                "number", AttributeValue.fromN("1"),
                "flag", AttributeValue.fromBool(true));
        for (Map.Entry<String, AttributeValue> change : changes.entrySet()) {
            String id = create();
            Map<String, AttributeValue> item = item(id, "branch:ACTIVE");
            item.put(change.getKey(), change.getValue());
            put(item);
            assertThatThrownBy(() -> store.active(id)).as(change.getKey()).isInstanceOf(BranchKeyStoreException.class);
            assertThatThrownBy(() -> administration.rotate(id))
                    .as(change.getKey())
                    .isInstanceOf(BranchKeyStoreException.class);
        }
        String intact = create();
        assertThat(administration.list())
                .as("others are listed all the same")
                .extracting(BranchKeyDescription::id)
                .contains(intact);
    }

    @Test
    void everyFlippedBitOfAnEncryptedBranchKeyIsRefused() {
        String id = create();
        Map<String, AttributeValue> item = item(id, "branch:ACTIVE");
        byte[] encrypted = item.get("enc").b().asByteArray();
        for (int at = encrypted.length - 60; at < encrypted.length; at++) { // moto names its key in front of it
            byte[] changed = encrypted.clone();
            changed[at] ^= 1;
            item.put("enc", AttributeValue.fromB(SdkBytes.fromByteArray(changed)));
            put(item);
            assertThatThrownBy(() -> store.active(id)).isInstanceOf(BranchKeyStoreException.class);
        }
    }

    @Test
    void tenantsDoNotTakeEachOthersPlaces() {
        String one = create();
        String other = create();
        Map<String, AttributeValue> item = item(one, "branch:ACTIVE");
        item.put("branch-key-id", AttributeValue.fromS(other));
        put(item);
        assertThatThrownBy(() -> store.active(other)).isInstanceOf(BranchKeyStoreException.class);
    }

    @Test
    void anotherLogicalNameOrKeyIsRefused() {
        String id = create();
        try (BranchKeyStore wrongName = BranchKeys.openStore(BranchKeyTables.settings(moto, TABLE, "another", arn));
                BranchKeyStore wrongKey =
                        BranchKeys.openStore(BranchKeyTables.settings(moto, TABLE, "logical", otherArn))) {
            assertThatThrownBy(() -> wrongName.active(id)).isInstanceOf(BranchKeyStoreException.class);
            assertThatThrownBy(() -> wrongKey.active(id))
                    .isInstanceOf(BranchKeyStoreException.class)
                    .hasMessageContaining(arn);
        }
    }

    @Test
    void aMissingTableIsASetting() {
        try (BranchKeyStore missing = BranchKeys.openStore(BranchKeyTables.settings(moto, "absent", "logical", arn))) {
            assertThatThrownBy(() -> missing.active("x"))
                    .isInstanceOf(KmsConfigurationException.class)
                    .hasMessageContaining("hierarchical.table");
        }
    }

    /** What is removed from the table after it was read once is not asked for again. */
    @Test
    void noRequestPerDataKey() {
        String id = create();
        KeyId key = KeyId.of(id);
        EncryptionContext context = EncryptionContext.of(Map.of("a", "b"));
        try (KeyService service = Backends.openService(settings())) {
            EncryptedDataKey first = service.encrypt(key, new byte[32], context);
            service.decrypt(key, first, context).close();
            String version = service.versionOf(key, first, context).orElseThrow();
            for (String type : List.of("branch:ACTIVE", "branch:version:" + version)) {
                dynamo.deleteItem(request -> request.tableName(TABLE)
                        .key(Map.of("branch-key-id", AttributeValue.fromS(id), "type", AttributeValue.fromS(type))));
            }
            for (int i = 0; i < 100; i++) {
                try (SecretBytes back = service.decrypt(key, service.encrypt(key, new byte[32], context), context)) {
                    assertThat(back.length()).isEqualTo(32);
                }
            }
        }
        try (KeyService cold = Backends.openService(settings())) {
            assertThatThrownBy(() -> cold.encrypt(key, new byte[32], context)).isInstanceOf(KeyNotFoundException.class);
        }
    }
}
