package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageId;
import dev.kmsenvelope.kms.EncryptionContext;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parameters of an envelope encryption, for code that knows it does one: the encryption context, the frame length, the IV,
 * and for AWS Encryption SDK messages the algorithm suite, the commitment policy and which pairs of the context stay out. All are optional. Immutable and thread-safe.
 *
 * <p>Where the format is told by the message (transformation {@code Envelope}, setting {@code decrypt.formats}), a message of a
 * format that has no place for one of the parameters is refused, but for those that matter to encrypting only. So a context or a commitment policy
 * keeps out messages of Tink.
 */
public final class EnvelopeParameterSpec implements AlgorithmParameterSpec {

    private final EncryptionContext context;
    private final OptionalInt frameLength;
    private final byte @Nullable [] iv;
    private final @Nullable EsdkSuite suite;
    private final @Nullable CommitmentPolicy commitmentPolicy;
    private final Set<String> requiredContextNames;
    private final @Nullable S3EncryptionMetadata s3Metadata;

    private EnvelopeParameterSpec(Builder builder) {
        this.context = builder.context;
        this.frameLength = builder.frameLength;
        this.iv = builder.iv;
        this.suite = builder.suite;
        this.commitmentPolicy = builder.commitmentPolicy;
        this.requiredContextNames = builder.requiredContextNames;
        this.s3Metadata = builder.s3Metadata;
    }

    /**
     * Starts with everything left out.
     *
     * @return a builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * The encryption context: bound to a message when encrypting, in addition to what the configuration says; required of
     * it when decrypting.
     *
     * @return the context
     */
    public EncryptionContext context() {
        return context;
    }

    /**
     * Plaintext bytes per frame when encrypting.
     *
     * @return the frame length, or empty for the configured one
     */
    public OptionalInt frameLength() {
        return frameLength;
    }

    /**
     * The IV that the message id ends with.
     *
     * @return a copy, 12 to 16 bytes; empty for a random one when encrypting and any when decrypting
     */
    public Optional<byte[]> iv() {
        return Optional.ofNullable(iv).map(byte[]::clone);
    }

    /**
     * The algorithm suite of an AWS Encryption SDK message when encrypting.
     *
     * @return the suite, or empty for the configured one
     */
    public Optional<EsdkSuite> suite() {
        return Optional.ofNullable(suite);
    }

    /**
     * Which AWS Encryption SDK messages are written and read.
     *
     * @return the policy, or empty for the configured one
     */
    public Optional<CommitmentPolicy> commitmentPolicy() {
        return Optional.ofNullable(commitmentPolicy);
    }

    /**
     * Names of pairs of the encryption context that do not stand in the message, besides those that the configuration names.
     *
     * @return an unmodifiable set
     */
    public Set<String> requiredContextNames() {
        return requiredContextNames;
    }

    /**
     * What stands beside an object of the Amazon S3 Encryption Client, which is needed to decrypt one.
     *
     * @return the metadata, or empty for other formats and when encrypting
     */
    public Optional<S3EncryptionMetadata> s3Metadata() {
        return Optional.ofNullable(s3Metadata);
    }

    /** Builds an {@link EnvelopeParameterSpec}. Not thread-safe. */
    public static final class Builder {

        private EncryptionContext context = EncryptionContext.empty();
        private OptionalInt frameLength = OptionalInt.empty();
        private byte @Nullable [] iv;
        private @Nullable EsdkSuite suite;
        private @Nullable CommitmentPolicy commitmentPolicy;
        private Set<String> requiredContextNames = Set.of();
        private @Nullable S3EncryptionMetadata s3Metadata;

        private Builder() {}

        /**
         * Sets the encryption context. It stands in the message in plain text: no secrets.
         *
         * @param pairs names and values
         * @return this
         * @throws IllegalArgumentException as {@link EncryptionContext#of}
         */
        public Builder context(Map<String, String> pairs) {
            this.context = EncryptionContext.of(pairs);
            return this;
        }

        /**
         * Sets the frame length.
         *
         * @param bytes plaintext bytes per frame, 1 to 16777216
         * @return this
         * @throws IllegalArgumentException if it is out of range
         */
        public Builder frameLength(int bytes) {
            if (bytes < 1 || bytes > EngineSettings.MAX_FRAME_LENGTH) {
                throw new IllegalArgumentException("a frame length is 1 to " + EngineSettings.MAX_FRAME_LENGTH);
            }
            this.frameLength = OptionalInt.of(bytes);
            return this;
        }

        /**
         * Sets the IV. It need not be unique, for it is never a nonce.
         *
         * @param bytes 12 to 16 bytes; copied
         * @return this
         * @throws IllegalArgumentException if it has another length
         */
        public Builder iv(byte[] bytes) {
            if (bytes.length < MessageId.MIN_IV_LENGTH || bytes.length > MessageId.MAX_IV_LENGTH) {
                throw new IllegalArgumentException(
                        "an IV has " + MessageId.MIN_IV_LENGTH + " to " + MessageId.MAX_IV_LENGTH + " bytes");
            }
            this.iv = bytes.clone();
            return this;
        }

        /**
         * Sets the algorithm suite of an AWS Encryption SDK message. The commitment policy has to allow to write it, and those
         * of message version 1 take no IV. Does nothing when decrypting.
         *
         * @param suite the suite
         * @return this
         */
        public Builder suite(EsdkSuite suite) {
            this.suite = Objects.requireNonNull(suite, "suite");
            return this;
        }

        /**
         * Sets which AWS Encryption SDK messages are written and read, instead of the configured policy.
         *
         * @param policy the policy
         * @return this
         */
        public Builder commitmentPolicy(CommitmentPolicy policy) {
            this.commitmentPolicy = Objects.requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets which pairs of the encryption context do not stand in an AWS Encryption SDK message: they are bound to it and
         * to its data key all the same, and who reads the message has to give their values and these names.
         *
         * @param names each has a value in the configured context or this one; copied
         * @return this
         * @throws IllegalArgumentException if a name is reserved for the message format
         */
        public Builder requiredContextNames(Set<String> names) {
            for (String name : names) {
                if (name.startsWith(EncryptionContext.RESERVED_PREFIX)) {
                    throw new IllegalArgumentException(
                            "names that start with " + EncryptionContext.RESERVED_PREFIX + " are reserved");
                }
            }
            this.requiredContextNames = Set.copyOf(names);
            return this;
        }

        /**
         * Sets the metadata of the object of the Amazon S3 Encryption Client that is to be decrypted.
         *
         * @param metadata what stands beside the object
         * @return this
         */
        public Builder s3Metadata(S3EncryptionMetadata metadata) {
            this.s3Metadata = metadata;
            return this;
        }

        /**
         * Builds it.
         *
         * @return the parameters
         */
        public EnvelopeParameterSpec build() {
            return new EnvelopeParameterSpec(this);
        }
    }
}
