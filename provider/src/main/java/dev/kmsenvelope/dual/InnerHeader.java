package dev.kmsenvelope.dual;

import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.MessageDecryptor;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.format.HeaderScanner;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.io.IOException;
import java.io.InputStream;

/** The header of the inner layer, for whoever has the outer layer's key only. */
public final class InnerHeader {

    private static final int PIECE = 4096;

    private InnerHeader() {}

    /**
     * Opens as much of the outer layer as the inner header takes.
     *
     * @param outer who reads the outer layer, without a mark in the context that is required
     * @param settings what is accepted
     * @param engines who does the cryptography
     * @param aad the caller's associated data, or no bytes
     * @param message the message from its start
     * @return the inner header, its tag included: verified as the outer layer's plaintext, and not by its own key
     * @throws IOException if reading fails
     * @throws InvalidMessageException if it is no outer layer, or something is wrong with it up to there
     */
    public static byte[] read(
            Recipient outer, EngineSettings settings, DualEngines engines, byte[] aad, InputStream message)
            throws IOException, InvalidMessageException {
        Recipient marked = new LayerKeys().watched(Layer.OUTER, outer, outer.required());
        HeaderScanner scanner = new HeaderScanner(settings.limits());
        try (MessageDecryptor opener =
                new MessageDecryptor(marked, engines.pinned(settings).outer(), Release.EACH_FRAME, null)) {
            opener.updateAad(aad, 0, aad.length);
            while (!scanner.isComplete()) {
                byte[] piece = message.readNBytes(PIECE);
                opener.feed(piece, 0, piece.length);
                byte[] given = opener.drain();
                scanner.feed(given, 0, given.length);
                if (opener.hasFailed() || (piece.length < PIECE && !scanner.isComplete())) {
                    opener.finish();
                    throw new InvalidMessageException(Reason.TRUNCATED, "the inner layer ends within its header");
                }
            }
        }
        return scanner.withTag();
    }
}
