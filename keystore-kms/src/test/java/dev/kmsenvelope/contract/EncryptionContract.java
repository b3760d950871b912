package dev.kmsenvelope.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Data keys, encrypting and decrypting. */
interface EncryptionContract extends Contract {

    /** The id that decryption takes. */
    default KeyId idOf(KeyId key) {
        return service().decryptionKeys(key).iterator().next();
    }

    private byte[] decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return Contract.wipe(service().decrypt(idOf(key), encrypted, context));
    }

    private void assertInvalid(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        assertThatThrownBy(() -> service().decrypt(idOf(key), encrypted, context))
                .isInstanceOf(InvalidCiphertextException.class);
        assertThatThrownBy(() -> service().reEncrypt(idOf(key), encrypted, context, key, NONE))
                .isInstanceOf(InvalidCiphertextException.class);
    }

    @Test
    default void dataKeysOfEveryLengthComeBack() {
        KeyId key = symmetricKey();
        for (int length : new int[] {1, 16, 32, 64, KeyService.MAX_DATA_KEY}) {
            DataKeyPair made = service().generateDataKey(key, length, CONTEXT);
            try (DataKeyPair pair = made) {
                byte[] plaintext = pair.plaintext().copy();
                assertThat(plaintext).hasSize(length);
                assertThat(decrypt(key, pair.encrypted(), CONTEXT)).isEqualTo(plaintext);
                assertThat(service().keyOf(pair.encrypted())).contains(idOf(key));
            }
            assertThat(made.plaintext().isDestroyed()).isTrue();
        }
        for (int length : new int[] {Integer.MIN_VALUE, -1, 0, KeyService.MAX_DATA_KEY + 1, Integer.MAX_VALUE}) {
            assertThatThrownBy(() -> service().generateDataKey(key, length, NONE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    default void dataKeysAreFresh() {
        KeyId key = symmetricKey();
        try (DataKeyPair one = service().generateDataKey(key, 32, NONE);
                DataKeyPair other = service().generateDataKey(key, 32, NONE)) {
            assertThat(one.plaintext().copy())
                    .isNotEqualTo(other.plaintext().copy())
                    .isNotEqualTo(new byte[32]);
            assertThat(one.encrypted()).isNotEqualTo(other.encrypted());
        }
    }

    @Test
    default void textsOfEveryLengthComeBack() {
        KeyId key = symmetricKey();
        for (int length : new int[] {1, 32, KeyService.MAX_PLAINTEXT}) {
            byte[] text = new byte[length];
            Arrays.fill(text, (byte) length);
            byte[] before = text.clone();
            EncryptedDataKey encrypted = service().encrypt(key, text, CONTEXT);
            assertThat(text).as("not modified").isEqualTo(before);
            assertThat(decrypt(key, encrypted, CONTEXT)).isEqualTo(text);
            assertThat(encrypted).isNotEqualTo(service().encrypt(key, text, CONTEXT));
        }
        for (int length : new int[] {0, KeyService.MAX_PLAINTEXT + 1}) {
            assertThatThrownBy(() -> service().encrypt(key, new byte[length], NONE))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    default void onlyTheSameContextOpens() {
        KeyId key = symmetricKey();
        EncryptedDataKey encrypted = service().encrypt(key, TEXT, CONTEXT);
        assertThat(decrypt(key, encrypted, EncryptionContext.of(Map.of("tenant", "one", "a", "bc"))))
                .isEqualTo(TEXT);
        List<Map<String, String>> others = List.of(
                Map.of(),
                Map.of("a", "bc"),
                Map.of("a", "bc", "tenant", "two"),
                Map.of("a", "bc", "Tenant", "one"),
                Map.of("a", "bc", "tenant", "one", "more", "x"));
        for (Map<String, String> other : others) {
            assertInvalid(key, encrypted, EncryptionContext.of(other));
        }
        EncryptedDataKey without = service().encrypt(key, TEXT, NONE);
        assertThat(decrypt(key, without, NONE)).isEqualTo(TEXT);
        assertInvalid(key, without, CONTEXT);
    }

    @Test
    default void namesAndValuesOfContextsAreNotJoined() {
        unlessFaulty(ServerFault.JOINS_CONTEXTS);
        KeyId key = symmetricKey();
        EncryptedDataKey encrypted = service().encrypt(key, TEXT, EncryptionContext.of(Map.of("a", "bc")));
        assertInvalid(key, encrypted, EncryptionContext.of(Map.of("ab", "c")));
    }

    @Test
    default void contextsOfAnyUnicode() {
        KeyId key = symmetricKey();
        EncryptionContext context =
                EncryptionContext.of(Map.of("schlüssel \"1\"", "\uD83D\uDD11 / \u0000 \n", "k", "v"));
        assertThat(decrypt(key, service().encrypt(key, TEXT, context), context)).isEqualTo(TEXT);
    }

    @Test
    default void anotherKeyDoesNotOpen() {
        unlessFaulty(ServerFault.DENIES_WRONG_KEYS);
        KeyId other = newKey();
        EncryptedDataKey encrypted = service().encrypt(symmetricKey(), TEXT, NONE);
        assertInvalid(other, encrypted, NONE);
    }

    @Test
    default void whatWasChangedDoesNotOpen() {
        KeyId key = symmetricKey();
        EncryptedDataKey encrypted = service().encrypt(key, TEXT, CONTEXT);
        byte[] ciphertext = encrypted.ciphertext();
        for (byte[] other : new byte[][] {
            Contract.changed(ciphertext, -1),
            Contract.changed(ciphertext, ciphertext.length - 17),
            Contract.shorter(ciphertext),
            Arrays.copyOf(ciphertext, ciphertext.length + 1),
            new byte[] {1},
            new byte[0],
            new byte[EncryptedDataKey.MAX_FIELD_LENGTH]
        }) {
            assertInvalid(key, with(encrypted, other), CONTEXT);
        }
        assertInvalid(key, new EncryptedDataKey(encrypted.providerId(), new byte[0], encrypted.ciphertext()), CONTEXT);
        assertInvalid(key, foreign(), CONTEXT);
        assertThat(decrypt(key, encrypted, CONTEXT))
                .as("and the right one still does")
                .isEqualTo(TEXT);
    }

    private static EncryptedDataKey with(EncryptedDataKey encrypted, byte[] ciphertext) {
        return new EncryptedDataKey(encrypted.providerId(), encrypted.providerInfo(), ciphertext);
    }

    private static EncryptedDataKey foreign() {
        return new EncryptedDataKey("somebody-else", "key".getBytes(java.nio.charset.StandardCharsets.UTF_8), TEXT);
    }

    @Test
    default void whoseKeyItIs() {
        EncryptedDataKey encrypted = service().encrypt(symmetricKey(), TEXT, NONE);
        assertThat(service().keyOf(encrypted)).contains(idOf(symmetricKey()));
        assertThat(service().keyOf(foreign())).isEmpty();
        for (byte[] info : new byte[][] {new byte[0], {-1}, new byte[EncryptedDataKey.MAX_FIELD_LENGTH]}) {
            assertThat(service().keyOf(new EncryptedDataKey(encrypted.providerId(), info, encrypted.ciphertext())))
                    .isEmpty();
        }
    }

    @Test
    default void theKeysThatAHandleMayOpen() {
        KeyId key = newKey();
        KeyId id = service().describe(key).id();
        assertThat(service().decryptionKeys(id)).containsExactly(id);
        assertThat(service().decryptionKeys(key)).containsExactly(id);
        for (KeyId alias : service().describe(key).aliases()) {
            assertThat(service().decryptionKeys(alias)).containsExactly(id);
        }
    }

    @Test
    default void reEncryption() {
        KeyId source = symmetricKey();
        KeyId destination = newKey();
        EncryptedDataKey encrypted = service().encrypt(source, TEXT, CONTEXT);
        EncryptedDataKey moved = service().reEncrypt(idOf(source), encrypted, CONTEXT, destination, NONE);
        assertThat(service().keyOf(moved)).contains(idOf(destination));
        assertThat(decrypt(destination, moved, NONE)).isEqualTo(TEXT);
        assertInvalid(destination, moved, CONTEXT);
        assertThat(decrypt(source, encrypted, CONTEXT)).as("the old one stays").isEqualTo(TEXT);
        EncryptedDataKey again = service().reEncrypt(idOf(source), encrypted, CONTEXT, source, CONTEXT);
        assertThat(again).isNotEqualTo(encrypted);
        assertThat(decrypt(source, again, CONTEXT)).isEqualTo(TEXT);
    }

    @Test
    default void blobs() {
        KeyId key = symmetricKey();
        EncryptedDataKey encrypted = service().encrypt(key, TEXT, CONTEXT);
        byte[] blob = service().toBlob(encrypted);
        EncryptedDataKey back = service().fromBlob(idOf(key), blob);
        assertThat(decrypt(key, back, CONTEXT)).isEqualTo(TEXT);
        for (byte[] malformed : new byte[][] {{}, {1}, Contract.shorter(blob), new byte[100_000]}) {
            assertThatThrownBy(() -> service().decrypt(idOf(key), service().fromBlob(idOf(key), malformed), CONTEXT))
                    .isInstanceOf(InvalidCiphertextException.class);
        }
    }

    @Test
    default void aKeyThatDoesNotExistDoesNothing() {
        EncryptedDataKey encrypted = service().encrypt(symmetricKey(), TEXT, NONE);
        KeyId id = idOf(symmetricKey());
        for (KeyId key : DirectoryContract.NO_KEYS) {
            assertNotFound(key, () -> service().generateDataKey(key, 32, NONE));
            assertNotFound(key, () -> service().encrypt(key, TEXT, NONE));
            if (has(Feature.LOOKS_ARNS_UP) || !key.value().startsWith("arn:") || key.isAlias()) {
                assertNotFound(key, () -> service().decryptionKeys(key));
            } else {
                assertThat(service().decryptionKeys(key)).containsExactly(key);
            }
            assertNotFound(key, () -> service().reEncrypt(id, encrypted, NONE, key, NONE));
        }
    }

    private static void assertNotFound(KeyId key, Callable<?> call) {
        assertThatThrownBy(call::call).as("%s", key).isInstanceOf(KeyNotFoundException.class);
    }

    @Test
    default void keysOfAnotherUsageDoNotEncrypt() {
        unlessFaulty(ServerFault.IGNORES_KINDS);
        EncryptedDataKey encrypted = service().encrypt(symmetricKey(), TEXT, NONE);
        KeyId id = idOf(symmetricKey());
        for (KeySpec spec : specs()) {
            if (!spec.defaultUsage().equals(KeyUsage.ENCRYPT_DECRYPT)) {
                KeyId key = sharedKey(spec, spec.defaultUsage());
                assertThatThrownBy(() -> service().generateDataKey(key, 32, NONE))
                        .as("%s", spec)
                        .isInstanceOf(InvalidKeyUsageException.class);
                assertThatThrownBy(() -> service().encrypt(key, TEXT, NONE))
                        .as("%s", spec)
                        .isInstanceOf(InvalidKeyUsageException.class);
                assertThatThrownBy(() -> service().reEncrypt(id, encrypted, NONE, key, NONE))
                        .as("%s", spec)
                        .isInstanceOf(InvalidKeyUsageException.class);
            }
        }
    }

    @Test
    default void versionsAreToldByThoseWhoDeclareIt() {
        KeyId key = symmetricKey();
        EncryptedDataKey encrypted = service().encrypt(key, TEXT, CONTEXT);
        Optional<String> version = service().versionOf(idOf(key), encrypted, CONTEXT);
        assertThat(version.isPresent()).isEqualTo(has(Feature.VERSION_OF));
        if (version.isPresent()) {
            assertThat(service().describe(key).currentVersion().map(v -> v.id()))
                    .isEqualTo(version);
        }
    }

    @Test
    default void manyThreadsAtOnce() throws Exception {
        KeyId key = symmetricKey();
        KeyId id = idOf(key);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                EncryptionContext context = EncryptionContext.of(Map.of("task", Integer.toString(i)));
                tasks.add(() -> {
                    try (DataKeyPair pair = service().generateDataKey(key, 32, context);
                            SecretBytes opened = service().decrypt(id, pair.encrypted(), context)) {
                        return Arrays.equals(opened.copy(), pair.plaintext().copy());
                    }
                });
            }
            for (Future<Boolean> result : threads.invokeAll(tasks)) {
                assertThat(result.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    default void capabilitiesAreThoseDeclared() {
        for (Feature feature : Feature.values()) {
            if (feature.capability != null) {
                assertThat(service().capability(feature.capability).isPresent())
                        .as("%s", feature)
                        .isEqualTo(has(feature));
            }
        }
        Set<Class<?>> none = Set.of(String.class, Runnable.class);
        assertThat(none).allMatch(type -> service().capability(type).isEmpty());
    }
}
