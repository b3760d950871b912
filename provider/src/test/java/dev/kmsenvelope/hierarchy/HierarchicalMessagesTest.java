package dev.kmsenvelope.hierarchy;

import static dev.kmsenvelope.testing.Ciphers.random;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.format.EncryptedDataKeyEntry;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyDisabledException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.KmsThrottledException;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import dev.kmsenvelope.provider.KmsSecretKey;
import dev.kmsenvelope.testing.Ciphers;
import dev.kmsenvelope.testing.Crowd;
import dev.kmsenvelope.testing.MemoryBranchKeys;
import dev.kmsenvelope.testing.Messages;
import java.nio.ByteBuffer;
import java.security.Key;
import java.security.ProviderException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class HierarchicalMessagesTest {

    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("a", "b"));

    private final MemoryBranchKeys store = new MemoryBranchKeys().withKey("one").withKey("other");
    private final KeyService service = BranchKeys.service(store, BranchKeyCacheSettings.defaults());
    private final KmsSecretKey one = Ciphers.uncachedHandle(service, "one");

    private static byte[] encrypt(Key key, byte[] plaintext) throws Exception {
        return Ciphers.ours(Ciphers.ENVELOPE, Cipher.ENCRYPT_MODE, key).doFinal(plaintext);
    }

    private static byte[] decrypt(Key key, byte[] message) throws Exception {
        return Ciphers.ours(Ciphers.ENVELOPE, Cipher.DECRYPT_MODE, key).doFinal(message);
    }

    @Test
    void aMessageComesBackWithoutACallPerMessage() throws Exception {
        for (int size : new int[] {0, 1, 1000, 200_000}) {
            assertThat(decrypt(one, encrypt(one, random(size)))).isEqualTo(random(size));
        }
        assertThat(store.calls).as("the active one, and its version").hasValue(2);
        EncryptedDataKey encrypted =
                Messages.header(encrypt(one, random(1))).encryptedDataKeys().get(0);
        assertThat(encrypted.providerId()).isEqualTo("aws-kms-hierarchy");
        assertThat(service.keyOf(encrypted)).contains(KeyId.of("one"));
        assertThat(service.versionOf(KeyId.of("one"), encrypted, EncryptionContext.empty()))
                .contains(store.activeVersion("one").toString());
    }

    @Test
    void aNameWithAliasBeforeItIsTheSameKey() throws Exception {
        byte[] message = encrypt(Ciphers.handle(service, "alias/one"), random(5));
        assertThat(decrypt(one, message)).isEqualTo(random(5));
        KeyDescription description = service.describe(KeyId.of("alias/one"));
        assertThat(description.id()).isEqualTo(KeyId.of("one"));
        assertThat(description.aliases()).containsExactly(KeyId.of("alias/one"));
        assertThat(service.list()).extracting(KeyDescription::id).containsExactly(KeyId.of("one"), KeyId.of("other"));
    }

    @Test
    void anOlderVersionStillOpens() throws Exception {
        byte[] before = encrypt(one, random(10));
        store.rotate("one");
        try (KeyService fresh = BranchKeys.service(store, BranchKeyCacheSettings.defaults())) {
            KmsSecretKey handle = Ciphers.handle(fresh, "one");
            byte[] after = encrypt(handle, random(11));
            assertThat(decrypt(handle, before)).isEqualTo(random(10));
            assertThat(decrypt(one, after)).isEqualTo(random(11));
        }
    }

    /** RULES 3: another tenant's message does not open, whatever is done to the names in it. */
    @Test
    void tenantsDoNotReadEachOther() throws Exception {
        KmsSecretKey other = Ciphers.handle(service, "other");
        byte[] message = encrypt(one, random(10));
        assertThatThrownBy(() -> decrypt(other, message)).isInstanceOf(AEADBadTagException.class);

        EncryptedDataKey theirs = service.encrypt(KeyId.of("one"), random(32), CONTEXT);
        EncryptedDataKey renamed = new EncryptedDataKey(
                theirs.providerId(), "other".getBytes(java.nio.charset.StandardCharsets.UTF_8), theirs.ciphertext());
        assertThatThrownBy(() -> service.decrypt(KeyId.of("other"), theirs, CONTEXT))
                .isInstanceOf(InvalidCiphertextException.class);
        assertThatThrownBy(() -> service.decrypt(KeyId.of("other"), renamed, CONTEXT))
                .as("there is no such version of the other branch key")
                .isInstanceOf(KeyNotFoundException.class);
    }

    /** Only a changed version is answered otherwise: as by any service that does not know the key. */
    @Test
    @DisplayName("RULES 19: every flipped bit of an encrypted data key in a message is refused")
    void everyFlippedBit() throws Exception {
        byte[] message = encrypt(one, random(100));
        byte[] entry = EncryptedDataKeyEntry.serialize(
                Messages.header(message).encryptedDataKeys().get(0));
        int start = indexOf(message, entry);
        int version = start + entry.length - 16 - 32 - 16;
        for (int bit = 0; bit < 8 * entry.length; bit++) {
            byte[] changed = message.clone();
            int at = start + bit / 8;
            changed[at] ^= (byte) (1 << bit % 8);
            Throwable failure = catchThrowable(() -> decrypt(one, changed));
            assertThat(failure)
                    .as("bit %d", bit)
                    .isInstanceOf(
                            at >= version && at < version + 16
                                    ? KeyNotFoundException.class
                                    : AEADBadTagException.class);
        }
    }

    private static int indexOf(byte[] bytes, byte[] part) {
        for (int i = 0; i <= bytes.length - part.length; i++) {
            if (ByteBuffer.wrap(bytes, i, part.length).equals(ByteBuffer.wrap(part))) {
                return i;
            }
        }
        throw new AssertionError("not there");
    }

    @Test
    void everyTruncationIsRefused() throws Exception {
        byte[] message = encrypt(one, random(50));
        for (int length = 1; length < message.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(message, length);
            assertThatThrownBy(() -> decrypt(one, cut)).as("cut at %d", length).isInstanceOf(AEADBadTagException.class);
        }
    }

    @Test
    void aMissingVersionIsNamed() throws Exception {
        byte[] message = encrypt(one, random(10));
        UUID version = store.activeVersion("one");
        store.remove("one", version);
        assertThatThrownBy(() -> decrypt(one, message))
                .isInstanceOf(KeyNotFoundException.class)
                .hasMessageContaining(version.toString());
    }

    @Test
    void aWrongContextIsRefused() throws Exception {
        EncryptedDataKey encrypted = service.encrypt(KeyId.of("one"), random(32), CONTEXT);
        assertThatThrownBy(() -> service.decrypt(KeyId.of("one"), encrypted, EncryptionContext.of(Map.of("a", "c"))))
                .isInstanceOf(InvalidCiphertextException.class);
        byte[] message = encrypt(one, random(5));
        Cipher cipher = Ciphers.ours(
                Ciphers.ENVELOPE,
                Cipher.DECRYPT_MODE,
                one,
                EnvelopeParameterSpec.builder().context(Map.of("tenant", "x")).build());
        assertThatThrownBy(() -> cipher.doFinal(message)).isInstanceOf(AEADBadTagException.class);
    }

    /** RULES 19: what the store fails with is what the caller sees. */
    @Test
    void aFailingStoreIsAFailingService() throws Exception {
        byte[] message = encrypt(one, random(5));
        for (KmsException failure : List.of(
                new KmsUnavailableException("down", null),
                new KmsThrottledException("busy", null),
                new KeyAccessDeniedException("denied", null),
                new KeyDisabledException("disabled", null),
                new BranchKeyStoreException("changed", null))) {
            store.failWith(() -> failure);
            try (KeyService fresh = BranchKeys.service(store, BranchKeyCacheSettings.defaults())) {
                KmsSecretKey handle = Ciphers.handle(fresh, "one");
                assertThatThrownBy(() -> encrypt(handle, random(5)))
                        .isInstanceOf(ProviderException.class)
                        .isInstanceOf(failure.getClass());
                assertThatThrownBy(() -> decrypt(handle, message)).isInstanceOf(failure.getClass());
            }
        }
        store.failWith(() -> new IllegalStateException("a fault in the store"));
        try (KeyService fresh = BranchKeys.service(store, BranchKeyCacheSettings.defaults())) {
            assertThatThrownBy(() -> fresh.encrypt(KeyId.of("one"), random(5), CONTEXT))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aKeyThatIsNotThereIsNotFound() {
        assertThatThrownBy(() -> encrypt(Ciphers.handle(service, "nobody"), random(5)))
                .isInstanceOf(KeyNotFoundException.class);
        assertThatThrownBy(() -> service.describe(KeyId.of("nobody"))).isInstanceOf(KeyNotFoundException.class);
    }

    @Test
    void dataKeysReEncryptionAndBlobs() {
        KeyId from = KeyId.of("one");
        KeyId to = KeyId.of("other");
        try (DataKeyPair pair = service.generateDataKey(from, 32, CONTEXT)) {
            EncryptedDataKey moved = service.reEncrypt(from, pair.encrypted(), CONTEXT, to, EncryptionContext.empty());
            EncryptedDataKey back = service.fromBlob(to, service.toBlob(moved));
            try (SecretBytes plaintext = service.decrypt(to, back, EncryptionContext.empty())) {
                assertThat(plaintext.copy()).isEqualTo(pair.plaintext().copy());
            }
        }
        assertThatThrownBy(() -> service.generateDataKey(from, 1025, CONTEXT))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> service.encrypt(from, new byte[4097], CONTEXT))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void oneHandleServesManyThreads() throws Exception {
        Crowd.each(8, thread -> () -> {
            for (int i = 0; i < 50; i++) {
                assertThat(decrypt(one, encrypt(one, random(thread * 100 + i)))).isEqualTo(random(thread * 100 + i));
            }
            return null;
        });
        assertThat(store.calls).hasValue(2);
    }

    /** Very many tenants: two calls each, however many messages; and no more keys in memory than are allowed. */
    @Test
    void tenThousandBranchKeys() throws Exception {
        int tenants = 10_000;
        for (int i = 0; i < tenants; i++) {
            store.rotate("tenant-" + i);
        }
        KeyService roomy = BranchKeys.service(store, new BranchKeyCacheSettings(Duration.ofMinutes(10), 2 * tenants));
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < tenants; i++) {
                KeyId key = KeyId.of("tenant-" + i);
                try (DataKeyPair pair = roomy.generateDataKey(key, 32, CONTEXT);
                        SecretBytes back = roomy.decrypt(key, pair.encrypted(), CONTEXT)) {
                    assertThat(back.length()).isEqualTo(32);
                }
            }
            assertThat(store.calls).hasValue(2 * tenants);
        }
        roomy.close();
        assertThat(store.handedOut).allMatch(key -> key.key().isDestroyed());
    }

    @Test
    void aClosedServiceIsClosed() {
        service.close();
        assertThatThrownBy(() -> encrypt(one, random(5))).isInstanceOf(KeyServiceClosedException.class);
        assertThatThrownBy(() -> service.list()).isInstanceOf(KeyServiceClosedException.class);
    }
}
