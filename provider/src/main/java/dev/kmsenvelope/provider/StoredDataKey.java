package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import java.util.Arrays;
import java.util.Objects;

/**
 * A data key as a keystore file keeps it: encrypted under a key of a service. None of it is secret. Immutable and
 * thread-safe; arrays are copied in and out.
 *
 * @param name its alias in the file; at least one character
 * @param version from 1; the newest one of an alias has the highest
 * @param usage the one thing that it is used for
 * @param length how long the key is, in bytes; one that the usage {@linkplain DataKeyUsage#accepts accepts}
 * @param key the key of the main service that encrypted it: an alias, key id or ARN
 * @param blob the encrypted key, as {@link KeyService#toBlob} gave it; 1 to 131072 bytes
 * @param context bound to the encrypted key: the same is needed to decrypt it
 * @param maxMessages how many messages one process may encrypt under it with IVs that are generated (RULES 10), 1 to 2^32;
 *     means nothing for KW, KWP and HMAC
 * @param extractable whether the key may be given out in the clear
 */
public record StoredDataKey(
        String name,
        int version,
        DataKeyUsage usage,
        int length,
        KeyId key,
        byte[] blob,
        EncryptionContext context,
        long maxMessages,
        boolean extractable) {

    /** How many messages one process may encrypt when nothing else is said: 2^26, for 64 processes to stay below 2^32. */
    public static final long DEFAULT_MAX_MESSAGES = 1L << 26;

    /** The most messages that can be allowed: 2^32, the bound for random IVs of 96 bits in NIST SP 800-38D. */
    public static final long MOST_MESSAGES = 1L << 32;

    /** The longest encrypted key, in bytes. */
    public static final int MAX_BLOB = 1 << 17;

    /**
     * Checks the values and copies the array.
     *
     * @param name its alias in the file
     * @param version from 1
     * @param usage the one thing that it is used for
     * @param length how long the key is, in bytes
     * @param key the key of the main service that encrypted it
     * @param blob the encrypted key; copied
     * @param context bound to the encrypted key
     * @param maxMessages how many messages one process may encrypt with IVs that are generated
     * @param extractable whether the key may be given out in the clear
     * @throws IllegalArgumentException if a value is out of its range
     */
    public StoredDataKey {
        Objects.requireNonNull(usage, "usage");
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(context, "context");
        require(!name.isEmpty(), "a stored data key has a name");
        require(version >= 1, "versions start from 1, this one is " + version);
        require(usage.accepts(length), "a key for " + usage.transformation() + " cannot have " + length + " bytes");
        require(blob.length >= 1 && blob.length <= MAX_BLOB, "an encrypted key has 1 to " + MAX_BLOB + " bytes");
        require(
                maxMessages >= 1 && maxMessages <= MOST_MESSAGES,
                "a process may encrypt 1 to " + MOST_MESSAGES + " messages, not " + maxMessages);
        blob = blob.clone();
    }

    /**
     * One that is not given out in the clear.
     *
     * @param name its alias in the file
     * @param version from 1
     * @param usage the one thing that it is used for
     * @param length how long the key is, in bytes
     * @param key the key of the main service that encrypted it
     * @param blob the encrypted key; copied
     * @param context bound to the encrypted key
     * @param maxMessages how many messages one process may encrypt with IVs that are generated
     * @throws IllegalArgumentException if a value is out of its range
     */
    public StoredDataKey(
            String name,
            int version,
            DataKeyUsage usage,
            int length,
            KeyId key,
            byte[] blob,
            EncryptionContext context,
            long maxMessages) {
        this(name, version, usage, length, key, blob, context, maxMessages, false);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /**
     * The encrypted key.
     *
     * @return a copy
     */
    @Override
    public byte[] blob() {
        return blob.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoredDataKey that
                && name.equals(that.name)
                && version == that.version
                && usage == that.usage
                && length == that.length
                && key.equals(that.key)
                && Arrays.equals(blob, that.blob)
                && context.equals(that.context)
                && maxMessages == that.maxMessages
                && extractable == that.extractable;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * name.hashCode() + version) + Arrays.hashCode(blob);
    }

    /** Without the context and the encrypted key, which do not belong in logs (RULES 20). */
    @Override
    public String toString() {
        return "StoredDataKey[" + name + "@" + version + ", " + usage.transformation() + ", " + length * Byte.SIZE
                + " bits, under " + key + "]";
    }
}
