package dev.kmsenvelope.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.provider.MessageReencryption.State;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.HandMadeMessage;
import dev.kmsenvelope.testing.KeyServices;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.AEADBadTagException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is told of a message before it is moved to another key. */
class ReencryptionStateTest extends ReencryptionFixture {

    @Test
    @DisplayName(
            "A message is current when it is for the new key alone, under its newest version; who cannot know says so")
    void states() throws Exception {
        byte[] message = Ciphers.encrypt(from, TEXT);
        MessageReencryption reencryption = builder().build();
        assertThat(reencryption.stateOf(new ByteArrayInputStream(message))).isEqualTo(State.OUTDATED);
        byte[] moved = move(builder(), message);
        assertThat(reencryption.stateOf(new ByteArrayInputStream(moved)))
                .as("the service has no versions")
                .isEqualTo(State.UNKNOWN);

        HandMadeMessage both = new HandMadeMessage().to(service, "old").to(service, "new");
        assertThat(reencryption.stateOf(new ByteArrayInputStream(both.header())))
                .as("the old key opens it still")
                .isEqualTo(State.OUTDATED);

        String[] versions = {"2"};
        KeyService versioned = versioned(versions);
        KmsSecretKey versionedKey = Ciphers.handle(versioned, "new");
        MessageReencryption toVersion =
                MessageReencryption.builder(versionedKey, versionedKey).build();
        assertThat(toVersion.stateOf(new ByteArrayInputStream(moved))).isEqualTo(State.CURRENT);
        versions[0] = "1";
        assertThat(toVersion.stateOf(new ByteArrayInputStream(moved))).isEqualTo(State.OUTDATED);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> toVersion.stateOf(new ByteArrayInputStream(new byte[] {1, 2, 3})));
    }

    /** The service with versions: the newest one is 2, and every data key is said to be under the first of those given. */
    private KeyService versioned(String... versions) {
        return KeyServices.withResults(service, result -> {
            if (result instanceof KeyDescription key) {
                return new KeyDescription(
                        key.id(),
                        key.aliases(),
                        key.spec(),
                        key.usage(),
                        key.state(),
                        key.created(),
                        List.of(new KeyDescription.KeyVersion("2", key.created(), -1)),
                        null);
            }
            return result instanceof Optional<?> none && none.isEmpty() ? Optional.of(versions[0]) : result;
        });
    }

    @Test
    @DisplayName("RULES 3: a message without the required context has no service asked, not even for a version")
    void stateNeedsContext() throws Exception {
        List<Object[]> asked = new ArrayList<>();
        KeyService watched = KeyServices.watching("versionOf", versioned("2"), asked::add);
        KmsSecretKey key = Ciphers.handle(watched, "new", "key.new.context.tenant", "a");
        MessageReencryption reencryption = MessageReencryption.builder(key, key).build();
        byte[] theirs = Ciphers.encrypt(Ciphers.handle(service, "new", "key.new.context.tenant", "b"), TEXT);
        assertThatExceptionOfType(AEADBadTagException.class)
                .isThrownBy(() -> reencryption.stateOf(new ByteArrayInputStream(theirs)));
        assertThat(asked).isEmpty();
        assertThat(reencryption.stateOf(new ByteArrayInputStream(Ciphers.encrypt(key, TEXT))))
                .isEqualTo(State.CURRENT);
        assertThat(asked).hasSize(1);
    }

    @Test
    @DisplayName("RULES 13: a key that may only encrypt is not asked for a version, which would mean to decrypt")
    void stateOfWriteOnlyKeys() throws Exception {
        List<Object[]> asked = new ArrayList<>();
        KeyService watched = KeyServices.watching("versionOf", versioned("2"), asked::add);
        KmsSecretKey writer = Ciphers.handle(watched, "new", "key.new.usage", "encrypt");
        assertThat(MessageReencryption.builder(from, writer)
                        .build()
                        .stateOf(new ByteArrayInputStream(Ciphers.encrypt(to, TEXT))))
                .isEqualTo(State.UNKNOWN);
        assertThat(asked).isEmpty();

        KmsSecretKey both = Ciphers.handle(watched, "new", "key.new.recipients", "third", "key.third.usage", "encrypt");
        assertThat(MessageReencryption.builder(both, both)
                        .build()
                        .stateOf(new ByteArrayInputStream(Ciphers.encrypt(both, TEXT))))
                .isEqualTo(State.UNKNOWN);
        assertThat(asked)
                .singleElement()
                .satisfies(arguments -> assertThat(arguments[0]).hasToString("new"));
    }
}
