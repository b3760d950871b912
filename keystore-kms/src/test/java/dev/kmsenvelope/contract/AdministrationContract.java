package dev.kmsenvelope.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.RotationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Making, rotating, switching and deleting keys, and their aliases. */
interface AdministrationContract extends Contract {

    private static KeyDescription create(KeyAdministration administration) {
        return administration.createKey(KeySpec.SYMMETRIC_DEFAULT);
    }

    private static void assertNotFound(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(KeyNotFoundException.class);
    }

    private static void assertDisabled(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(KeyDisabledException.class);
    }

    private Set<KeyId> enabledKeys() {
        return service().list().stream()
                .filter(key -> key.state() == KeyState.ENABLED)
                .map(KeyDescription::id)
                .collect(Collectors.toSet());
    }

    @Test
    default void keysAreMadeForOneUsage() {
        administer(administration -> {
            for (KeySpec spec : KeySpec.values()) {
                for (KeyUsage usage : KeyUsage.values()) {
                    if (!spec.usages().contains(usage) || spec == KeySpec.OTHER) {
                        assertThatThrownBy(() -> administration.createKey(spec, usage))
                                .as("%s for %s", spec, usage)
                                .isInstanceOf(IllegalArgumentException.class);
                    }
                }
            }
            KeyDescription made = administration.createKey(KeySpec.HMAC_256, KeyUsage.GENERATE_VERIFY_MAC);
            assertThat(made.aliases()).isEmpty();
            assertThat(made.usage()).isEqualTo(KeyUsage.GENERATE_VERIFY_MAC);
            assertThat(made).isEqualTo(service().describe(made.id()));
        });
    }

    @Test
    default void aKeyAndItsAliasAreMadeBothOrNeither() {
        administer(administration -> {
            KeyId alias = alias("both-or-neither");
            KeyDescription made = administration.createKey(KeySpec.SYMMETRIC_DEFAULT, alias);
            assertThat(made.aliases()).containsExactly(alias);
            assertThat(service().describe(alias)).isEqualTo(made);
            Set<KeyId> before = enabledKeys();
            assertThatThrownBy(() -> administration.createKey(KeySpec.SYMMETRIC_DEFAULT, alias))
                    .isInstanceOf(AliasExistsException.class);
            assertThat(enabledKeys()).isEqualTo(before);
            assertThat(service().describe(alias).id()).isEqualTo(made.id());
        });
    }

    @Test
    default void namesThatAreNoAliasesAreRefused() {
        administer(administration -> {
            KeyDescription key = create(administration);
            Set<KeyId> before = enabledKeys();
            for (String name :
                    List.of("contract", "alias/", "alias/a b".replace(' ', '~'), "alias/aws/contract", "key/a")) {
                KeyId alias = KeyId.of(name);
                assertRefused(() -> administration.createAlias(alias, key.id()));
                assertRefused(() -> administration.createKey(KeySpec.SYMMETRIC_DEFAULT, alias));
            }
            assertThat(service().describe(key.id()).aliases()).isEmpty();
            assertThat(enabledKeys()).isEqualTo(before);
        });
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfAny(IllegalArgumentException.class, KmsException.class)
                .isNotInstanceOf(AliasExistsException.class);
    }

    @Test
    default void aliases() {
        administer(administration -> {
            KeyId one = create(administration).id();
            KeyId other = create(administration).id();
            KeyId alias = alias("moves");
            KeyId second = alias("a-second");
            administration.createAlias(alias, one);
            administration.createAlias(second, alias); // A target may be named by an alias.
            assertThat(service().describe(one).aliases()).containsExactly(second, alias);
            assertThatThrownBy(() -> administration.createAlias(alias, other)).isInstanceOf(AliasExistsException.class);
            administration.updateAlias(alias, other);
            assertThat(service().describe(alias).id()).isEqualTo(other);
            assertThat(service().describe(one).aliases()).containsExactly(second);
            administration.deleteAlias(alias);
            assertNotFound(() -> service().describe(alias));
            assertThat(service().describe(other).state()).isEqualTo(KeyState.ENABLED);
            assertNotFound(() -> administration.deleteAlias(alias));
            assertNotFound(() -> administration.updateAlias(alias, other));
            assertNotFound(() -> administration.createAlias(alias, KeyId.of("alias/there-is-no-such-alias")));
            assertNotFound(() -> administration.updateAlias(second, KeyId.of("00000000-0000-4000-8000-000000000000")));
            assertThat(service().describe(second).id()).isEqualTo(one);
            administration.deleteAlias(second);
        });
    }

