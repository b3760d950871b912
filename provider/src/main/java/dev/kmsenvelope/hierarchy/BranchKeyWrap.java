package dev.kmsenvelope.hierarchy;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.crypto.Hmac;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.ProviderException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import javax.crypto.AEADBadTagException;

/**
 * How a branch key encrypts data keys: the ciphertext of the AWS Encryption SDK's hierarchical keyring.
 *
 * <pre>
 * provider id    "aws-kms-hierarchy"
 * provider info  branch key id (UTF-8)
 * ciphertext     salt[16] | IV[12] | version[16], a UUID | encrypted key | tag[16]
 *
 * wrapping key   HMAC-SHA256(branch key, 00000001 | "aws-kms-hierarchy" | 00 | salt | 00000100)
 * AAD            "aws-kms-hierarchy" | branch key id | version[16] | serialized encryption context
 * </pre>
 *
 * The wrapping key is one block of the KDF in counter mode of NIST SP 800-108, with a counter and a length of 32 bits each.
 * Salt and IV are random, 224 bits together, so the number of data keys under one branch key needs no limit in practice. The
 * AAD is not injective in the id alone, but the id decides about the branch key. Thread-safe.
 */
final class BranchKeyWrap {

    static final String PROVIDER_ID = "aws-kms-hierarchy";

    private static final int SALT_LENGTH = 16;
    private static final int VERSION_LENGTH = 16;
    private static final int HEAD_LENGTH = SALT_LENGTH + AesGcm.NONCE_LENGTH + VERSION_LENGTH;
    private static final int KEY_BITS = 256;
    private static final String PRF = "HmacSHA256";
    private static final byte[] LABEL = PROVIDER_ID.getBytes(StandardCharsets.US_ASCII);

    private final Provider gcm = GcmProvider.find(GcmProvider.AUTO);
    private final SecureRandom random;

    BranchKeyWrap(SecureRandom random) {
        this.random = random;
    }

    /** The branch key that an encrypted data key names; empty if it is of another kind or malformed. */
    static Optional<String> id(EncryptedDataKey encrypted) {
        if (!encrypted.providerId().equals(PROVIDER_ID)) {
            return Optional.empty();
        }
        try {
            return Optional.of(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(encrypted.providerInfo()))
                    .toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /**
     * The version of the branch key that an encrypted data key names.
     *
     * @throws InvalidCiphertextException if it is too short, or too long, to be one
     */
    static UUID version(EncryptedDataKey encrypted, int maxPlaintext) {
        byte[] ciphertext = encrypted.ciphertext();
        int shortest = HEAD_LENGTH + 1 + AesGcm.TAG_LENGTH;
        if (ciphertext.length < shortest || ciphertext.length >= shortest + maxPlaintext) {
            throw new InvalidCiphertextException("what a branch key encrypts has " + shortest + " to "
                    + (shortest + maxPlaintext - 1) + " bytes, not " + ciphertext.length);
        }
        ByteBuffer in = ByteBuffer.wrap(ciphertext, SALT_LENGTH + AesGcm.NONCE_LENGTH, VERSION_LENGTH);
        return new UUID(in.getLong(), in.getLong());
    }

    /** Encrypts a key. */
    EncryptedDataKey wrap(BranchKey branchKey, byte[] plaintext, EncryptionContext context) {
        byte[] salt = new byte[SALT_LENGTH];
        byte[] iv = new byte[AesGcm.NONCE_LENGTH];
        random.nextBytes(salt);
        random.nextBytes(iv);
        byte[] id = branchKey.id().getBytes(StandardCharsets.UTF_8);
        byte[] version = bytes(branchKey.version());
        try (AesGcm cipher = cipher(branchKey, salt)) {
            byte[] sealed = cipher.encrypt(iv, plaintext, LABEL, id, version, context.serialize());
            return new EncryptedDataKey(
                    PROVIDER_ID,
                    id,
                    ByteBuffer.allocate(HEAD_LENGTH + sealed.length)
                            .put(salt)
                            .put(iv)
                            .put(version)
                            .put(sealed)
                            .array());
        }
    }

    /**
     * Decrypts a key.
     *
     * @throws InvalidCiphertextException if it was changed, is of another branch key, or is bound to another context
     */
    SecretBytes unwrap(BranchKey branchKey, EncryptedDataKey encrypted, EncryptionContext context) {
        byte[] ciphertext = encrypted.ciphertext();
        byte[] salt = Arrays.copyOf(ciphertext, SALT_LENGTH);
        byte[] iv = Arrays.copyOfRange(ciphertext, SALT_LENGTH, SALT_LENGTH + AesGcm.NONCE_LENGTH);
        byte[] sealed = Arrays.copyOfRange(ciphertext, HEAD_LENGTH, ciphertext.length);
        try (AesGcm cipher = cipher(branchKey, salt)) {
            return SecretBytes.owning(cipher.decrypt(
                    iv,
                    sealed,
                    LABEL,
                    branchKey.id().getBytes(StandardCharsets.UTF_8),
                    bytes(branchKey.version()),
                    context.serialize()));
        } catch (AEADBadTagException e) {
            throw new InvalidCiphertextException(
                    "the branch key " + branchKey.id() + " did not encrypt this, or not with this encryption context",
                    e);
        }
    }

    private AesGcm cipher(BranchKey branchKey, byte[] salt) {
        byte[] key = branchKey.key().copy();
        byte[] derived = null;
        try {
            derived = derive(key, salt);
            return AesGcm.of(gcm, derived);
        } finally {
            Arrays.fill(key, (byte) 0);
            if (derived != null) {
                Arrays.fill(derived, (byte) 0);
            }
        }
    }

    /** The wrapping key, which the caller wipes. */
    static byte[] derive(byte[] branchKey, byte[] salt) {
        byte[] input = ByteBuffer.allocate(4 + LABEL.length + 1 + salt.length + 4)
                .putInt(1)
                .put(LABEL)
                .put((byte) 0)
                .put(salt)
                .putInt(KEY_BITS)
                .array();
        try {
            return Hmac.compute(PRF, branchKey, input);
        } catch (GeneralSecurityException e) {
            throw new ProviderException("this Java runtime does not offer " + PRF, e);
        }
    }

    private static byte[] bytes(UUID version) {
        return ByteBuffer.allocate(VERSION_LENGTH)
                .putLong(version.getMostSignificantBits())
                .putLong(version.getLeastSignificantBits())
                .array();
    }
}
