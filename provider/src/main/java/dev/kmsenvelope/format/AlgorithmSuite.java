package dev.kmsenvelope.format;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The algorithm suites of the AWS Encryption SDK message format. A suite fixes how long a data key is, how the message key
 * is derived from it, and whether the message commits to its key and is signed.
 */
public enum AlgorithmSuite {
    /** AES-128-GCM with the data key itself. */
    AES_128_GCM(0x0014, 1, 16, false, false),
    /** AES-192-GCM with the data key itself. */
    AES_192_GCM(0x0046, 1, 24, false, false),
    /** AES-256-GCM with the data key itself. */
    AES_256_GCM(0x0078, 1, 32, false, false),
    /** AES-128-GCM with HKDF-SHA256. */
    AES_128_GCM_HKDF_SHA256(0x0114, 1, 16, false, false),
    /** AES-192-GCM with HKDF-SHA256. */
    AES_192_GCM_HKDF_SHA256(0x0146, 1, 24, false, false),
    /** AES-256-GCM with HKDF-SHA256. */
    AES_256_GCM_HKDF_SHA256(0x0178, 1, 32, false, false),
    /** AES-128-GCM with HKDF-SHA256, signed with ECDSA P-256. */
    AES_128_GCM_HKDF_SHA256_ECDSA_P256(0x0214, 1, 16, false, true),
    /** AES-192-GCM with HKDF-SHA384, signed with ECDSA P-384. */
    AES_192_GCM_HKDF_SHA384_ECDSA_P384(0x0346, 1, 24, false, true),
    /** AES-256-GCM with HKDF-SHA384, signed with ECDSA P-384. */
    AES_256_GCM_HKDF_SHA384_ECDSA_P384(0x0378, 1, 32, false, true),
    /** AES-256-GCM with HKDF-SHA512 and key commitment: what this library writes unless another is set. */
    AES_256_GCM_HKDF_SHA512_COMMIT_KEY(0x0478, 2, 32, true, false),
    /** AES-256-GCM with HKDF-SHA512 and key commitment, signed with ECDSA P-384. */
    AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384(0x0578, 2, 32, true, true);

    private static final AlgorithmSuite[] ALL = values();

    private final int id;
    private final int messageVersion;
    private final int dataKeyLength;
    private final boolean committing;
    private final boolean signed;

    AlgorithmSuite(int id, int messageVersion, int dataKeyLength, boolean committing, boolean signed) {
        this.id = id;
        this.messageVersion = messageVersion;
        this.dataKeyLength = dataKeyLength;
        this.committing = committing;
        this.signed = signed;
    }

    /**
     * Finds a suite by its number.
     *
     * @param id the number in a message
     * @return the suite, or empty when there is none of that number
     */
    public static Optional<AlgorithmSuite> ofId(int id) {
        return Optional.ofNullable(find(id));
    }

    /** The suite of that number among those of messages of one version, or null. */
    static @Nullable AlgorithmSuite ofVersion(int version, int id) {
        AlgorithmSuite suite = find(id);
        return suite != null && suite.messageVersion == version ? suite : null;
    }

    private static @Nullable AlgorithmSuite find(int id) {
        for (AlgorithmSuite suite : ALL) {
            if (suite.id == id) {
                return suite;
            }
        }
        return null;
    }

    /**
     * The number in a message.
     *
     * @return an unsigned 16-bit number
     */
    public int id() {
        return id;
    }

    /**
     * The number as the specification prints it.
     *
     * @return for example {@code 0478}
     */
    public String hexId() {
        return String.format("%04X", id);
    }

    /**
     * The version of the messages that have this suite.
     *
     * @return 1 or 2
     */
    public int messageVersion() {
        return messageVersion;
    }

    /**
     * How long the id of a message is.
     *
     * @return its length in bytes: 16 in version 1, 32 in version 2
     */
    public int messageIdLength() {
        return messageVersion == 1 ? MessageHeader.MESSAGE_ID_LENGTH_1 : MessageHeader.MESSAGE_ID_LENGTH;
    }

    /**
     * How long a data key is.
     *
     * @return its length in bytes
     */
    public int dataKeyLength() {
        return dataKeyLength;
    }

    /**
     * Whether each message has a key of its own, derived from the data key with HKDF, so that a data key may serve many.
     *
     * @return false for the suites without HKDF, whose data keys serve one message each
     */
    public boolean derivesKeys() {
        return this != AES_128_GCM && this != AES_192_GCM && this != AES_256_GCM;
    }

    /**
     * Whether a message commits to its key, so that it opens to one plaintext only.
     *
     * @return true for suites 0478 and 0578
     */
    public boolean isCommitting() {
        return committing;
    }

    /**
     * Whether a message ends with a signature.
     *
     * @return true for the ECDSA suites
     */
    public boolean isSigned() {
        return signed;
    }
}
