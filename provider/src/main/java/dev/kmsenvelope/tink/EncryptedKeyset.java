package dev.kmsenvelope.tink;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.EncryptionContext;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/**
 * A keyset of Tink that a key service encrypted, in Tink's binary form.
 *
 * <pre>
 * EncryptedKeyset = { encrypted_keyset bytes = 2, keyset_info KeysetInfo = 3 }
 * KeysetInfo      = { primary_key_id uint32 = 1, key_info KeyInfo* = 2 }
 * KeyInfo         = { type_url string = 1, status enum = 2, key_id uint32 = 3, output_prefix_type enum = 4 }
 * </pre>
 *
 * The keyset info is not authenticated, and not looked at when reading. The keyset's associated data is bound as Tink binds it
 * with AWS KMS: as the pair {@code associatedData} of the encryption context, in lower-case hexadecimal, or as no context at
 * all when it is empty.
 *
 * @param encrypted what the service gave
 * @param context what it is bound to
 */
public record EncryptedKeyset(byte[] encrypted, EncryptionContext context) {

    /** The longest that is read, in bytes. */
    public static final int MAX_LENGTH = 128 * 1024;

    private static final int ENCRYPTED = 2;
    private static final int INFO = 3;
    private static final int PRIMARY_KEY_ID = 1;
    private static final int KEY_INFO = 2;
    private static final int TYPE_URL = 1;
    private static final int STATUS = 2;
    private static final int KEY_ID = 3;
    private static final int OUTPUT_PREFIX = 4;

    private static final String CONTEXT_NAME = "associatedData";

    /**
     * Reads one.
     *
     * @param bytes in Tink's binary form
     * @param associatedData the keyset's
     * @return the keyset
     * @throws InvalidMessageException if it is malformed
     */
    public static EncryptedKeyset parse(byte[] bytes, byte[] associatedData) throws InvalidMessageException {
        if (bytes.length > MAX_LENGTH) {
            throw ProtoReader.malformed(bytes.length + " bytes; an encrypted keyset has at most " + MAX_LENGTH);
        }
        byte[] encrypted = new byte[0];
        ProtoReader reader = ProtoReader.of(bytes);
        while (reader.next()) {
            if (reader.is(ENCRYPTED, ProtoReader.LENGTH_DELIMITED)) {
                encrypted = reader.bytes();
            } else {
                reader.skip();
            }
        }
        if (encrypted.length == 0) {
            throw ProtoReader.malformed("no encrypted keyset in it");
        }
        return new EncryptedKeyset(encrypted, context(associatedData));
    }

    /**
     * What a key service binds a keyset to.
     *
     * @param associatedData the keyset's
     * @return the encryption context
     */
    public static EncryptionContext context(byte[] associatedData) {
        return associatedData.length == 0
                ? EncryptionContext.empty()
                : EncryptionContext.of(Map.of(CONTEXT_NAME, HexFormat.of().formatHex(associatedData)));
    }

    /** The binary form of a keyset with a single key for streams. */
    static byte[] serialize(byte[] encrypted, int keyId) {
        try (ProtoWriter key = new ProtoWriter();
                ProtoWriter info = new ProtoWriter();
                ProtoWriter out = new ProtoWriter()) {
            key.string(TYPE_URL, StreamingKey.TYPE_URL)
                    .uint32(STATUS, StreamingKeyset.ENABLED)
                    .uint32(KEY_ID, keyId)
                    .uint32(OUTPUT_PREFIX, StreamingKeyset.RAW);
            info.uint32(PRIMARY_KEY_ID, keyId).bytes(KEY_INFO, key.toByteArray());
            return out.bytes(ENCRYPTED, encrypted)
                    .bytes(INFO, info.toByteArray())
                    .toByteArray();
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EncryptedKeyset that
                && Arrays.equals(encrypted, that.encrypted)
                && context.equals(that.context);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encrypted);
    }

    @Override
    public String toString() {
        return "EncryptedKeyset[" + encrypted.length + " bytes]";
    }
}
