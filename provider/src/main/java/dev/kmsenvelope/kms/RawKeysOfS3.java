package dev.kmsenvelope.kms;

/**
 * A {@link KeyService} whose keys are at hand, rather than in a service, and encrypt data keys as the raw keyrings of the
 * Amazon S3 Encryption Client do. Thread-safe.
 */
public interface RawKeysOfS3 {

    /**
     * The same keys in that use. The encryption context must be the pair {@code aws:x-amz-cek-alg} alone, whose value is what
     * the raw keyrings bind a data key to. The provider id of what it encrypts is {@code AES/GCM} or {@code RSA-OAEP-SHA1}, and
     * its blob, as {@link KeyService#toBlob} says, what object metadata has.
     *
     * @return always the same object; closed with this
     */
    View keysOfS3();

    /** Such a use. */
    interface View extends KeyService {}
}
