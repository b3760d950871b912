package dev.kmsenvelope.testing;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.format.EncryptedDataKeyEntry;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.keyring.RawAesKeyring;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A key service for tests: AES keys in memory, in the raw AES layout, with a count of its calls and a fault that can be made
 * to hit every call. Key names are their ids; there are no aliases.
 */
public final class InMemoryKeyService implements KeyService {

    public static final String NAMESPACE = "in-memory";

    public final AtomicInteger generated = new AtomicInteger();
    public final AtomicInteger decrypted = new AtomicInteger();
    public final List<SecretBytes> handedOut = Collections.synchronizedList(new ArrayList<>());

    private final Map<String, byte[]> keys = new LinkedHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private volatile Supplier<? extends RuntimeException> fault = () -> null;

    /** Adds a key under a name. */
    public InMemoryKeyService withKey(String name, byte[] key) {
        keys.put(name, key.clone());
        return this;
    }

    /** Adds a random 256-bit key under a name. */
    public InMemoryKeyService withKey(String name) {
        byte[] key = new byte[32];
        random.nextBytes(key);
        return withKey(name, key);
    }

    /** The key of a name, for the library on the other side. */
    public byte[] key(String name) {
        return keys.get(name).clone();
    }

    /** Makes every call fail with what is supplied, or work again when that is null. */
    public void failWith(Supplier<? extends RuntimeException> fault) {
        this.fault = fault;
    }

    private RawAesKeyring keyring(KeyId key) {
        RuntimeException failure = fault.get();
        if (failure != null) {
            throw failure;
        }
        byte[] bytes = keys.get(key.value());
        if (bytes == null) {
            throw new KeyNotFoundException("there is no key " + key);
        }
        return new RawAesKeyring(
                NAMESPACE, key.value(), () -> AesGcm.of(GcmProvider.find(GcmProvider.AUTO), bytes), random);
    }

    @Override
    public String name() {
        return "in-memory";
    }

    @Override
    public KeyDescription describe(KeyId key) {
        keyring(key);
        return new KeyDescription(
                key,
                List.of(),
                KeySpec.SYMMETRIC_DEFAULT,
                KeyUsage.ENCRYPT_DECRYPT,
                KeyState.ENABLED,
                Instant.EPOCH,
                List.of(),
                null);
    }

    @Override
    public List<KeyDescription> list() {
        return keys.keySet().stream().map(KeyId::of).map(this::describe).toList();
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        keyring(key);
        return Set.of(key);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        try {
            return encrypted.providerId().equals(NAMESPACE)
                    ? Optional.of(KeyId.of(
                            RawAesKeyInfo.parse(encrypted.providerInfo()).keyName()))
                    : Optional.empty();
        } catch (InvalidMessageException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        generated.incrementAndGet();
        byte[] plaintext = new byte[numberOfBytes];
        random.nextBytes(plaintext);
        EncryptedDataKey encrypted = keyring(key).wrap(plaintext, context);
        SecretBytes secret = SecretBytes.owning(plaintext);
        handedOut.add(secret);
        return new DataKeyPair(secret, encrypted);
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        return keyring(key).wrap(plaintext, context);
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        decrypted.incrementAndGet();
        SecretBytes secret = keyring(key).unwrap(encrypted, context);
        handedOut.add(secret);
        return secret;
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        try (SecretBytes plaintext = decrypt(source, encrypted, sourceContext)) {
            return encrypt(destination, plaintext.copy(), destinationContext);
        }
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encrypted) {
        return EncryptedDataKeyEntry.serialize(encrypted);
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        try {
            return EncryptedDataKeyEntry.parse(blob);
        } catch (InvalidMessageException e) {
            throw new InvalidCiphertextException("not an encrypted data key entry", e);
        }
    }

    @Override
    public void close() {
        keys.values().forEach(key -> java.util.Arrays.fill(key, (byte) 0));
    }
}
