package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.kms.KeyId;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A private key, encrypted under a key of the main service, and its certificates.
 *
 * @param alias the name of the entry
 * @param created when the entry was made
 * @param key the key that it is encrypted under: a key id or ARN
 * @param context the caller's pairs in the encryption context, as in {@link DataKeyEntry}
 * @param algorithm the private key's algorithm in JCA, 1 to 64 printable ASCII characters: {@code RSA}, {@code EC}
 * @param message its PKCS #8 form as one AWS Encryption SDK message, at most 1 MiB; copied
 * @param chain certificates in DER, its own first, 1 to 32 of at most 65536 bytes; copied. Not parsed here
 */
public record PrivateKeyEntry(
        String alias,
        Instant created,
        KeyId key,
        Map<String, String> context,
        String algorithm,
        byte[] message,
        List<byte[]> chain)
        implements StoreEntry {

    static final String KIND = "private-key";

    /**
     * Checks and copies the fields.
     *
     * @throws IllegalArgumentException if one is not as it should be
     */
    public PrivateKeyEntry {
        alias = EntryFields.alias(alias);
        created = EntryFields.created(created);
        Objects.requireNonNull(key, "key");
        context = EntryContext.requireOwn(context);
        algorithm = EntryContext.requireAlgorithm(algorithm);
        message = Bytes.require(message, StoreLimits.MESSAGE, "an encrypted private key");
        StoreLimits.require(
                !chain.isEmpty() && chain.size() <= StoreLimits.CHAIN,
                chain,
                "a private key has 1 to " + StoreLimits.CHAIN + " certificates, not " + chain.size());
        chain = chain.stream()
                .map(certificate -> Bytes.require(certificate, StoreLimits.CERTIFICATE, "a certificate"))
                .toList();
    }

    /**
     * The encrypted private key.
     *
     * @return a copy
     */
    @Override
    public byte[] message() {
        return message.clone();
    }

    /**
     * The certificates.
     *
     * @return an unmodifiable list of copies, the key's own certificate first
     */
    @Override
    public List<byte[]> chain() {
        return Bytes.copy(chain);
    }

    /**
     * This entry with other certificates for the same key, which needs no key service.
     *
     * @param others as {@link #chain()}
     * @return the new entry
     * @throws IllegalArgumentException if there are none, or too many
     */
    public PrivateKeyEntry withChain(List<byte[]> others) {
        return new PrivateKeyEntry(alias, created, key, context, algorithm, message, others);
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PrivateKeyEntry that
                && alias.equals(that.alias)
                && created.equals(that.created)
                && key.equals(that.key)
                && context.equals(that.context)
                && algorithm.equals(that.algorithm)
                && Arrays.equals(message, that.message)
                && Bytes.equal(chain, that.chain);
    }

    @Override
    public int hashCode() {
        return 31 * alias.hashCode() + Arrays.hashCode(message) + Bytes.hash(chain);
    }

    /** Names no value of the context. */
    @Override
    public String toString() {
        return "PrivateKeyEntry[" + alias + ", " + algorithm + "]";
    }
}
