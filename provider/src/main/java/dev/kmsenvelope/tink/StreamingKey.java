package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.Hkdf;
import dev.kmsenvelope.format.InvalidMessageException;
import java.util.Arrays;

/**
 * A key for Tink's AES-GCM-HKDF streams. Not thread-safe; the one who has it closes it.
 *
 * <pre>
 * AesGcmHkdfStreamingKey    = { version uint32 = 1 (0), params AesGcmHkdfStreamingParams = 2, key_value bytes = 3 }
 * AesGcmHkdfStreamingParams = { ciphertext_segment_size uint32 = 1, derived_key_size uint32 = 2,
 *                               hkdf_hash_type enum = 3 (1 SHA1, 3 SHA256, 4 SHA512) }
 * </pre>
 *
 * @param inputKey what the keys of streams are derived from: at least 16 bytes and as many as they have; wiped by {@link
 *     #close}
 * @param hash which hash the derivation is with
 * @param layout how the streams are cut
 */
public record StreamingKey(byte[] inputKey, Hkdf hash, StreamLayout layout) implements AutoCloseable {

    /** The name of the type of such keys in a keyset. */
    public static final String TYPE_URL = "type.googleapis.com/google.crypto.tink.AesGcmHkdfStreamingKey";

    private static final int VERSION = 1;
    private static final int PARAMS = 2;
    private static final int KEY_VALUE = 3;
    private static final int SEGMENT_SIZE = 1;
    private static final int DERIVED_KEY_SIZE = 2;
    private static final int HASH = 3;

    private static final int HASH_SHA1 = 1;
    private static final int HASH_SHA256 = 3;
    private static final int HASH_SHA512 = 4;

    private static final int MIN_INPUT_KEY = 16;

    private record Params(int segmentLength, int derivedKeyLength, int hash) {

        static Params parse(ProtoReader reader) throws InvalidMessageException {
            int segmentLength = 0;
            int derivedKeyLength = 0;
            int hash = 0;
            while (reader.next()) {
                if (reader.is(SEGMENT_SIZE, ProtoReader.VARINT)) {
                    segmentLength = reader.uint32();
                } else if (reader.is(DERIVED_KEY_SIZE, ProtoReader.VARINT)) {
                    derivedKeyLength = reader.uint32();
                } else if (reader.is(HASH, ProtoReader.VARINT)) {
                    hash = reader.uint32();
                } else {
                    reader.skip();
                }
            }
            return new Params(segmentLength, derivedKeyLength, hash);
        }

        Hkdf hkdf() throws InvalidMessageException {
            return switch (hash) {
                case HASH_SHA1 -> Hkdf.SHA1;
                case HASH_SHA256 -> Hkdf.SHA256;
                case HASH_SHA512 -> Hkdf.SHA512;
                default -> throw ProtoReader.malformed("a streaming key with the hash type " + hash);
            };
        }

        StreamLayout layout() throws InvalidMessageException {
            try {
                return StreamLayout.of(segmentLength, derivedKeyLength);
            } catch (IllegalArgumentException e) {
                throw ProtoReader.malformed("a streaming key with " + e.getMessage());
            }
        }
    }

    static StreamingKey parse(ProtoReader reader) throws InvalidMessageException {
        Params params = new Params(0, 0, 0);
        byte[] inputKey = new byte[0];
        boolean complete = false;
        try {
            while (reader.next()) {
                if (reader.is(VERSION, ProtoReader.VARINT)) {
                    if (reader.uint32() != 0) {
                        throw ProtoReader.malformed("a streaming key of a later version");
                    }
                } else if (reader.is(PARAMS, ProtoReader.LENGTH_DELIMITED)) {
                    params = Params.parse(reader.message());
                } else if (reader.is(KEY_VALUE, ProtoReader.LENGTH_DELIMITED)) {
                    inputKey = reader.bytes();
                } else {
                    reader.skip();
                }
            }
            StreamingKey key = new StreamingKey(inputKey, params.hkdf(), params.layout());
            if (inputKey.length < Math.max(MIN_INPUT_KEY, key.layout.derivedKeyLength())) {
                throw ProtoReader.malformed("a streaming key of " + inputKey.length + " bytes");
            }
            complete = true;
            return key;
        } finally {
            if (!complete) {
                Arrays.fill(inputKey, (byte) 0);
            }
        }
    }

    /** The serialized form, which the caller wipes. */
    byte[] serialize() {
        int hashType = switch (hash) {
            case SHA1 -> HASH_SHA1;
            case SHA256 -> HASH_SHA256;
            case SHA512 -> HASH_SHA512;
            case SHA384 -> throw new IllegalStateException("Tink has no such streaming keys");
        };
        try (ProtoWriter params = new ProtoWriter();
                ProtoWriter out = new ProtoWriter()) {
            params.uint32(SEGMENT_SIZE, layout.segmentLength())
                    .uint32(DERIVED_KEY_SIZE, layout.derivedKeyLength())
                    .uint32(HASH, hashType);
            return out.bytes(PARAMS, params.toByteArray())
                    .bytes(KEY_VALUE, inputKey)
                    .toByteArray();
        }
    }

    @Override
    public void close() {
        Arrays.fill(inputKey, (byte) 0);
    }

    @Override
    public String toString() {
        return "StreamingKey[" + layout + "]";
    }
}
