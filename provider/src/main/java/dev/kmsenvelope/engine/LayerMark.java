package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;

/**
 * The pair {@value EncryptionContext#LAYER_NAME} in an encryption context, which makes a message one layer of a dual-layer
 * message. It opens as the layer that it is and as nothing else (RULES 21): who wants one layer gets no part of two, and who
 * wants two never gets one. Both layers have the committing suite without a signature.
 */
final class LayerMark {

    private static final AlgorithmSuite SUITE = AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY;

    private LayerMark() {}

    /**
     * Compares what a message is with what the reader takes it for; to be called before the service is asked.
     *
     * @param header the message's
     * @param required the pairs that the reader asks for; the mark is among them for a layer, and only then
     */
    static void check(MessageHeader header, EncryptionContext required) throws InvalidMessageException {
        EncryptionContext found = header.context();
        boolean isLayer = found.containsName(EncryptionContext.LAYER_NAME);
        boolean wantsLayer = required.containsName(EncryptionContext.LAYER_NAME);
        if (isLayer && !wantsLayer) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "the message is a layer of a dual-layer message, which opens as Envelope/DUAL/NoPadding"
                            + " (kms-envelope decrypt --dual), or where the setting decrypt.formats has dual");
        }
        if (wantsLayer && !isLayer) {
            throw new InvalidMessageException(
                    Reason.WRONG_CONTEXT, "the message is not a layer of a dual-layer message");
        }
        if (isLayer && !mark(found).equals(mark(required))) {
            throw new InvalidMessageException(Reason.WRONG_CONTEXT, "the message is the other layer of the two");
        }
        if (isLayer && header.suite() != SUITE) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "a layer with suite " + header.suite().hexId() + "; in a dual-layer message both have "
                            + SUITE.hexId());
        }
    }

    private static String mark(EncryptionContext context) {
        return context.asMap().getOrDefault(EncryptionContext.LAYER_NAME, "");
    }
}
