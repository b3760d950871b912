package dev.kmsenvelope.format;

import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The provider info of a data key that was encrypted under a raw AES key, as the AWS Encryption SDK's raw AES keyring lays
 * it out.
 *
 * <pre>
 * info = keyName (UTF-8) | tagLength u32, in bits: 128 | ivLength u32, in bytes: 12 | iv[12]
 * </pre>
 *
 * The ciphertext that goes with it is the encrypted key followed by the 16-byte tag.
 *
 * @param keyName names the wrapping key
 * @param iv the nonce of the encryption, 12 bytes; not copied
 */
public record RawAesKeyInfo(String keyName, byte[] iv) {

    private static final int IV_LENGTH = 12;
    private static final int SUFFIX_LENGTH = 4 + 4 + IV_LENGTH;

    /**
     * Writes it.
     *
     * @return its bytes
     */
    public byte[] serialize() {
        byte[] name = keyName.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(name.length + SUFFIX_LENGTH)
                .put(name)
                .putInt(128)
                .putInt(IV_LENGTH)
                .put(iv)
                .array();
    }

    /**
     * Reads it.
     *
     * @param info the provider info
     * @return its fields
     * @throws InvalidMessageException if it is anything else
     */
    public static RawAesKeyInfo parse(byte[] info) throws InvalidMessageException {
        int nameLength = info.length - SUFFIX_LENGTH;
        if (nameLength < 1) {
            throw new InvalidMessageException(Reason.MALFORMED, "the provider info of a raw AES key is too short");
        }
        ByteBuffer suffix = ByteBuffer.wrap(info, nameLength, SUFFIX_LENGTH);
        if (suffix.getInt() != 128 || suffix.getInt() != IV_LENGTH) {
            throw new InvalidMessageException(
                    Reason.MALFORMED, "a raw AES key has a tag of 128 bits and an IV of 12 bytes");
        }
        return new RawAesKeyInfo(
                EncryptedDataKeyEntry.utf8(Arrays.copyOf(info, nameLength)),
                Arrays.copyOfRange(info, info.length - IV_LENGTH, info.length));
    }
}
