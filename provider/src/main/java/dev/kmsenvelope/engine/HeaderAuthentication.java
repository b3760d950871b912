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

    private HeaderAuthentication() {}

    static byte[] tag(AesGcm cipher, MessageHeader header, byte[] aad) {
        return cipher.tag(ZERO_NONCE, covered(header, aad));
    }

    static boolean verify(AesGcm cipher, MessageHeader header, byte[] aad, byte[] tag) {
        try {
            cipher.decrypt(ZERO_NONCE, tag, covered(header, aad));
            return true;
        } catch (AEADBadTagException e) {
            return false;
        }
    }

    private static byte[][] covered(MessageHeader header, byte[] aad) {
        return aad.length == 0 ? new byte[][] {header.withoutTag()} : new byte[][] {header.withoutTag(), AAD_MARK, aad};
    }
}