    @Test
    default void whatAnAliasEncryptedBeforeItMoved() {
        administer(administration -> {
            KeyId one = create(administration).id();
            KeyId other = create(administration).id();
            KeyId alias = alias("re-pointed");
            administration.createAlias(alias, one);
            EncryptedDataKey before = service().encrypt(alias, TEXT, CONTEXT);
            administration.updateAlias(alias, other);
            EncryptedDataKey after = service().encrypt(alias, TEXT, CONTEXT);

            assertThat(service().keyOf(before)).contains(one);
            assertThat(service().keyOf(after)).contains(other);
            assertThat(service().decryptionKeys(alias))
                    .startsWith(other)
                    .isEqualTo(has(Feature.ALIAS_HISTORY) ? Set.of(other, one) : Set.of(other));
            assertThat(Contract.wipe(service().decrypt(one, before, CONTEXT))).isEqualTo(TEXT);
            assertThat(Contract.wipe(service().decrypt(other, after, CONTEXT))).isEqualTo(TEXT);
        });
    }

    @Test
    default void rotation() {
        administer(administration -> {
            KeyDescription key = create(administration);
            EncryptedDataKey old = service().encrypt(key.id(), TEXT, CONTEXT);
            KeyDescription rotated = administration.rotate(key.id());
            assertThat(rotated.id()).isEqualTo(key.id());
            assertThat(rotated).isEqualTo(service().describe(key.id()));
            EncryptedDataKey fresh = service().encrypt(key.id(), TEXT, CONTEXT);
            for (EncryptedDataKey encrypted : List.of(old, fresh)) {
                assertThat(service().keyOf(encrypted)).contains(key.id());
                assertThat(Contract.wipe(service().decrypt(key.id(), encrypted, CONTEXT)))
                        .isEqualTo(TEXT);
            }
            if (has(Feature.VERSION_OF)) {
                assertThat(service().versionOf(key.id(), old, CONTEXT))
                        .isEqualTo(key.currentVersion().map(KeyDescription.KeyVersion::id));
                assertThat(service().versionOf(key.id(), fresh, CONTEXT))
                        .isEqualTo(rotated.currentVersion().map(KeyDescription.KeyVersion::id))
                        .isNotEqualTo(service().versionOf(key.id(), old, CONTEXT));
                EncryptedDataKey moved = service().reEncrypt(key.id(), old, CONTEXT, key.id(), CONTEXT);
                assertThat(service().versionOf(key.id(), moved, CONTEXT))
                        .isEqualTo(service().versionOf(key.id(), fresh, CONTEXT));
            }
            if (has(Feature.ALL_VERSIONS)) {
                assertThat(key.versions()).hasSize(1);
                assertThat(rotated.versions()).hasSize(2);
                assertThat(rotated.versions().get(0).id())
                        .isEqualTo(key.versions().get(0).id());
            }
            assertThat(administration.rotationStatus(key.id()).history())
                    .singleElement()
                    .satisfies(rotation -> assertThat(rotation.cause()).isEqualTo(RotationStatus.Cause.ON_DEMAND));
        });
    }

