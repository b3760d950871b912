package dev.kmsenvelope.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** What a backend gives to its contract, and what the parts of the contract have in common. */
interface Contract {

    byte[] TEXT = "attack at dawn".getBytes(StandardCharsets.UTF_8);
    EncryptionContext NONE = EncryptionContext.empty();
    EncryptionContext CONTEXT = EncryptionContext.of(Map.of("a", "bc", "tenant", "one"));

    /** The service, which all tests share. */
    KeyService service();

    /** Another service with the same settings; the caller closes it. */
    KeyService openService();

    /** The administration with the same settings; the caller closes it. */
    KeyAdministration openAdministration();

    /** What the backend has. */
    Set<Feature> features();

    /** The kinds of key that it has. */
    Set<KeySpec> specs();

    /** A key that no other test changes, made when it is first asked for. */
    KeyId sharedKey(KeySpec spec, KeyUsage usage);

    /** A key of its own for a test. */
    KeyId newKey();

    /** A name that some key of {@link #newKey} does not have. */
    default KeyId alias(String name) {
        return KeyId.of("alias/contract/" + getClass().getSimpleName() + "/" + name);
    }

    default boolean has(Feature feature) {
        return features().contains(feature);
    }

    /** Skips what a test server gets wrong, if this one does; each backend names those faults. */
    default void unlessFaulty(ServerFault fault) {}

    default KeyId symmetricKey() {
        return sharedKey(KeySpec.SYMMETRIC_DEFAULT, KeyUsage.ENCRYPT_DECRYPT);
    }

    /** Runs a test of the administration, or shows that there is none. */
    default void administer(Consumer<KeyAdministration> test) {
        if (has(Feature.ADMINISTRATION)) {
            try (KeyAdministration administration = openAdministration()) {
                test.accept(administration);
            }
        } else {
            assertThatThrownBy(this::openAdministration).isInstanceOf(UnsupportedOperationException.class);
        }
    }

    /** Runs a test of a capability, or shows that there is none. */
    default <T> void use(Class<T> capability, ThrowingConsumer<T> test) {
        boolean declared = features().stream().anyMatch(feature -> feature.capability == capability);
        assertThat(service().capability(capability).isPresent())
                .as("has %s", capability.getSimpleName())
                .isEqualTo(declared);
        if (declared) {
            try {
                test.accept(service().capability(capability).orElseThrow());
            } catch (RuntimeException e) {
                throw e; // Skipped tests too.
            } catch (Exception e) {
                fail("unexpected", e);
            }
        }
    }

    static byte[] wipe(SecretBytes secret) {
        try (secret) {
            return secret.copy();
        }
    }

    static byte[] changed(byte[] bytes, int index) {
        byte[] copy = bytes.clone();
        copy[Math.floorMod(index, copy.length)] ^= 1;
        return copy;
    }

    static byte[] shorter(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length - 1);
    }

    /** A test that may throw. */
    interface ThrowingConsumer<T> {
        void accept(T value) throws Exception;
    }
}
