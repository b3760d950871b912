package dev.kmsenvelope.testing.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.AliasListEntry;
import software.amazon.awssdk.services.kms.model.AlreadyExistsException;
import software.amazon.awssdk.services.kms.model.DisabledException;
import software.amazon.awssdk.services.kms.model.GrantOperation;
import software.amazon.awssdk.services.kms.model.InvalidArnException;
import software.amazon.awssdk.services.kms.model.InvalidGrantTokenException;
import software.amazon.awssdk.services.kms.model.InvalidMarkerException;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyState;
import software.amazon.awssdk.services.kms.model.KmsException;
import software.amazon.awssdk.services.kms.model.KmsInvalidStateException;
import software.amazon.awssdk.services.kms.model.LimitExceededException;
import software.amazon.awssdk.services.kms.model.ListAliasesResponse;
import software.amazon.awssdk.services.kms.model.ListKeyRotationsResponse;
import software.amazon.awssdk.services.kms.model.ListKeysResponse;
import software.amazon.awssdk.services.kms.model.NotFoundException;
import software.amazon.awssdk.services.kms.model.RotationType;
import software.amazon.awssdk.services.kms.model.UnsupportedOperationException;

/** The test server itself: keys, aliases, states, rotation, Regions and permissions, as a plain client sees them. */
class ServerKeysTest {

    private final LoopbackKms server = new LoopbackKms();
    private final KmsClient kms = SdkClients.client(server, "root", "eu-central-1");

    @AfterEach
    void close() {
        kms.close();
        server.close();
    }

    private KeyMetadata createKey() {
        return kms.createKey().keyMetadata();
    }

    private static void assertError(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(KmsException.class).isThrownBy(call).satisfies(e -> {
            assertThat(e.awsErrorDetails().errorCode()).isEqualTo(code);
            assertThat(e.statusCode()).isEqualTo(400);
            assertThat(e.requestId()).isNotBlank();
        });
    }

    @Test
    void listsComeInPagesWhoseMarkersFitThemOnly() {
        for (int i = 0; i < 101; i++) {
            createKey();
        }
        ListKeysResponse first = kms.listKeys();
        assertThat(first.keys()).hasSize(100);
        assertThat(first.truncated()).isTrue();
        assertThat(kms.listKeys(r -> r.marker(first.nextMarker())).keys())
                .hasSize(1)
                .doesNotContainAnyElementsOf(first.keys());
        List<String> ids = new ArrayList<>();
        kms.listKeysPaginator(r -> r.limit(7)).keys().forEach(key -> ids.add(key.keyId()));
        assertThat(ids).hasSize(101).doesNotHaveDuplicates();
        assertThat(server.log().count("ListKeys")).isEqualTo(2 + 15);
        assertThatThrownBy(() -> kms.listKeys(r -> r.marker("nonsense"))).isInstanceOf(InvalidMarkerException.class);
        assertThatThrownBy(() -> kms.listAliases(r -> r.marker(first.nextMarker())))
                .isInstanceOf(InvalidMarkerException.class);
        assertError("ValidationException", () -> kms.listKeys(r -> r.limit(1001)));
    }

    @Test
    void aliasesArePagedToAndSomeHaveNoTarget() {
        String key = createKey().keyId();
        for (int i = 0; i < 50; i++) {
            String name = "alias/" + i;
            kms.createAlias(r -> r.aliasName(name).targetKeyId(key));
        }
        assertThatThrownBy(() -> kms.createAlias(r -> r.aliasName("alias/51").targetKeyId(key)))
                .isInstanceOf(LimitExceededException.class);
        ListAliasesResponse first = kms.listAliases();
        assertThat(first.aliases()).hasSize(50);
        assertThat(first.truncated()).isTrue();
        assertThat(kms.listAliases(r -> r.marker(first.nextMarker())).aliases()).hasSize(3);
        assertThat(kms.listAliasesPaginator().aliases())
                .filteredOn(alias -> alias.targetKeyId() == null)
                .extracting(AliasListEntry::aliasName)
                .isNotEmpty()
                .allMatch(name -> name.startsWith("alias/aws/"));
        assertThat(kms.listAliases(r -> r.keyId(key)).aliases()).hasSize(50);
        assertThat(kms.describeKey(r -> r.keyId("alias/aws/s3")).keyMetadata().keyManagerAsString())
                .isEqualTo("AWS");
    }

