package dev.kmsenvelope.s3;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.RawKeysOfS3;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the metadata of an object says about its body (AWS Encryption SDK specification, s3-encryption/data-format/
 * content-metadata.md). Texts, of which {@code B64} is canonical Base64 and {@code JSON} an object of texts:
 *
 * <pre>
 * version 3:  x-amz-c = "115"               x-amz-3 = B64(encrypted data key)
 *             x-amz-w = "02" | "12" | "22"  x-amz-i = B64(message id[28])   x-amz-d = B64(commitment[28])
 *             x-amz-t = JSON context, only with "12"; x-amz-m = JSON description of the key, only with others
 * version 2:  x-amz-cek-alg = "AES/GCM/NoPadding" | "AES/CBC/PKCS5Padding"
 *             x-amz-key-v2 = B64(encrypted data key)
 *             x-amz-wrap-alg = "AES/GCM" | "kms+context" | "RSA-OAEP-SHA1" | "kms"
 *             x-amz-iv = B64(IV[12], or [16] for CBC)   x-amz-tag-len = "128", for GCM; may be missing
 *             x-amz-matdesc = JSON context or description of the key; {} when missing
 * </pre>
 *
 * The body is ciphertext and tag, nothing else. A version's names exclude those of the others. In "12" and {@code kms+context}
 * the encryption context, which the service binds to the data key, has {@code aws:x-amz-cek-alg} = the content algorithm.
 * Nothing else here is authenticated for itself: a changed message id or commitment fails the comparison of the commitment, a
 * changed IV the body's tag.
 *
 * @param algorithm how the body is encrypted
 * @param wrapAlgorithm how the data key is encrypted
 * @param encryptedDataKey the encrypted data key
 * @param context the encryption context that a service bound to the data key; empty where nothing is bound to it
 * @param nonce the message id in version 3, the IV in version 2
 * @param commitment the commitment in version 3, else null
 */
