package dev.kmsenvelope.s3;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The names of content metadata, as the specification of the Amazon S3 Encryption Client has them, by version. */
public final class MetadataName {

    /** Version 1: the encrypted data key. */
    public static final String KEY_V1 = "x-amz-key";

    /** Version 2: the encrypted data key. */
    public static final String KEY_V2 = "x-amz-key-v2";

    /** Version 2: how the data key is encrypted. */
    public static final String WRAP_ALGORITHM_V2 = "x-amz-wrap-alg";

    /** Version 2: how the body is encrypted. */
    public static final String CONTENT_ALGORITHM_V2 = "x-amz-cek-alg";

    /** Version 2: the length of the tag, in bits. */
    public static final String TAG_LENGTH_V2 = "x-amz-tag-len";

    /** Versions 1 and 2: the IV. */
    public static final String IV_V2 = "x-amz-iv";

    /** Versions 1 and 2: the encryption context, or a description of the wrapping key, in JSON. */
    public static final String DESCRIPTION_V2 = "x-amz-matdesc";

    /** Versions 1 and 2: the length of the plaintext, which nobody has authenticated. */
    public static final String PLAINTEXT_LENGTH = "x-amz-unencrypted-content-length";

    /** Version 3: how the body is encrypted. */
    public static final String CONTENT_ALGORITHM_V3 = "x-amz-c";

    /** Version 3: the encrypted data key. */
    public static final String KEY_V3 = "x-amz-3";

    /** Version 3: how the data key is encrypted. */
    public static final String WRAP_ALGORITHM_V3 = "x-amz-w";

    /** Version 3: the commitment to the key. */
    public static final String COMMITMENT_V3 = "x-amz-d";

    /** Version 3: the message id. */
    public static final String MESSAGE_ID_V3 = "x-amz-i";

    /** Version 3: the encryption context, in JSON. */
    public static final String CONTEXT_V3 = "x-amz-t";

    /** Version 3: a description of the wrapping key, in JSON. */
    public static final String DESCRIPTION_V3 = "x-amz-m";

    /** What S3 puts before the names of users. */
    static final String USER_PREFIX = "x-amz-meta-";

    private static final String[] VERSION_1_OR_2 = {
        KEY_V1, KEY_V2, WRAP_ALGORITHM_V2, CONTENT_ALGORITHM_V2, TAG_LENGTH_V2, IV_V2, DESCRIPTION_V2, PLAINTEXT_LENGTH
    };
    private static final String[] VERSION_3 = {
        CONTENT_ALGORITHM_V3, KEY_V3, WRAP_ALGORITHM_V3, COMMITMENT_V3, MESSAGE_ID_V3, CONTEXT_V3, DESCRIPTION_V3
    };

    private MetadataName() {}

    /**
     * Takes out of an object's metadata what belongs to this format.
     *
     * @param userMetadata names, in any case and with or without {@code x-amz-meta-}, and values
     * @return the names of this class that are there, and their values; a name that is there with two values keeps {@link
     *     #USER_PREFIX} for one of them, which makes the metadata malformed
     */
    public static Map<String, String> select(Map<String, String> userMetadata) {
        Map<String, String> selected = new TreeMap<>();
        userMetadata.forEach((given, value) -> {
            String name = given.toLowerCase(Locale.ROOT);
            if (name.startsWith(USER_PREFIX)) {
                name = name.substring(USER_PREFIX.length());
            }
            if (isVersion3(name) || Arrays.asList(VERSION_1_OR_2).contains(name)) {
                String before = selected.putIfAbsent(name, value);
                if (before != null && !before.equals(value)) {
                    selected.put(USER_PREFIX + name, value);
                }
            }
        });
        return selected;
    }

    /**
     * Tells whether a name belongs to version 3, and so to no other.
     *
     * @param name in lower case, without {@code x-amz-meta-}
     * @return true for the names that end with {@code _V3} here
     */
    public static boolean isVersion3(String name) {
        return Arrays.asList(VERSION_3).contains(name);
    }

    /**
     * Tells whether a pair has to stay with the object where the others are in an instruction file: what belongs to the body
     * rather than to its data key.
     *
     * @param name in lower case, without {@code x-amz-meta-}
     * @return true for algorithm, commitment and message id of version 3
     */
    public static boolean staysWithObject(String name) {
        return name.equals(CONTENT_ALGORITHM_V3) || name.equals(COMMITMENT_V3) || name.equals(MESSAGE_ID_V3);
    }
}
