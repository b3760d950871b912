package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.format.MessageHeader;
import javax.crypto.AEADBadTagException;

/**
 * The tag that ends a header: AES-GCM over nothing, with the nonce zero, authenticating
 *
 * <pre>
 * header without tag | ( nothing, without AAD of the caller
 *                      | 0000 | AAD )
 * </pre>
 *
 * The place after the header belongs to the AWS Encryption SDK's "required encryption context", whose serialized form
 * starts with a count that is not zero. So what starts with {@code 0000} can never be taken for one, and a message without
 * AAD is a standard one.
 */
final class HeaderAuthentication {

    private static final byte[] ZERO_NONCE = new byte[AesGcm.NONCE_LENGTH];
    private static final byte[] AAD_MARK = new byte[2];
    private static final byte[][] NO_AAD = new byte[0][];

    private HeaderAuthentication() {}

    /** Writes a header's tag right behind it; returns the tag's length. */
    static int appendTag(AesGcm cipher, byte[] out, int offset, int length, byte[] aad) {
        cipher.tag(ZERO_NONCE, out, offset, length, afterHeader(aad), out, offset + length);
        return AesGcm.TAG_LENGTH;
    }

    static boolean verify(AesGcm cipher, MessageHeader header, byte[] aad, byte[] tag) {
        try {
            cipher.verify(ZERO_NONCE, header.shared(), 0, header.lengthWithoutTag(), afterHeader(aad), tag);
            return true;
        } catch (AEADBadTagException e) {
            return false;
        }
    }

    private static byte[][] afterHeader(byte[] aad) {
        return aad.length == 0 ? NO_AAD : new byte[][] {AAD_MARK, aad};
    }
}
