package dev.kmsenvelope.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDirectory;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which keys there are. */
interface DirectoryContract extends Contract {

    List<KeyId> NO_KEYS = List.of(
            KeyId.of("alias/there-is-no-such-alias"),
            KeyId.of("00000000-0000-4000-8000-000000000000"),
            KeyId.of("no-such-key"),
            KeyId.of("arn:aws:kms:eu-central-1:111122223333:key/00000000-0000-4000-8000-000000000000"),
            KeyId.of("arn:aws:kms:eu-central-1:111122223333:alias/there-is-no-such-alias"),
            KeyId.of("alias/"),
            KeyId.of("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"));

    @Test
    default void aDescriptionTellsTheKeyAndNeverAnAlias() {
        KeyId key = newKey();
        KeyDescription description = service().describe(key);
        assertThat(description.id().isAlias()).isFalse();
        assertThat(description.spec()).isEqualTo(KeySpec.SYMMETRIC_DEFAULT);
        assertThat(description.usage()).isEqualTo(KeyUsage.ENCRYPT_DECRYPT);
        assertThat(description.state()).isEqualTo(KeyState.ENABLED);
        assertThat(description.deletion()).isNull();
        assertThat(description.created())
                .isBetween(
                        Instant.now().minus(Duration.ofDays(1)), Instant.now().plus(Duration.ofDays(1)));
        assertThat(service().describe(description.id())).isEqualTo(description);
        assertThat(description.aliases())
                .allMatch(KeyId::isAlias)
                .isSortedAccordingTo(Comparator.comparing(KeyId::value));
        for (KeyId alias : description.aliases()) {
            assertThat(service().describe(alias)).isEqualTo(description);
        }
    }

    @Test
    default void everyKindOfKeyIsDescribed() {
        for (KeySpec spec : specs()) {
            for (KeyUsage usage : usages(spec)) {
                KeyDescription description = service().describe(sharedKey(spec, usage));
                assertThat(description.spec()).isEqualTo(spec);
                assertThat(description.usage()).isEqualTo(usage);
                assertThat(description.state()).isEqualTo(KeyState.ENABLED);
            }
        }
    }

    /** What keys of a kind are for there: the backend of an application has RSA keys for encryption only. */
    default Iterable<KeyUsage> usages(KeySpec spec) {
        return spec.usages();
    }

    @Test
    default void aKeyThatDoesNotExistIsNotFound() {
        for (KeyId key : NO_KEYS) {
            assertThatThrownBy(() -> service().describe(key))
                    .as("%s", key)
                    .isInstanceOf(KeyNotFoundException.class)
                    .hasMessageContaining(key.value());
        }
        administer(administration -> {
            for (KeyId key : NO_KEYS) {
                assertThatThrownBy(() -> administration.describe(key))
                        .as("%s", key)
                        .isInstanceOf(KeyNotFoundException.class);
            }
        });
    }

    @Test
    default void keysAreListedInTheOrderOfTheirCreation() {
        List<KeyId> made = List.of(newKey(), newKey(), newKey(), newKey());
        List<KeyId> ids = made.stream().map(key -> service().describe(key).id()).toList();
        List<KeyDescription> list = service().list();
        assertThat(list).extracting(KeyDescription::id).containsSubsequence(ids).doesNotHaveDuplicates();
        assertThat(list).isSortedAccordingTo(Comparator.comparing(KeyDescription::created));
        for (KeyId id : ids) {
            assertThat(list).contains(service().describe(id));
        }
        administer(administration -> {
            assertThat(administration.list()).isEqualTo(service().list());
            assertThat(administration.describe(ids.get(0))).isEqualTo(service().describe(ids.get(0)));
            assertThat(administration.name()).isEqualTo(service().name());
        });
    }

    @Test
    default void closingIsFinal() {
        KeyId key = symmetricKey();
        KeyService closed = openService();
        assertThat(closed.name()).isNotBlank();
        byte[] blob = closed.toBlob(closed.encrypt(key, TEXT, NONE));
        closed.close();
        assertThatCode(closed::close).as("idempotent").doesNotThrowAnyException();
        assertClosed(closed, key);
        assertThatThrownBy(() -> closed.encrypt(key, TEXT, NONE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> closed.generateDataKey(key, 32, NONE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> closed.decrypt(key, service().fromBlob(key, blob), NONE))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> closed.decryptionKeys(key)).isInstanceOf(IllegalStateException.class);
        administer(administration -> {
            administration.close();
            assertThatCode(administration::close).doesNotThrowAnyException();
            assertClosed(administration, key);
        });
        assertThat(Contract.wipe(service()
                        .decrypt(
                                service().describe(key).id(),
                                service().fromBlob(service().describe(key).id(), blob),
                                NONE)))
                .as("others stay open")
                .isEqualTo(TEXT);
    }

    private static void assertClosed(KeyDirectory directory, KeyId key) {
        assertThatThrownBy(() -> directory.describe(key)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(directory::list).isInstanceOf(IllegalStateException.class);
    }
}
