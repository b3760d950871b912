package dev.kmsenvelope.keystore.file;

import java.util.Arrays;
import java.util.List;

/** Lists of byte arrays as values: copied, compared and hashed by content. */
final class Bytes {

    private Bytes() {}

    static List<byte[]> copy(List<byte[]> arrays) {
        return arrays.stream().map(byte[]::clone).toList();
    }

    static boolean equal(List<byte[]> a, List<byte[]> b) {
        return Arrays.deepEquals(a.toArray(), b.toArray());
    }

    static int hash(List<byte[]> arrays) {
        return Arrays.deepHashCode(arrays.toArray());
    }

    /** Bytes that stand in a file: at least one, and not more than is sane. */
    static byte[] require(byte[] bytes, int max, String what) {
        return StoreLimits.require(
                        bytes.length >= 1 && bytes.length <= max,
                        bytes,
                        what + " has 1 to " + max + " bytes, not " + bytes.length)
                .clone();
    }
}