public record ContentMetadata(
        ContentAlgorithm algorithm,
        WrapAlgorithm wrapAlgorithm,
        byte[] encryptedDataKey,
        EncryptionContext context,
        byte[] nonce,
        byte @Nullable [] commitment) {

    /** The pair of the encryption context that names the content algorithm. */
    public static final String ALGORITHM_PAIR = RawKeysOfS3.ALGORITHM_PAIR;

    /** The length of a commitment, in bytes. */
    public static final int COMMITMENT_LENGTH = 28;

    private static final int MAX_TEXT = 4 * (EncryptedDataKey.MAX_FIELD_LENGTH / 3 + 1);

    /**
     * Reads metadata.
     *
     * @param pairs names as {@link MetadataName#select} gives them, and values
     * @return what they say
     * @throws InvalidMessageException if they are anything but one version's, whole and known
     */
    public static ContentMetadata parse(Map<String, String> pairs) throws InvalidMessageException {
        if (pairs.keySet().stream().anyMatch(name -> name.startsWith(MetadataName.USER_PREFIX))) {
            throw new InvalidMessageException(Reason.MALFORMED, "the metadata has a name twice, with two values");
        }
        boolean isVersion3 = pairs.keySet().stream().anyMatch(MetadataName::isVersion3);
        if (pairs.isEmpty()) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "the metadata is not that of an object of the Amazon S3 Encryption Client");
        }
        if (isVersion3 && !pairs.keySet().stream().allMatch(MetadataName::isVersion3)) {
            throw new InvalidMessageException(Reason.MALFORMED, "the metadata mixes version 3 with an older one");
        }
        if (pairs.containsKey(MetadataName.KEY_V1)) {
            throw pairs.containsKey(MetadataName.KEY_V2)
                    ? new InvalidMessageException(Reason.MALFORMED, "the metadata mixes versions 1 and 2")
                    : new InvalidMessageException(
                            Reason.NOT_ALLOWED,
                            "the data key is encrypted as in version 1, with AES in ECB mode or RSA with PKCS#1 v1.5");
        }
        return isVersion3 ? version3(pairs) : version2(pairs);
    }

    private static ContentMetadata version3(Map<String, String> pairs) throws InvalidMessageException {
        ContentAlgorithm algorithm = algorithm(pairs, MetadataName.CONTENT_ALGORITHM_V3, ContentAlgorithm.COMMITTING);
        WrapAlgorithm wrapAlgorithm = wrapAlgorithm(3, pairs, MetadataName.WRAP_ALGORITHM_V3);
        boolean bindsContext = wrapAlgorithm.isOfService();
        if (pairs.containsKey(bindsContext ? MetadataName.DESCRIPTION_V3 : MetadataName.CONTEXT_V3)) {
            throw new InvalidMessageException(
                    Reason.MALFORMED,
                    "the metadata has an encryption context or a description of the key, and the other one is due");
        }
        Map<String, String> description =
                json(pairs, bindsContext ? MetadataName.CONTEXT_V3 : MetadataName.DESCRIPTION_V3);
        return new ContentMetadata(
                algorithm,
                wrapAlgorithm,
                bytes(pairs, MetadataName.KEY_V3),
                context(algorithm, wrapAlgorithm, description),
                bytes(pairs, MetadataName.MESSAGE_ID_V3, algorithm.nonceLength()),
                bytes(pairs, MetadataName.COMMITMENT_V3, COMMITMENT_LENGTH));
    }

    private static ContentMetadata version2(Map<String, String> pairs) throws InvalidMessageException {
        ContentAlgorithm algorithm =
                algorithm(pairs, MetadataName.CONTENT_ALGORITHM_V2, ContentAlgorithm.GCM, ContentAlgorithm.CBC);
        WrapAlgorithm wrapAlgorithm = wrapAlgorithm(2, pairs, MetadataName.WRAP_ALGORITHM_V2);
        String tagLength = pairs.get(MetadataName.TAG_LENGTH_V2);
        if (tagLength != null && !(algorithm == ContentAlgorithm.GCM && tagLength.equals("128"))) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED, "a tag length other than 128 bits, or one where there is no tag");
        }
        return new ContentMetadata(
                algorithm,
                wrapAlgorithm,
                bytes(pairs, MetadataName.KEY_V2),
                context(algorithm, wrapAlgorithm, json(pairs, MetadataName.DESCRIPTION_V2)),
                bytes(pairs, MetadataName.IV_V2, algorithm.nonceLength()),
                null);
    }

    private static ContentAlgorithm algorithm(Map<String, String> pairs, String name, ContentAlgorithm... allowed)
            throws InvalidMessageException {
        String value = text(pairs, name);
        for (ContentAlgorithm algorithm : allowed) {
            if (algorithm.algorithmName().equals(value)) {
                return algorithm;
            }
        }
        throw new InvalidMessageException(Reason.NOT_ALLOWED, name + " is none of the algorithms of its version");
    }

    private static WrapAlgorithm wrapAlgorithm(int version, Map<String, String> pairs, String name)
            throws InvalidMessageException {
        WrapAlgorithm algorithm = WrapAlgorithm.of(version, text(pairs, name));
        if (algorithm == null) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED, name + " is no algorithm for data keys that is supported");
        }
        return algorithm;
    }

    /** The context that is bound to the data key, which has to name the algorithm that the metadata names. */
    private static EncryptionContext context(
            ContentAlgorithm algorithm, WrapAlgorithm wrapAlgorithm, Map<String, String> description)
            throws InvalidMessageException {
        if (!wrapAlgorithm.isOfService()) {
            return EncryptionContext.empty(); // a description is bound to nothing, so it proves nothing
        }
        String named = description.get(ALGORITHM_PAIR);
        if (wrapAlgorithm == WrapAlgorithm.KMS && named != null) {
            // the data key is one of kms+context: relabelled, it would serve another algorithm than it was made for
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED, ALGORITHM_PAIR + " in the encryption context of a data key of kms");
        }
        if (wrapAlgorithm == WrapAlgorithm.KMS_CONTEXT
                && !algorithm.algorithmName().equals(named)) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    ALGORITHM_PAIR + " in the encryption context is not the algorithm that the metadata names");
        }
        try {
            return EncryptionContext.ofMessage(description);
        } catch (IllegalArgumentException e) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "the metadata has no possible encryption context: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> json(Map<String, String> pairs, String name) throws InvalidMessageException {
        try {
            return pairs.containsKey(name) ? FlatJson.read(text(pairs, name)) : Map.of();
        } catch (InvalidMessageException e) {
            throw new InvalidMessageException(e.reason(), name + " is " + e.getMessage(), e);
        }
    }

    private static String text(Map<String, String> pairs, String name) throws InvalidMessageException {
        String value = pairs.get(name);
        if (value == null) {
            throw new InvalidMessageException(Reason.MALFORMED, "the metadata lacks " + name);
        }
        if (value.length() > MAX_TEXT) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED, name + " has " + value.length() + " characters; at most " + MAX_TEXT);
        }
        return value;
    }

    /** Canonical, so that no two texts stand for the same bytes. */
    private static byte[] bytes(Map<String, String> pairs, String name) throws InvalidMessageException {
        String value = text(pairs, name);
        try {
            byte[] decoded = Base64.getDecoder().decode(value);
            if (decoded.length > 0
                    && decoded.length <= EncryptedDataKey.MAX_FIELD_LENGTH
                    && base64(decoded).equals(value)) {
                return decoded;
            }
        } catch (IllegalArgumentException e) {
            // says which character, and the text below what is expected
        }
        throw new InvalidMessageException(
                Reason.MALFORMED,
                name + " is not the Base64 of 1 to " + EncryptedDataKey.MAX_FIELD_LENGTH + " bytes, with padding");
    }

    private static byte[] bytes(Map<String, String> pairs, String name, int length) throws InvalidMessageException {
        byte[] decoded = bytes(pairs, name);
        if (decoded.length != length) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, name + " has " + decoded.length + " bytes and not " + length);
        }
        return decoded;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /**
     * The context that the data key was encrypted with. Where the key is at hand, that is the algorithm alone.
     *
     * @return the context, for the service
     */
    EncryptionContext boundContext() {
        return wrapAlgorithm.isOfService()
                ? context
                : EncryptionContext.of(Map.of(ALGORITHM_PAIR, algorithm.algorithmName()));
    }

    /**
     * The encryption context without what the format adds to it.
     *
     * @return the caller's pairs
     */
    EncryptionContext callersContext() {
        Map<String, String> pairs = new TreeMap<>(context.asMap());
        pairs.remove(ALGORITHM_PAIR);
        return EncryptionContext.ofMessage(pairs);
    }

    /**
     * Writes metadata.
     *
     * @return names and values, all in ASCII
     */
    public Map<String, String> toPairs() {
        Map<String, String> pairs = new TreeMap<>();
        int version = commitment == null ? 2 : 3;
        if (commitment != null) {
            pairs.put(MetadataName.CONTENT_ALGORITHM_V3, algorithm.algorithmName());
            pairs.put(MetadataName.KEY_V3, base64(encryptedDataKey));
            pairs.put(MetadataName.WRAP_ALGORITHM_V3, wrapAlgorithm.name(version));
            pairs.put(MetadataName.MESSAGE_ID_V3, base64(nonce));
            pairs.put(MetadataName.COMMITMENT_V3, base64(commitment));
            if (wrapAlgorithm.isOfService()) {
                pairs.put(MetadataName.CONTEXT_V3, FlatJson.write(context.asMap()));
            }
        } else {
            pairs.put(MetadataName.CONTENT_ALGORITHM_V2, algorithm.algorithmName());
            pairs.put(MetadataName.KEY_V2, base64(encryptedDataKey));
            pairs.put(MetadataName.WRAP_ALGORITHM_V2, wrapAlgorithm.name(version));
            pairs.put(MetadataName.IV_V2, base64(nonce));
            pairs.put(MetadataName.TAG_LENGTH_V2, String.valueOf(8 * algorithm.tagLength()));
            pairs.put(MetadataName.DESCRIPTION_V2, FlatJson.write(context.asMap()));
        }
        return pairs;
    }
}
