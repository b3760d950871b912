package dev.kmsenvelope.engine;

import dev.kmsenvelope.crypto.Hkdf;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.MessageHeader;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one message, derived from a data key as the suites of version 2 say: HKDF-SHA512 with the message id as salt;
 * {@code suite id | "DERIVEKEY"} gives the message key and {@code "COMMITKEY"} the commitment. Closing wipes the message
 * key; the commitment is public.
 *
 * @param messageKey the key that the header's tag and the frames are made with
 * @param commitment what the header shows of the key, so that a message opens under one key only
 */
record DerivedKeys(byte[] messageKey, byte[] commitment) implements AutoCloseable {

    private static final byte[] COMMIT_KEY = "COMMITKEY".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DERIVE_KEY = "DERIVEKEY".getBytes(StandardCharsets.US_ASCII);

    /** Derives them; {@code hmac} does the HMAC of HKDF, null for the usual one. */
    static DerivedKeys derive(AlgorithmSuite suite, byte[] dataKey, byte[] messageId, @Nullable Provider hmac) {
        try (Hkdf.Extracted extracted =
                hmac == null ? Hkdf.SHA512.start(messageId, dataKey) : Hkdf.SHA512.start(hmac, messageId, dataKey)) {
            return new DerivedKeys(
                    extracted.expand(derivationInfo(suite), suite.dataKeyLength()),
                    extracted.expand(COMMIT_KEY, MessageHeader.COMMITMENT_LENGTH));
        }
    }

    private static byte[] derivationInfo(AlgorithmSuite suite) {
        byte[] info = new byte[2 + DERIVE_KEY.length];
        info[0] = (byte) (suite.id() >> 8);
        info[1] = (byte) suite.id();
        System.arraycopy(DERIVE_KEY, 0, info, 2, DERIVE_KEY.length);
        return info;
    }

    @Override
    public void close() {
        Arrays.fill(messageKey, (byte) 0);
    }
}
