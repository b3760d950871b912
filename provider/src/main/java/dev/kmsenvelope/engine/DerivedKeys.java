package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.Hkdf;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.MessageHeader;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one message, derived from a data key as its suite says:
 *
 * <pre>
 * 04xx, 05xx   HKDF-SHA512, salt = message id: info = suite id | "DERIVEKEY" gives the message key,
 *              info = "COMMITKEY" the commitment
 * 01xx, 0214   HKDF-SHA256 without salt: info = suite id | message id gives the message key
 * 03xx         the same with HKDF-SHA384
 * 00xx         the message key is the data key, which serves no other message
 * </pre>
 *
 * Closing wipes the message key; the commitment is public.
 *
 * @param messageKey the key that the header's tag and the frames are made with
 * @param commitment what the header shows of the key, so that a message opens under one key only; no bytes in version 1
 */
record DerivedKeys(byte[] messageKey, byte[] commitment) implements AutoCloseable {

    private static final byte[] COMMIT_KEY = "COMMITKEY".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DERIVE_KEY = "DERIVEKEY".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NOTHING = new byte[0];

    /** Derives them; {@code hmac} does the HMAC of HKDF in version 2, null for the usual one. */
    static DerivedKeys derive(AlgorithmSuite suite, byte[] dataKey, byte[] messageId, @Nullable Provider hmac) {
        if (!suite.isCommitting()) {
            return new DerivedKeys(deriveVersion1(suite, dataKey, messageId), NOTHING);
        }
        try (Hkdf.Extracted extracted =
                hmac == null ? Hkdf.SHA512.start(messageId, dataKey) : Hkdf.SHA512.start(hmac, messageId, dataKey)) {
            return new DerivedKeys(
                    extracted.expand(info(suite, DERIVE_KEY), suite.dataKeyLength()),
                    extracted.expand(COMMIT_KEY, MessageHeader.COMMITMENT_LENGTH));
        }
    }

    private static byte[] deriveVersion1(AlgorithmSuite suite, byte[] dataKey, byte[] messageId) {
        Hkdf hkdf = switch (suite) {
            case AES_192_GCM_HKDF_SHA384_ECDSA_P384, AES_256_GCM_HKDF_SHA384_ECDSA_P384 -> Hkdf.SHA384;
            default -> Hkdf.SHA256;
        };
        if (!suite.derivesKeys()) {
            return dataKey.clone();
        }
        try (Hkdf.Extracted extracted = hkdf.start(NOTHING, dataKey)) {
            return extracted.expand(info(suite, messageId), suite.dataKeyLength());
        }
    }

    private static byte[] info(AlgorithmSuite suite, byte[] rest) {
        byte[] info = new byte[2 + rest.length];
        info[0] = (byte) (suite.id() >> 8);
        info[1] = (byte) suite.id();
        System.arraycopy(rest, 0, info, 2, rest.length);
        return info;
    }

    @Override
    public void close() {
        Arrays.fill(messageKey, (byte) 0);
    }
}
