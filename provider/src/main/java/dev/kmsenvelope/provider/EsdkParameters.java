package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.Commitment;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.EsdkSettings;
import dev.kmsenvelope.engine.MessageId;
import dev.kmsenvelope.engine.MessageOptions;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.kms.EncryptionContext;
import java.security.InvalidAlgorithmParameterException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What the settings and the caller's parameters say together about AWS Encryption SDK messages. */
final class EsdkParameters {

    private EsdkParameters() {}

    /** For formats that have no place for them. */
    static void requireNone(EnvelopeFormat format, KmsSecretKey key, EnvelopeParameterSpec spec)
            throws InvalidAlgorithmParameterException {
        requireNoMetadata(spec);
        if (spec.suite().isPresent() || spec.commitmentPolicy().isPresent()) {
            throw new InvalidAlgorithmParameterException(
                    "a suite and a commitment policy are for AWS Encryption SDK messages, not for those of " + format);
        }
        requireNoRequiredContext(format, key, spec);
    }

    /** Where all of the context stands in the message, or there is none. */
    static void requireNoRequiredContext(EnvelopeFormat format, KmsSecretKey key, EnvelopeParameterSpec spec)
            throws InvalidAlgorithmParameterException {
        if (!spec.requiredContextNames().isEmpty()
                || !key.policy().requiredContext().isEmpty()) {
            throw new InvalidAlgorithmParameterException(
                    "required context, which does not stand in the message, is for AWS Encryption SDK messages, not for"
                            + " those of " + format);
        }
    }

    /** Metadata of an S3 object is for the format that has it. */
    static void requireNoMetadata(EnvelopeParameterSpec spec) throws InvalidAlgorithmParameterException {
        if (spec.s3Metadata().isPresent()) {
            throw new InvalidAlgorithmParameterException(
                    "the metadata of an S3 object goes with Envelope/S3EC/NoPadding and no other transformation");
        }
    }

    /** For reading: the caller's policy, else the configured one. */
    static EngineSettings reading(KmsSecretKey key, EnvelopeParameterSpec spec) {
        EngineSettings configured = key.policy().settings();
        return spec.commitmentPolicy()
                .map(policy -> configured.withEsdk(
                        new EsdkSettings(policy.commitment(), configured.esdk().chosen())))
                .orElse(configured);
    }

    /** Names of pairs that do not stand in messages; each has to have a value. */
    static Set<String> notStored(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context)
            throws InvalidAlgorithmParameterException {
        requireNoMetadata(spec);
        Set<String> configured = key.policy().requiredContext();
        Set<String> names = configured;
        if (!spec.requiredContextNames().isEmpty()) {
            names = new TreeSet<>(configured);
            names.addAll(spec.requiredContextNames());
        }
        for (String name : names) {
            if (!context.asMap().containsKey(name)) {
                throw new InvalidAlgorithmParameterException(
                        "the encryption context has no value for the required name '" + name + "'");
            }
        }
        return names;
    }

    static MessageOptions writing(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context)
            throws InvalidAlgorithmParameterException {
        AlgorithmSuite suite = suite(key.policy().settings().esdk(), spec);
        if (suite.messageIdLength() < MessageId.LENGTH_WITH_IV && spec.iv().isPresent()) {
            throw new InvalidAlgorithmParameterException("messages of suite " + suite.hexId()
                    + " have no room for an IV of the caller's: leave it out, and store what getIV() returns");
        }
        return new MessageOptions(suite, context, notStored(key, spec, context));
    }

    private static AlgorithmSuite suite(EsdkSettings configured, EnvelopeParameterSpec spec)
            throws InvalidAlgorithmParameterException {
        Commitment commitment =
                spec.commitmentPolicy().map(CommitmentPolicy::commitment).orElse(configured.commitment());
        Optional<AlgorithmSuite> given = spec.suite().map(EsdkSuite::suite);
        AlgorithmSuite suite = given.or(configured::chosen).orElseGet(commitment::defaultSuite);
        if (!commitment.allowsWriting(suite)) {
            throw new InvalidAlgorithmParameterException("the commitment policy " + commitment
                    + " does not allow to write messages of suite " + suite.hexId());
        }
        return suite;
    }
}