    @Test
    void aliasesPointToKeysOfOneKind() {
        KeyMetadata key = createKey();
        KeyMetadata mac = kms.createKey(r -> r.keySpec(KeySpec.HMAC_256).keyUsage("GENERATE_VERIFY_MAC"))
                .keyMetadata();
        kms.createAlias(r -> r.aliasName("alias/a").targetKeyId(key.arn()));
        assertThatThrownBy(() -> kms.createAlias(r -> r.aliasName("alias/a").targetKeyId(mac.keyId())))
                .isInstanceOf(AlreadyExistsException.class);
        assertError(
                "ValidationException",
                () -> kms.updateAlias(r -> r.aliasName("alias/a").targetKeyId(mac.keyId())));
        assertError(
                "InvalidAliasNameException",
                () -> kms.createAlias(r -> r.aliasName("alias/aws/mine").targetKeyId(key.keyId())));
        String arn = key.arn().replace("key/" + key.keyId(), "alias/a");
        assertThat(kms.describeKey(r -> r.keyId(arn)).keyMetadata().keyId()).isEqualTo(key.keyId());
        kms.deleteAlias(r -> r.aliasName("alias/a"));
        assertThatThrownBy(() -> kms.describeKey(r -> r.keyId("alias/a"))).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> kms.deleteAlias(r -> r.aliasName("alias/a"))).isInstanceOf(NotFoundException.class);
    }

    @Test
    void namesOfKeysThatAreNone() {
        KeyMetadata key = createKey();
        kms.createAlias(r -> r.aliasName("alias/a").targetKeyId(key.keyId()));
        assertThatThrownBy(() -> kms.describeKey(r -> r.keyId("arn:aws:kms"))).isInstanceOf(InvalidArnException.class);
        assertThatThrownBy(() -> kms.describeKey(r -> r.keyId("no-such-key"))).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> kms.describeKey(r -> r.keyId(key.arn().replace("eu-central-1", "eu-west-1"))))
                .isInstanceOf(NotFoundException.class);
        assertError(
                "AccessDeniedException",
                () -> kms.describeKey(r -> r.keyId(key.arn().replace(Caller.ACCOUNT, "999999999999"))));
        // These take no alias.
        assertThatThrownBy(() -> kms.disableKey(r -> r.keyId("alias/a"))).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> kms.rotateKeyOnDemand(r -> r.keyId("alias/a"))).isInstanceOf(NotFoundException.class);
    }

    @Test
    void disabledKeysAndKeysPendingDeletion() {
        String key = createKey().keyId();
        SdkBytes text = SdkBytes.fromUtf8String("text");
        SdkBytes blob = kms.encrypt(r -> r.keyId(key).plaintext(text)).ciphertextBlob();
        kms.disableKey(r -> r.keyId(key));
        assertThatThrownBy(() -> kms.encrypt(r -> r.keyId(key).plaintext(text))).isInstanceOf(DisabledException.class);
        assertThatThrownBy(() -> kms.decrypt(r -> r.ciphertextBlob(blob))).isInstanceOf(DisabledException.class);
        assertThatThrownBy(() -> kms.rotateKeyOnDemand(r -> r.keyId(key))).isInstanceOf(DisabledException.class);
        assertThatThrownBy(() -> kms.cancelKeyDeletion(r -> r.keyId(key))).isInstanceOf(KmsInvalidStateException.class);
        kms.enableKey(r -> r.keyId(key));
        kms.createAlias(r -> r.aliasName("alias/a").targetKeyId(key));
        kms.scheduleKeyDeletion(r -> r.keyId(key).pendingWindowInDays(7));
        assertThat(kms.describeKey(r -> r.keyId(key)).keyMetadata().keyState()).isEqualTo(KeyState.PENDING_DELETION);
        assertThatThrownBy(() -> kms.decrypt(r -> r.ciphertextBlob(blob))).isInstanceOf(KmsInvalidStateException.class);
        assertThatThrownBy(() -> kms.enableKey(r -> r.keyId(key))).isInstanceOf(KmsInvalidStateException.class);
        assertThatThrownBy(() -> kms.scheduleKeyDeletion(r -> r.keyId(key)))
                .isInstanceOf(KmsInvalidStateException.class);
        kms.cancelKeyDeletion(r -> r.keyId(key));
        assertThat(kms.describeKey(r -> r.keyId(key)).keyMetadata().keyState()).isEqualTo(KeyState.DISABLED);
        kms.scheduleKeyDeletion(r -> r.keyId(key).pendingWindowInDays(7));

        server.passTime(Duration.ofDays(8));

        assertThatThrownBy(() -> kms.describeKey(r -> r.keyId(key))).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> kms.describeKey(r -> r.keyId("alias/a"))).isInstanceOf(NotFoundException.class);
    }

    @Test
    void rotation() {
        String key = createKey().keyId();
        SdkBytes text = SdkBytes.fromUtf8String("text");
        SdkBytes old = kms.encrypt(r -> r.keyId(key).plaintext(text)).ciphertextBlob();
        String first = kms.describeKey(r -> r.keyId(key)).keyMetadata().currentKeyMaterialId();
        for (int i = 0; i < 25; i++) {
            kms.rotateKeyOnDemand(r -> r.keyId(key));
        }
        assertThatThrownBy(() -> kms.rotateKeyOnDemand(r -> r.keyId(key))).isInstanceOf(LimitExceededException.class);
        assertThat(kms.decrypt(r -> r.ciphertextBlob(old)).plaintext()).isEqualTo(text);
        assertThat(kms.decrypt(r -> r.ciphertextBlob(old)).keyMaterialId())
                .isEqualTo(first)
                .isNotEqualTo(kms.describeKey(r -> r.keyId(key)).keyMetadata().currentKeyMaterialId());
        ListKeyRotationsResponse page = kms.listKeyRotations(r -> r.keyId(key).limit(20));
        assertThat(page.rotations()).hasSize(20).allMatch(r -> r.rotationType() == RotationType.ON_DEMAND);
        assertThat(kms.listKeyRotations(r -> r.keyId(key).marker(page.nextMarker()))
                        .rotations())
                .hasSize(5);
        assertThat(kms.listKeyRotations(r -> r.keyId(key).includeKeyMaterial("ALL_KEY_MATERIAL"))
                        .rotations())
                .hasSize(26);

        kms.enableKeyRotation(r -> r.keyId(key).rotationPeriodInDays(90));
        server.passTime(Duration.ofDays(91));

        assertThat(kms.listKeyRotations(r -> r.keyId(key)).rotations())
                .hasSize(26)
                .last()
                .matches(rotation -> rotation.rotationType() == RotationType.AUTOMATIC);
        assertThat(kms.getKeyRotationStatus(r -> r.keyId(key)).rotationPeriodInDays())
                .isEqualTo(90);
        kms.disableKeyRotation(r -> r.keyId(key));
        assertThat(kms.getKeyRotationStatus(r -> r.keyId(key)).keyRotationEnabled())
                .isFalse();
        String pair = kms.createKey(r -> r.keySpec(KeySpec.ECC_NIST_P256).keyUsage("SIGN_VERIFY"))
                .keyMetadata()
                .keyId();
        assertThatThrownBy(() -> kms.rotateKeyOnDemand(r -> r.keyId(pair)))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void multiRegionKeys() {
        KeyMetadata primary = kms.createKey(r -> r.multiRegion(true)).keyMetadata();
        KeyMetadata replica = kms.replicateKey(r -> r.keyId(primary.keyId()).replicaRegion("eu-west-1"))
                .replicaKeyMetadata();
        SdkBytes text = SdkBytes.fromUtf8String("text");
        assertThat(replica.keyId()).isEqualTo(primary.keyId()).startsWith("mrk-");
        try (KmsClient other = SdkClients.client(server, "root", "eu-west-1")) {
            SdkBytes here =
                    kms.encrypt(r -> r.keyId(primary.arn()).plaintext(text)).ciphertextBlob();
            assertThat(other.decrypt(r -> r.ciphertextBlob(here).keyId(replica.arn())))
                    .satisfies(answer -> assertThat(answer.plaintext()).isEqualTo(text))
                    .satisfies(answer -> assertThat(answer.keyId()).isEqualTo(replica.arn()));
            assertThatThrownBy(() -> other.describeKey(r -> r.keyId(createKey().keyId())))
                    .isInstanceOf(NotFoundException.class);
            assertThatThrownBy(() -> other.rotateKeyOnDemand(r -> r.keyId(replica.keyId())))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(other.describeKey(r -> r.keyId(replica.keyId()))
                            .keyMetadata()
                            .multiRegionConfiguration()
                            .primaryKey()
                            .region())
                    .isEqualTo("eu-central-1");
        }
    }

    @Test
    void whoMayDoWhat() {
        String key = createKey().keyId();
        SdkBytes text = SdkBytes.fromUtf8String("text");
        server.access().deny("writer", "Decrypt", "ReEncryptFrom");
        try (KmsClient writer = SdkClients.client(server, "writer", "eu-central-1")) {
            SdkBytes blob = writer.encrypt(r -> r.keyId(key).plaintext(text)).ciphertextBlob();
            assertError("AccessDeniedException", () -> writer.decrypt(r -> r.ciphertextBlob(blob)));
            assertError(
                    "AccessDeniedException",
                    () -> writer.reEncrypt(r -> r.ciphertextBlob(blob).destinationKeyId(key)));
            String token = kms.createGrant(r -> r.keyId(key)
                            .granteePrincipal("arn:aws:iam::111122223333:user/writer")
                            .operations(GrantOperation.DECRYPT))
                    .grantToken();
            assertError("AccessDeniedException", () -> writer.decrypt(r -> r.ciphertextBlob(blob)));
            assertThat(writer.decrypt(r -> r.ciphertextBlob(blob).grantTokens(token))
                            .plaintext())
                    .isEqualTo(text);
            assertThatThrownBy(() -> writer.decrypt(r -> r.ciphertextBlob(blob).grantTokens("made-up")))
                    .isInstanceOf(InvalidGrantTokenException.class);
            server.passTime(Duration.ofMinutes(6));
            assertThat(writer.decrypt(r -> r.ciphertextBlob(blob)).plaintext())
                    .as("a grant works without its token later")
                    .isEqualTo(text);
            kms.listGrants(r -> r.keyId(key))
                    .grants()
                    .forEach(grant -> kms.revokeGrant(r -> r.keyId(key).grantId(grant.grantId())));
            assertError("AccessDeniedException", () -> writer.decrypt(r -> r.ciphertextBlob(blob)));
            server.access().expire("writer");
            assertError("ExpiredTokenException", writer::listKeys);
            server.access().forget("writer");
            assertError("UnrecognizedClientException", writer::listKeys);
        }
        server.access().allowOnly("auditor", "ListKeys");
        try (KmsClient auditor = SdkClients.client(server, "auditor", "eu-central-1")) {
            assertThat(auditor.listKeys().keys()).hasSize(1);
            assertError("AccessDeniedException", auditor::listAliases);
        }
    }

    @Test
    void aWrongClockIsAWrongSignature() {
        server.shiftClock(Duration.ofHours(1));
        assertError("InvalidSignatureException", kms::listKeys);
        server.shiftClock(Duration.ofHours(-1));
        assertError("InvalidSignatureException", kms::listKeys);
        server.shiftClock(Duration.ofMinutes(3));
        assertThat(kms.listKeys().keys()).isEmpty();
    }
}
