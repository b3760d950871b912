package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.format.MessageHeader;
import dev.kmsenvelope.kms.EncryptionContext;
import javax.crypto.AEADBadTagException;

/**
 * The tag that ends a header: AES-GCM over nothing, with the nonce zero, or with the one that a header of version 1 carries,
 * authenticating
 *
 * <pre>
 * header without tag and nonce | ( nothing, where all of the context stands in the header
 *                                | those pairs that do not, serialized )
 *                              | ( nothing, without AAD of the caller
 *                                | 0000 | AAD )
 * </pre>
 *
 * The pairs after the header are the AWS Encryption SDK's "required encryption context", whose serialized form starts with a
 * count that is not zero and tells its own length. So what starts with {@code 0000} can never be taken for one, and a message
 * without AAD is a standard one.
 */
final class HeaderAuthentication {

    private static final byte[] ZERO_NONCE = new byte[AesGcm.NONCE_LENGTH];
    private static final byte[] AAD_MARK = new byte[2];
    private static final byte[][] NOTHING = new byte[0][];

    private HeaderAuthentication() {}

    /** Writes a header's tag right behind it; returns the tag's length. What is covered is all but a nonce at the end. */
    static int appendTag(
            AesGcm cipher, byte[] out, int offset, int length, int covered, EncryptionContext notStored, byte[] aad) {
        cipher.tag(ZERO_NONCE, out, offset, covered, afterHeader(notStored, aad), out, offset + length);
        return AesGcm.TAG_LENGTH;
    }

    static boolean verify(AesGcm cipher, MessageHeader header, EncryptionContext notStored, byte[] aad, byte[] tag) {
        try {
            cipher.verify(
                    header.sharedIv(), header.shared(), 0, header.coveredLength(), afterHeader(notStored, aad), tag);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        }
    }

    private static byte[][] afterHeader(EncryptionContext notStored, byte[] aad) {
        if (notStored.isEmpty()) {
            return aad.length == 0 ? NOTHING : new byte[][] {AAD_MARK, aad};
        }
        byte[] pairs = notStored.serialize();
        return aad.length == 0 ? new byte[][] {pairs} : new byte[][] {pairs, AAD_MARK, aad};
    }
}
