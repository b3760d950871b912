package dev.kmsenvelope.tink;

import dev.kmsenvelope.crypto.Hkdf;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.text.Quoted;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The keys of a keyset of Tink, all of them for AES-GCM-HKDF streams. Not thread-safe; the one who has it closes it.
 *
 * <pre>
 * Keyset  = { primary_key_id uint32 = 1, key Key* = 2 }
 * Key     = { key_data KeyData = 1, status enum = 2 (1 enabled, 2 disabled, 3 destroyed), key_id uint32 = 3,
 *             output_prefix_type enum = 4 (3 raw) }
 * KeyData = { type_url string = 1, value bytes = 2, key_material_type enum = 3 (1 symmetric) }
 * </pre>
 *
 * The output prefix is not looked at: streams have none, as in Tink. Keys that are not enabled are left out.
 *
 * @param primary writes
 * @param all read, the primary one first
 */
record StreamingKeyset(StreamingKey primary, List<StreamingKey> all) implements AutoCloseable {

    static final int ENABLED = 1;
    static final int RAW = 3;

    private static final int PRIMARY_KEY_ID = 1;
    private static final int KEY = 2;
    private static final int KEY_DATA = 1;
    private static final int STATUS = 2;
    private static final int KEY_ID = 3;
    private static final int OUTPUT_PREFIX = 4;
    private static final int TYPE_URL = 1;
    private static final int VALUE = 2;
    private static final int MATERIAL = 3;
    private static final int SYMMETRIC = 1;

    private record Entry(int id, StreamingKey key) {}

    /**
     * Reads one.
     *
     * @throws InvalidMessageException if it is malformed
     * @throws KmsConfigurationException if it has an enabled key of another type
     */
    static StreamingKeyset parse(byte[] serialized) throws InvalidMessageException {
        List<Entry> entries = new ArrayList<>();
        boolean complete = false;
        try {
            int primaryId = 0;
            ProtoReader reader = ProtoReader.of(serialized);
            while (reader.next()) {
                if (reader.is(PRIMARY_KEY_ID, ProtoReader.VARINT)) {
                    primaryId = reader.uint32();
                } else if (reader.isRepeated(KEY, ProtoReader.LENGTH_DELIMITED)) {
                    addEnabled(reader.message(), entries);
                } else {
                    reader.skip();
                }
            }
            StreamingKeyset keyset = of(primaryId, entries);
            complete = true;
            return keyset;
        } finally {
            if (!complete) {
                entries.forEach(entry -> entry.key().close());
            }
        }
    }

    private static StreamingKeyset of(int primaryId, List<Entry> entries) throws InvalidMessageException {
        List<StreamingKey> primaries = entries.stream()
                .filter(entry -> entry.id() == primaryId)
                .map(Entry::key)
                .toList();
        if (primaries.size() != 1) {
            throw ProtoReader.malformed(
                    primaries.isEmpty() ? "no primary key that is enabled" : "two keys with the id of the primary one");
        }
        List<StreamingKey> all = new ArrayList<>(primaries);
        entries.stream()
                .filter(entry -> entry.id() != primaryId)
                .map(Entry::key)
                .forEach(all::add);
        return new StreamingKeyset(primaries.get(0), List.copyOf(all));
    }

    private static void addEnabled(ProtoReader reader, List<Entry> entries) throws InvalidMessageException {
        ProtoReader data = ProtoReader.of(new byte[0]);
        int status = 0;
        int id = 0;
        while (reader.next()) {
            if (reader.is(KEY_DATA, ProtoReader.LENGTH_DELIMITED)) {
                data = reader.message();
            } else if (reader.is(STATUS, ProtoReader.VARINT)) {
                status = reader.uint32();
            } else if (reader.is(KEY_ID, ProtoReader.VARINT)) {
                id = reader.uint32();
            } else {
                reader.skip();
            }
        }
        if (status == ENABLED) {
            entries.add(new Entry(id, key(data)));
        }
    }

    private static StreamingKey key(ProtoReader data) throws InvalidMessageException {
        String type = "";
        ProtoReader value = ProtoReader.of(new byte[0]);
        while (data.next()) {
            if (data.is(TYPE_URL, ProtoReader.LENGTH_DELIMITED)) {
                type = new String(data.bytes(), StandardCharsets.UTF_8);
            } else if (data.is(VALUE, ProtoReader.LENGTH_DELIMITED)) {
                value = data.message();
            } else {
                data.skip();
            }
        }
        if (!type.equals(StreamingKey.TYPE_URL)) {
            throw new KmsConfigurationException("the keyset of Tink has an enabled key of the type " + Quoted.key(type)
                    + "; supported are keysets of " + StreamingKey.TYPE_URL);
        }
        return StreamingKey.parse(value);
    }

    /** The serialized form of a keyset with one fresh key, which the caller wipes. */
    static byte[] create(StreamLayout layout, int keyId, RandomSource random) {
        byte[] inputKey = random.next(layout.derivedKeyLength());
        byte[] value = new byte[0];
        byte[] data = new byte[0];
        byte[] key = new byte[0];
        try (StreamingKey fresh = new StreamingKey(inputKey, Hkdf.SHA256, layout);
                ProtoWriter dataOut = new ProtoWriter();
                ProtoWriter keyOut = new ProtoWriter();
                ProtoWriter out = new ProtoWriter()) {
            value = fresh.serialize();
            data = dataOut.string(TYPE_URL, StreamingKey.TYPE_URL)
                    .bytes(VALUE, value)
                    .uint32(MATERIAL, SYMMETRIC)
                    .toByteArray();
            key = keyOut.bytes(KEY_DATA, data)
                    .uint32(STATUS, ENABLED)
                    .uint32(KEY_ID, keyId)
                    .uint32(OUTPUT_PREFIX, RAW)
                    .toByteArray();
            return out.uint32(PRIMARY_KEY_ID, keyId).bytes(KEY, key).toByteArray();
        } finally {
            Arrays.fill(value, (byte) 0);
            Arrays.fill(data, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
    }

    /** Wipes the keys; idempotent. */
    @Override
    public void close() {
        all.forEach(StreamingKey::close);
    }
}
