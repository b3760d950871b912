package dev.kmsenvelope.tink;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.tink.TinkFormat.Head;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What the first bytes of a message of Tink's {@code KmsEnvelopeAead} say, if they are of one; nothing is verified. The layout
 * is that of {@link TinkFormat}.
 *
 * @param keyId of the prefix that it has, or empty if it has none
 * @param encryptedKeyLength how long the encrypted data key is, in bytes
 * @param overhead how many bytes longer the message is than its plaintext
 */
public record TinkOutline(OptionalInt keyId, int encryptedKeyLength, int overhead) {

    /** How many bytes are enough. */
    public static final int HEAD_LENGTH = TinkFormat.MAX_HEAD;

    /**
     * Looks at the first bytes of something.
     *
     * @param head the first {@link #HEAD_LENGTH} bytes, or all there are
     * @return what they say; empty if they are not the start of such a message, as {@link TinkFormat#looksLike} tells it
     */
    public static Optional<TinkOutline> of(byte[] head) {
        try {
            Head found = TinkFormat.parse(head, 0, head.length);
            return found == null
                    ? Optional.empty()
                    : Optional.of(new TinkOutline(found.keyId(), found.encryptedKeyLength(), found.overhead()));
        } catch (InvalidMessageException e) {
            return Optional.empty();
        }
    }
}
