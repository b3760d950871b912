package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.dual.DualReader;
import dev.kmsenvelope.dual.DualWriter;
import dev.kmsenvelope.dual.Layer;
import dev.kmsenvelope.dual.LayerIds;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.MessageId;
import dev.kmsenvelope.engine.MessageReader;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;

/**
 * Dual-layer messages: the inner layer under the handle's own keys, the outer one under those of its outer key. The caller's
 * IV is the end of both message ids (RULES 1, 21).
 *
 * @param random where message ids and IVs come from
 */
record DualCodec(RandomSource random) implements EnvelopeCodec {

    @Override
    public BegunMessage write(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context)
            throws InvalidAlgorithmParameterException {
        EsdkParameters.requireNone(EnvelopeFormat.DUAL, key, spec);
        KmsSecretKey outer = outerKey(key, true);
        byte[] given = spec.iv().orElse(null);
        LayerIds ids = LayerIds.create(random, given);
        byte[] iv = given == null ? ids.iv(MessageId.MIN_IV_LENGTH) : given;
        EngineSettings configured = key.policy().settings();
        EngineSettings settings = spec.frameLength().isPresent()
                ? configured.withFrameLength(spec.frameLength().getAsInt())
                : configured;
        return new BegunMessage(
                DualWriter.start(
                        new DualWriter.Target(key.dataKeys(), key.id()),
                        new DualWriter.Target(outer.dataKeys(), outer.id()),
                        contextOfBoth(outer, context),
                        ids,
                        settings,
                        key.policy().dualEngines()),
                iv);
    }

    @Override
    public MessageReader read(KmsSecretKey key, EnvelopeParameterSpec spec, EncryptionContext context, Release release)
            throws InvalidAlgorithmParameterException {
        EsdkParameters.requireNone(EnvelopeFormat.DUAL, key, spec);
        KmsSecretKey outer = outerKey(key, false);
        return new DualReader(
                outer.recipient(contextOfBoth(outer, context)),
                key.recipient(context),
                key.policy().settings(),
                key.policy().dualEngines(),
                release,
                spec.iv().orElse(null));
    }

    private static KmsSecretKey outerKey(KmsSecretKey key, boolean encrypts) {
        KmsSecretKey outer = key.outerKey();
        try {
            KeyPolicies.requireUsage(outer, encrypts);
        } catch (InvalidKeyException e) {
            throw new KmsConfigurationException("the outer layer: " + e.getMessage(), e);
        }
        return outer;
    }

    /** What is bound to both layers; it must leave room for their marks. */
    private static EncryptionContext contextOfBoth(KmsSecretKey outer, EncryptionContext context)
            throws InvalidAlgorithmParameterException {
        try {
            EncryptionContext both = outer.policy().context().plus(context);
            Layer.OUTER.marked(both);
            return both;
        } catch (IllegalArgumentException e) {
            throw new InvalidAlgorithmParameterException(
                    "the encryption context does not go with the one configured for the outer layer's key: "
                            + e.getMessage(),
                    e);
        }
    }
}
