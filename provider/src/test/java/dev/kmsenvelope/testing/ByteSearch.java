package dev.kmsenvelope.testing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Looks for secrets in a large file, in one pass: their bytes, and their bytes in Base64, wherever in what was encoded they
 * stood.
 */
public final class ByteSearch {

    private static final int PREFIX = 4;
    private static final int BLOCK = 1 << 20;

    private final Map<Integer, List<Pattern>> byPrefix = new HashMap<>();
    private final BitSet starts = new BitSet(1 << 16);
    private int longest;

    private record Pattern(String name, byte[] bytes) {}

    /**
     * Adds a secret.
     *
     * @param name what it is called in the result
     * @param secret at least 16 bytes
     */
    public ByteSearch secret(String name, byte[] secret) {
        add(name, secret);
        for (int skip = 0; skip < 3; skip++) {
            byte[] part = Arrays.copyOfRange(secret, skip, skip + (secret.length - skip) / 3 * 3);
            add(name + " in Base64", Base64.getEncoder().encode(part));
            add(name + " in Base64", Base64.getUrlEncoder().encode(part));
        }
        return this;
    }

    private void add(String name, byte[] bytes) {
        starts.set(prefix(bytes, 0) >>> 16);
        byPrefix.computeIfAbsent(prefix(bytes, 0), absent -> new ArrayList<>()).add(new Pattern(name, bytes));
        longest = Math.max(longest, bytes.length);
    }

    private static int prefix(byte[] bytes, int at) {
        return bytes[at] << 24 | (bytes[at + 1] & 0xFF) << 16 | (bytes[at + 2] & 0xFF) << 8 | (bytes[at + 3] & 0xFF);
    }

    /** How often each secret that is there at all is in the file. */
    public Map<String, Integer> in(Path file) throws IOException {
        Map<String, Integer> found = new TreeMap<>();
        byte[] block = new byte[BLOCK + longest];
        int kept = 0;
        try (FileChannel channel = FileChannel.open(file)) {
            int read = channel.read(ByteBuffer.wrap(block, kept, block.length - kept));
            while (read >= 0) {
                int size = kept + read;
                int end = Math.max(0, size - longest + 1);
                search(block, end, size, found);
                System.arraycopy(block, end, block, 0, size - end);
                kept = size - end;
                read = channel.read(ByteBuffer.wrap(block, kept, block.length - kept));
            }
        }
        search(block, kept, kept, found);
        return found;
    }

    private void search(byte[] block, int end, int size, Map<String, Integer> found) {
        for (int at = 0; at < Math.min(end, size - PREFIX + 1); at++) {
            if (!starts.get((block[at] & 0xFF) << 8 | (block[at + 1] & 0xFF))) {
                continue;
            }
            for (Pattern pattern : byPrefix.getOrDefault(prefix(block, at), List.of())) {
                int last = at + pattern.bytes.length;
                if (last <= size && Arrays.equals(block, at, last, pattern.bytes, 0, pattern.bytes.length)) {
                    found.merge(pattern.name, 1, Integer::sum);
                }
            }
        }
    }
}
