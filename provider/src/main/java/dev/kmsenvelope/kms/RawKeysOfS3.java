package dev.kmsenvelope.kms;

/**
 * A {@link KeyService} whose keys are at hand, rather than in a service, and encrypt data keys as the raw keyrings of the
 * Amazon S3 Encryption Client do. Thread-safe.
 */
public interface RawKeysOfS3 {

    /** The pair of the encryption context that names the algorithm which a data key is for. */
    String ALGORITHM_PAIR = "aws:x-amz-cek-alg";

    /** The provider id of data keys that an AES key encrypts. */
    String AES_GCM = "AES/GCM";

    /** The provider id of data keys that an RSA key encrypts. */
    String RSA_OAEP_SHA1 = "RSA-OAEP-SHA1";

    /**
     * The same keys in that use. The encryption context must be the {@linkplain #ALGORITHM_PAIR one pair}, whose value is all
     * that a data key is bound to. The provider id of what is encrypted is {@link #AES_GCM} or {@link #RSA_OAEP_SHA1}; the
     * blob, as {@link KeyService#toBlob} says, is what the metadata of an object has.
     *
     * @return always the same object; it works until this is closed
     */
    View keysOfS3();

    /** Such a use. An RSA key whose padding has another hash than SHA-1 is an {@link InvalidKeyUsageException}. */
    interface View extends KeyService {}
}
