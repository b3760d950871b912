package dev.kmsenvelope.hierarchy.file;

import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.hierarchy.item.BranchKeyItem;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The content of a file of branch keys.
 *
 * <pre>
 * file   = "kms-envelope branch keys 1" 0A | count u32 | item*
 * item   = count u16 | (name | value)* | encrypted
 * name, value, encrypted = length u16 | that many bytes; names and values in UTF-8
 * </pre>
 *
 * Integers are big-endian. The file as a whole is not authenticated: every branch key in it is, together with all attributes
 * of its item. So nobody who can write the file, but not use the key, can change an item or move it; he can take items away,
 * or bring back an older file.
 */
final class ItemFile {

    /** The most bytes that a file may have. */
    static final int MAX_LENGTH = 256 * 1024 * 1024;

    private static final byte[] MAGIC = "kms-envelope branch keys 1\n".getBytes(StandardCharsets.US_ASCII);
    private static final int SMALLEST_ITEM = 4;

    private ItemFile() {}

    /** Writes the content. */
    static byte[] encode(Collection<BranchKeyItem> items) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeInt(items.size());
            for (BranchKeyItem item : items) {
                out.writeShort(item.attributes().size());
                for (Map.Entry<String, String> attribute : item.attributes().entrySet()) {
                    write(out, attribute.getKey().getBytes(StandardCharsets.UTF_8));
                    write(out, attribute.getValue().getBytes(StandardCharsets.UTF_8));
                }
                write(out, item.encrypted());
            }
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        if (bytes.size() > MAX_LENGTH) {
            throw new BranchKeyStoreException("a file of branch keys has at most " + MAX_LENGTH + " bytes", null);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, byte[] field) throws IOException {
        if (field.length > 0xFFFF) {
            throw new BranchKeyStoreException("an attribute of a branch key has at most 65535 bytes", null);
        }
        out.writeShort(field.length);
        out.write(field);
    }

    /**
     * Reads the content.
     *
     * @throws BranchKeyStoreException if it is anything else
     */
    static List<BranchKeyItem> decode(byte[] content) {
        ByteBuffer in = ByteBuffer.wrap(content);
        try {
            byte[] magic = new byte[MAGIC.length];
            in.get(magic);
            long count = Integer.toUnsignedLong(in.getInt());
            if (!Arrays.equals(magic, MAGIC) || count * SMALLEST_ITEM > in.remaining()) {
                throw malformed(null);
            }
            List<BranchKeyItem> items = new ArrayList<>();
            for (long i = 0; i < count; i++) {
                items.add(item(in));
            }
            if (in.hasRemaining()) {
                throw malformed(null);
            }
            return items;
        } catch (BufferUnderflowException | CharacterCodingException e) {
            throw malformed(e);
        }
    }

    private static BranchKeyItem item(ByteBuffer in) throws CharacterCodingException {
        int count = Short.toUnsignedInt(in.getShort());
        Map<String, String> attributes = new TreeMap<>();
        for (int i = 0; i < count; i++) {
            if (attributes.put(text(in), text(in)) != null) {
                throw malformed(null);
            }
        }
        return BranchKeyItem.of(attributes, field(in));
    }

    private static String text(ByteBuffer in) throws CharacterCodingException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(field(in)))
                .toString();
    }

    private static byte[] field(ByteBuffer in) {
        int length = Short.toUnsignedInt(in.getShort());
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] field = new byte[length];
        in.get(field);
        return field;
    }

    private static BranchKeyStoreException malformed(@Nullable Exception cause) {
        return new BranchKeyStoreException("what it holds is no list of branch keys", cause);
    }
}
