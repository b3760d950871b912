package dev.kmsenvelope.s3;

import dev.kmsenvelope.crypto.Hkdf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The key of one body and the commitment to it, derived from a data key as {@link ContentAlgorithm#COMMITTING} says:
 * HKDF-SHA512 with the message id as salt; {@code 0073 | "DERIVEKEY"} gives the key and {@code 0073 | "COMMITKEY"} the
 * commitment. Closing wipes the key; the commitment is public.
 *
 * @param contentKey the key that the body is encrypted with
 * @param commitment what the metadata shows of the data key
 */
record ContentKeys(byte[] contentKey, byte[] commitment) implements AutoCloseable {

    private static final byte[] DERIVE_KEY = info("DERIVEKEY");
    private static final byte[] COMMIT_KEY = info("COMMITKEY");

    static ContentKeys derive(byte[] dataKey, byte[] messageId) {
        try (Hkdf.Extracted extracted = Hkdf.SHA512.start(messageId, dataKey)) {
            byte[] commitment = extracted.expand(COMMIT_KEY, ContentMetadata.COMMITMENT_LENGTH);
            return new ContentKeys(extracted.expand(DERIVE_KEY, ContentAlgorithm.DATA_KEY_LENGTH), commitment);
        }
    }

    /** The number of the algorithm suite, which is also the associated data of the body. */
    static byte[] suite() {
        int id = ContentAlgorithm.COMMITTING.id();
        return new byte[] {(byte) (id >> 8), (byte) id};
    }

    private static byte[] info(String label) {
        byte[] suite = suite();
        byte[] text = label.getBytes(StandardCharsets.US_ASCII);
        byte[] info = Arrays.copyOf(suite, suite.length + text.length);
        System.arraycopy(text, 0, info, suite.length, text.length);
        return info;
    }

    @Override
    public void close() {
        Arrays.fill(contentKey, (byte) 0);
    }
}
