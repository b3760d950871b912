package dev.kmsenvelope.engine;

import java.lang.ref.SoftReference;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Arrays of about a mebibyte that are used again, since making one costs more than encrypting what it holds. At most {@value
 * #MOST} are kept, and given up when memory runs short. Who gives one back has wiped it. Thread-safe.
 */
public final class Scratch {

    /** How long the arrays are, in bytes: a mebibyte in frames fits. */
    public static final int LENGTH = 1024 * 1024 + 128 * 1024;

    private static final int SMALL = 64 * 1024;
    private static final int MOST = 8;
    private static final ArrayBlockingQueue<SoftReference<byte[]>> FREE = new ArrayBlockingQueue<>(MOST);

    private Scratch() {}

    /**
     * Takes or makes an array.
     *
     * @param length how many bytes are needed
     * @return at least as many, all zero
     */
    public static byte[] take(int length) {
        if (length <= SMALL || length > LENGTH) {
            return new byte[length];
        }
        for (SoftReference<byte[]> free = FREE.poll(); free != null; free = FREE.poll()) {
            byte @Nullable [] array = free.get();
            if (array != null) {
                return array;
            }
        }
        return new byte[LENGTH];
    }

    /**
     * Gives an array back, from wherever it is.
     *
     * @param array wiped; the caller forgets it
     */
    public static void give(byte[] array) {
        if (array.length == LENGTH) {
            FREE.offer(new SoftReference<>(array));
        }
    }
}
