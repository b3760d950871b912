package dev.kmsenvelope.provider;

import dev.kmsenvelope.format.AlgorithmSuite;

/** The algorithm suites of AWS Encryption SDK messages. */
public enum EsdkSuite {
    /** 0014: AES-128-GCM with the data key itself, which serves no other message. */
    AES_128_GCM(AlgorithmSuite.AES_128_GCM),
    /** 0046: AES-192-GCM with the data key itself, which serves no other message. */
    AES_192_GCM(AlgorithmSuite.AES_192_GCM),
    /** 0078: AES-256-GCM with the data key itself, which serves no other message. */
    AES_256_GCM(AlgorithmSuite.AES_256_GCM),
    /** 0114: AES-128-GCM with HKDF-SHA256. */
    AES_128_GCM_HKDF_SHA256(AlgorithmSuite.AES_128_GCM_HKDF_SHA256),
    /** 0146: AES-192-GCM with HKDF-SHA256. */
    AES_192_GCM_HKDF_SHA256(AlgorithmSuite.AES_192_GCM_HKDF_SHA256),
    /** 0178: AES-256-GCM with HKDF-SHA256. */
    AES_256_GCM_HKDF_SHA256(AlgorithmSuite.AES_256_GCM_HKDF_SHA256),
    /** 0214: AES-128-GCM with HKDF-SHA256, signed with ECDSA on P-256. */
    AES_128_GCM_HKDF_SHA256_ECDSA_P256(AlgorithmSuite.AES_128_GCM_HKDF_SHA256_ECDSA_P256),
    /** 0346: AES-192-GCM with HKDF-SHA384, signed with ECDSA on P-384. */
    AES_192_GCM_HKDF_SHA384_ECDSA_P384(AlgorithmSuite.AES_192_GCM_HKDF_SHA384_ECDSA_P384),
    /** 0378: AES-256-GCM with HKDF-SHA384, signed with ECDSA on P-384. */
    AES_256_GCM_HKDF_SHA384_ECDSA_P384(AlgorithmSuite.AES_256_GCM_HKDF_SHA384_ECDSA_P384),
    /** 0478: AES-256-GCM with HKDF-SHA512 and key commitment; the default. */
    AES_256_GCM_HKDF_SHA512_COMMIT_KEY(AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY),
    /** 0578: AES-256-GCM with HKDF-SHA512 and key commitment, signed with ECDSA on P-384. */
    AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384(AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY_ECDSA_P384);

    private final AlgorithmSuite suite;

    EsdkSuite(AlgorithmSuite suite) {
        this.suite = suite;
    }

    AlgorithmSuite suite() {
        return suite;
    }

    /**
     * The number, as the specification prints it and the setting {@code esdk.suite} has it.
     *
     * @return for example {@code 0478}
     */
    public String hexId() {
        return suite.hexId();
    }

    /**
     * Whether messages commit to their key.
     *
     * @return true for 0478 and 0578
     */
    public boolean isCommitting() {
        return suite.isCommitting();
    }

    /**
     * Whether messages are signed.
     *
     * @return true for the ECDSA suites
     */
    public boolean isSigned() {
        return suite.isSigned();
    }
}