    @Test
    default void rotationByAge() {
        administer(administration -> {
            KeyId alias = alias("by-age");
            KeyId key =
                    administration.createKey(KeySpec.SYMMETRIC_DEFAULT, alias).id();
            assertThat(administration.rotationStatus(key)).isEqualTo(new RotationStatus(0, null, List.of()));
            administration.enableRotation(alias, 100);
            RotationStatus status = administration.rotationStatus(alias);
            assertThat(status.isAutomatic()).isTrue();
            unlessFaulty(ServerFault.FORGETS_ROTATION_PERIODS);
            assertThat(status.periodDays()).isEqualTo(100);
            assertThat(status.next())
                    .isBetween(
                            Instant.now().plus(Duration.ofDays(99)),
                            Instant.now().plus(Duration.ofDays(101)));
            for (int days : new int[] {
                -1,
                0,
                KeyAdministration.MIN_ROTATION_DAYS - 1,
                KeyAdministration.MAX_ROTATION_DAYS + 1,
                Integer.MAX_VALUE
            }) {
                assertThatThrownBy(() -> administration.enableRotation(key, days))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            administration.enableRotation(key, KeyAdministration.MAX_ROTATION_DAYS);
            assertThat(administration.rotationStatus(key).periodDays()).isEqualTo(KeyAdministration.MAX_ROTATION_DAYS);
            administration.disableRotation(alias);
            assertThat(administration.rotationStatus(key)).isEqualTo(new RotationStatus(0, null, List.of()));
        });
    }

    @Test
    default void onlySymmetricKeysAreRotated() {
        administer(administration -> {
            for (KeySpec spec : List.of(KeySpec.HMAC_256, KeySpec.ECC_NIST_P256)) {
                KeyId key = administration.createKey(spec).id();
                assertThatThrownBy(() -> administration.rotate(key)).isInstanceOf(InvalidKeyUsageException.class);
                assertThatThrownBy(() -> administration.enableRotation(key, 365))
                        .isInstanceOf(InvalidKeyUsageException.class);
                assertThatThrownBy(() -> administration.disableRotation(key))
                        .isInstanceOf(InvalidKeyUsageException.class);
                assertThat(administration.rotationStatus(key)).isEqualTo(new RotationStatus(0, null, List.of()));
            }
        });
    }

    @Test
    default void disabledKeysDoNothing() {
        administer(administration -> {
            KeyId alias = alias("switched");
            KeyId key =
                    administration.createKey(KeySpec.SYMMETRIC_DEFAULT, alias).id();
            EncryptedDataKey encrypted = service().encrypt(key, TEXT, NONE);
            administration.disable(alias);
            administration.disable(key); // Once more changes nothing.
            assertThat(service().describe(key).state()).isEqualTo(KeyState.DISABLED);
            unlessFaulty(ServerFault.IGNORES_STATES);
            assertUnusable(key, encrypted);
            assertDisabled(() -> administration.rotate(key));
            assertDisabled(() -> administration.enableRotation(key, 365));
            assertDisabled(() -> administration.disableRotation(key));
            administration.enable(alias);
            administration.enable(key);
            assertThat(service().describe(key).state()).isEqualTo(KeyState.ENABLED);
            assertThat(Contract.wipe(service().decrypt(key, encrypted, NONE))).isEqualTo(TEXT);
        });
    }

    private void assertUnusable(KeyId key, EncryptedDataKey encrypted) {
        assertDisabled(() -> service().generateDataKey(key, 32, NONE));
        assertDisabled(() -> service().encrypt(key, TEXT, NONE));
        assertDisabled(() -> service().decrypt(key, encrypted, NONE));
        assertDisabled(() -> service().reEncrypt(key, encrypted, NONE, symmetricKey(), NONE));
        EncryptedDataKey other = service().encrypt(symmetricKey(), TEXT, NONE);
        KeyId otherId = service().decryptionKeys(symmetricKey()).iterator().next();
        assertDisabled(() -> service().reEncrypt(otherId, other, NONE, key, NONE));
    }

    @Test
    default void keysPendingDeletionDoNothing() {
        administer(administration -> {
            KeyId alias = alias("deleted");
            KeyId key =
                    administration.createKey(KeySpec.SYMMETRIC_DEFAULT, alias).id();
            EncryptedDataKey encrypted = service().encrypt(key, TEXT, NONE);
            for (int days :
                    new int[] {0, KeyAdministration.MIN_DELETION_DAYS - 1, KeyAdministration.MAX_DELETION_DAYS + 1}) {
                assertThatThrownBy(() -> administration.scheduleDeletion(key, days))
                        .isInstanceOf(IllegalArgumentException.class);
            }
            Instant deletion = administration.scheduleDeletion(alias, 8);
            assertThat(deletion)
                    .isBetween(
                            Instant.now().plus(Duration.ofDays(7)),
                            Instant.now().plus(Duration.ofDays(9)));
            KeyDescription description = service().describe(alias);
            assertThat(description.state()).isEqualTo(KeyState.PENDING_DELETION);
            assertThat(description.deletion()).isEqualTo(deletion);
            assertThat(service().list()).contains(description);
            unlessFaulty(ServerFault.IGNORES_STATES);
            assertUnusable(key, encrypted);
            assertDisabled(() -> administration.scheduleDeletion(key, 8));
            assertDisabled(() -> administration.enable(key));
            assertDisabled(() -> administration.disable(key));
            assertDisabled(() -> administration.rotate(key));
            assertDisabled(() -> administration.createAlias(alias("too-late"), key));
            administration.cancelDeletion(alias);
            assertThat(service().describe(key).state()).isEqualTo(KeyState.DISABLED);
            assertThat(service().describe(key).deletion()).isNull();
            administration.enable(key);
            assertThat(Contract.wipe(service().decrypt(key, encrypted, NONE))).isEqualTo(TEXT);
        });
    }

    @Test
    default void aKeyThatDoesNotExistIsNotAdministered() {
        administer(administration -> {
            for (KeyId key : DirectoryContract.NO_KEYS) {
                assertNotFound(() -> administration.rotate(key));
                assertNotFound(() -> administration.enableRotation(key, 365));
                assertNotFound(() -> administration.disableRotation(key));
                assertNotFound(() -> administration.rotationStatus(key));
                assertNotFound(() -> administration.enable(key));
                assertNotFound(() -> administration.disable(key));
                assertNotFound(() -> administration.scheduleDeletion(key, 7));
                assertNotFound(() -> administration.cancelDeletion(key));
            }
        });
    }
}
