package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.spi.Backends;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The backend against {@code moto_server}, through HTTP. What moto does otherwise than AWS is not tested here. */
@ExtendWith(TestCredentials.class)
class MotoTest {

    private static final byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("tenant", "acme", "ä", "b"));

    private static MotoServer moto;
    private static KeyService service;
    private static KeyAdministration administration;
    private static int number;

    @BeforeAll
    static void start() throws Exception {
        moto = MotoServer.start();
        service = Backends.openService(moto.settings());
        administration = Backends.openAdministration(moto.settings());
    }

    @AfterAll
    static void stop() throws Exception {
        if (moto != null) {
            service.close();
            administration.close();
            moto.close();
        }
    }

    private static synchronized KeyId newAlias() {
        return KeyId.of("alias/test-" + number++);
    }

    private static KeyDescription newKey(KeyId alias) {
        return administration.createKey(KeySpec.SYMMETRIC_DEFAULT, alias);
    }

    private static byte[] decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        try (SecretBytes plaintext = service.decrypt(key, encrypted, context)) {
            return plaintext.copy();
        }
    }

    @Test
    void aDataKeyComesBack() {
        KeyId alias = newAlias();
        KeyId id = newKey(alias).id();
        for (int length : new int[] {1, 32, 1024}) {
            try (DataKeyPair pair = service.generateDataKey(alias, length, CONTEXT)) {
                assertThat(pair.plaintext().length()).isEqualTo(length);
                assertThat(pair.encrypted().providerId()).isEqualTo("aws-kms");
                assertThat(pair.encrypted().providerInfo())
                        .asString(StandardCharsets.UTF_8)
                        .isEqualTo(id.value());
                assertThat(service.keyOf(pair.encrypted())).contains(id);
                assertThat(decrypt(id, pair.encrypted(), CONTEXT))
                        .isEqualTo(pair.plaintext().copy());
            }
        }
    }

    @Test
    void everyFormOfNameWorks() {
        KeyId alias = newAlias();
        KeyDescription key = newKey(alias);
        String arn = key.id().value();
        KeyId keyId = KeyId.of(arn.substring(arn.lastIndexOf('/') + 1));
        KeyId aliasArn = KeyId.of(arn.substring(0, arn.indexOf(":key/") + 1) + alias);
        for (KeyId name : new KeyId[] {alias, key.id(), keyId, aliasArn}) {
            assertThat(service.describe(name)).isEqualTo(key);
            assertThat(service.decryptionKeys(name)).containsExactly(key.id());
            EncryptedDataKey encrypted = service.encrypt(name, TEXT, CONTEXT);
            assertThat(decrypt(name, encrypted, CONTEXT)).isEqualTo(TEXT);
            assertThat(decrypt(name, service.fromBlob(name, service.toBlob(encrypted)), CONTEXT))
                    .isEqualTo(TEXT);
        }
    }

    /** RULES 19: it is the message's fault. */
    @Test
    void anotherContextOrAChangedCiphertextDoesNotOpen() {
        KeyId alias = newAlias();
        KeyId id = newKey(alias).id();
        EncryptedDataKey encrypted = service.encrypt(alias, TEXT, CONTEXT);
        byte[] changed = encrypted.ciphertext();
        changed[changed.length - 1] ^= 1;

        assertThatThrownBy(() -> service.decrypt(id, encrypted, EncryptionContext.empty()))
                .isInstanceOf(InvalidCiphertextException.class)
                .hasMessageContainingAll("Decrypt", id.value(), "request");
        assertThatThrownBy(() -> service.decrypt(
                        id, new EncryptedDataKey("aws-kms", encrypted.providerInfo(), changed), CONTEXT))
                .isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void reEncryptionMovesToAnotherKeyAndContext() {
        KeyId from = newKey(newAlias()).id();
        KeyId to = newKey(newAlias()).id();
        EncryptedDataKey encrypted = service.encrypt(from, TEXT, CONTEXT);

        EncryptedDataKey moved = service.reEncrypt(from, encrypted, CONTEXT, to, EncryptionContext.empty());

        assertThat(service.keyOf(moved)).contains(to);
        assertThat(decrypt(to, moved, EncryptionContext.empty())).isEqualTo(TEXT);
        assertThatThrownBy(() -> service.reEncrypt(to, encrypted, CONTEXT, to, CONTEXT))
                .isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    void whatWasEncryptedBeforeARotationStillOpens() {
        KeyId alias = newAlias();
        KeyId id = newKey(alias).id();
        EncryptedDataKey old = service.encrypt(alias, TEXT, CONTEXT);

        assertThat(administration.rotate(alias).id()).isEqualTo(id);

        assertThat(decrypt(id, old, CONTEXT)).isEqualTo(TEXT);
        assertThat(decrypt(id, service.encrypt(alias, TEXT, CONTEXT), CONTEXT)).isEqualTo(TEXT);
    }

    @Test
    void rotationByAgeIsSwitchedOnAndOff() {
        KeyId alias = newAlias();
        newKey(alias);
        assertThat(administration.rotationStatus(alias).isAutomatic()).isFalse();

        administration.enableRotation(alias, 120);
        assertThat(administration.rotationStatus(alias).isAutomatic()).isTrue();

        administration.disableRotation(alias);
        assertThat(administration.rotationStatus(alias).isAutomatic()).isFalse();
        assertThatThrownBy(() -> administration.enableRotation(alias, 89)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyTheSymmetricKindRotates() {
        KeyId alias = newAlias();
        administration.createKey(KeySpec.HMAC_256, alias);
        assertThatThrownBy(() -> administration.rotate(alias)).isInstanceOf(InvalidKeyUsageException.class);
        assertThatThrownBy(() -> administration.enableRotation(alias, 365))
                .isInstanceOf(InvalidKeyUsageException.class);
    }

    @Test
    void aReplyTellsThatAnAliasWasPointedElsewhere() {
        KeyId alias = newAlias();
        KeyId first = newKey(alias).id();
        KeyId second = administration.createKey(KeySpec.SYMMETRIC_DEFAULT).id();
        assertThat(service.describe(alias).id()).isEqualTo(first);

        administration.updateAlias(alias, second);
        assertThat(service.decryptionKeys(alias)).as("remembered").containsExactly(first);
        service.generateDataKey(alias, 32, CONTEXT).close();

        assertThat(service.decryptionKeys(alias)).containsExactly(second);
        assertThat(service.describe(alias).id()).isEqualTo(second);
    }

    @Test
    void aliasesAreMadeOnceAndDeleted() {
        KeyId alias = newAlias();
        KeyDescription key = newKey(alias);
        int keys = administration.list().size();

        assertThatThrownBy(() -> newKey(alias)).isInstanceOf(AliasExistsException.class);
        assertThat(administration.list()).as("no key without its alias").hasSize(keys);
        assertThatThrownBy(() -> administration.createAlias(alias, key.id()))
                .isInstanceOf(AliasExistsException.class)
                .hasMessageContaining(alias.value());

        administration.deleteAlias(alias);
        assertThatThrownBy(() -> administration.describe(alias)).isInstanceOf(KeyNotFoundException.class);
        assertThat(administration.describe(key.id()).aliases()).isEmpty();
        assertThatThrownBy(() -> administration.deleteAlias(key.id())).isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> administration.createAlias(KeyId.of("alias/aws/mine"), key.id()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theListHasEveryKeyWithItsAliases() {
        KeyId one = newAlias();
        KeyId other = newAlias();
        KeyDescription key = newKey(one);
        administration.createAlias(other, key.id());
        KeyDescription bare = administration.createKey(KeySpec.ECC_NIST_P256, KeyUsage.SIGN_VERIFY);

        assertThat(service.list())
                .anySatisfy(listed -> {
                    assertThat(listed.id()).isEqualTo(key.id());
                    assertThat(listed.aliases()).containsExactlyInAnyOrder(one, other);
                    assertThat(listed.created()).isEqualTo(key.created());
                })
                .contains(bare)
                .isSortedAccordingTo(java.util.Comparator.comparing(KeyDescription::created));
        assertThat(service.describe(other).aliases()).containsExactlyInAnyOrder(one, other);
    }

    @Test
    void statesAreTold() {
        KeyId alias = newAlias();
        newKey(alias);
        administration.disable(alias);
        assertThat(administration.describe(alias).state()).isEqualTo(KeyState.DISABLED);
        administration.enable(alias);
        assertThat(administration.describe(alias).state()).isEqualTo(KeyState.ENABLED);
        administration.cancelDeletion(alias);
        assertThat(administration.describe(alias).state()).isEqualTo(KeyState.ENABLED);

        java.time.Instant deletion = administration.scheduleDeletion(alias, 7);
        KeyDescription pending = administration.describe(alias);
        assertThat(pending.state()).isEqualTo(KeyState.PENDING_DELETION);
        assertThat(pending.deletion()).isEqualTo(deletion);
        administration.cancelDeletion(alias);
        assertThat(administration.describe(alias).state()).isEqualTo(KeyState.DISABLED);
    }

    @Test
    void aKeyThatDoesNotExistIsNotFound() {
        for (String name : new String[] {
            "alias/nothing",
            "00000000-0000-0000-0000-000000000000",
            "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000"
        }) {
            assertThatThrownBy(() -> service.describe(KeyId.of(name)))
                    .isInstanceOf(KeyNotFoundException.class)
                    .hasMessageContainingAll("DescribeKey", name);
            assertThatThrownBy(() -> service.generateDataKey(KeyId.of(name), 32, CONTEXT))
                    .isInstanceOf(KeyNotFoundException.class);
        }
    }

    @Test
    void aKeyOfAnotherRegionIsAskedThere() {
        var elsewhere = dev.kmsenvelope.config.Configuration.of(Map.of("aws.region", "us-west-2"))
                .orElse(moto.settings());
        KeyId key;
        try (KeyAdministration there = Backends.openAdministration(elsewhere)) {
            key = there.createKey(KeySpec.SYMMETRIC_DEFAULT, newAlias()).id();
        }
        assertThat(key.value()).contains(":us-west-2:");
        assertThat(decrypt(key, service.encrypt(key, TEXT, CONTEXT), CONTEXT)).isEqualTo(TEXT);
    }

    @Test
    void macsSignaturesPublicKeysAndRandomBytes() throws Exception {
        KeyId mac = newAlias();
        administration.createKey(KeySpec.HMAC_256, mac);
        MacService macs = service.capability(MacService.class).orElseThrow();
        assertThat(macs.generateMac(mac, MacAlgorithm.HMAC_SHA_256, TEXT))
                .hasSize(32)
                .isEqualTo(macs.generateMac(mac, MacAlgorithm.HMAC_SHA_256, TEXT));

        KeyId pair = newAlias();
        administration.createKey(KeySpec.ECC_NIST_P256, pair);
        byte[] signature = service.capability(SigningService.class)
                .orElseThrow()
                .sign(pair, SigningAlgorithm.ECDSA_SHA_256, SigningService.MessageType.RAW, TEXT);
        byte[] encoded =
                service.capability(PublicKeyService.class).orElseThrow().publicKey(pair);
        PublicKey publicKey = KeyFactory.getInstance("EC", "SunEC").generatePublic(new X509EncodedKeySpec(encoded));
        Signature verifier = Signature.getInstance("SHA256withECDSA", "SunEC");
        verifier.initVerify(publicKey);
        verifier.update(TEXT);
        assertThat(verifier.verify(signature)).isTrue();

        assertThat(service.capability(RandomService.class).orElseThrow().generateRandom(1024))
                .hasSize(1024);
    }
}
