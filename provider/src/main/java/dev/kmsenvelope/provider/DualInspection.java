package dev.kmsenvelope.provider;

import dev.kmsenvelope.dual.InnerHeader;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.InvalidMessageException;
import java.io.IOException;
import java.io.InputStream;
import java.security.InvalidAlgorithmParameterException;
import java.security.InvalidKeyException;
import javax.crypto.AEADBadTagException;

/** Looks into dual-layer messages without the key of the inner layer. */
public final class DualInspection {

    private DualInspection() {}

    /**
     * Decrypts the header of the inner layer, and no more than the first frames of the outer one. Who can exchange the outer
     * layer can make this show anything: the inner layer's own key is not asked.
     *
     * @param key a handle whose outer key opens the outer layer
     * @param spec the encryption context that the outer layer must have besides that of the outer key's settings
     * @param aad the associated data that the message was encrypted with, or no bytes
     * @param message the message from its start; more is read than what is needed
     * @return the header of the inner layer, its tag included
     * @throws IOException if reading fails
     * @throws AEADBadTagException if it is no dual-layer message, or something is wrong with it up to there
     * @throws InvalidKeyException if the outer key may not decrypt
     * @throws InvalidAlgorithmParameterException if the context contradicts the configured one
     * @throws dev.kmsenvelope.kms.KmsException if the service fails, or the handle has no outer key
     */
    public static byte[] innerHeader(KmsSecretKey key, EnvelopeParameterSpec spec, byte[] aad, InputStream message)
            throws IOException, AEADBadTagException, InvalidKeyException, InvalidAlgorithmParameterException {
        KmsSecretKey outer = key.outerKey();
        KeyPolicies.requireUsage(outer, false);
        Recipient recipient = outer.recipient(EnvelopeKind.contextFor(outer, spec));
        try {
            return InnerHeader.read(
                    recipient, outer.policy().settings(), outer.policy().dualEngines(), aad, message);
        } catch (InvalidMessageException e) {
            throw CipherOperation.Errors.badTag(e);
        }
    }
}
