package dev.kmsenvelope.engine;

import java.lang.ref.SoftReference;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Arrays of about a mebibyte that are used again, since making one costs more than encrypting what it holds. At most {@value
 * #MOST} of each kind are kept, and given up when memory runs short. Thread-safe.
 */
public final class Scratch {

    /** How long the arrays are, in bytes: a mebibyte in frames fits. */
    public static final int LENGTH = 1024 * 1024 + 128 * 1024;

    private static final int SMALL = 64 * 1024;
    private static final int MOST = 8;
    private static final ArrayBlockingQueue<SoftReference<byte[]>> FREE = new ArrayBlockingQueue<>(MOST);
    private static final ArrayBlockingQueue<SoftReference<byte[]>> FREE_FOR_CIPHERTEXT = new ArrayBlockingQueue<>(MOST);

    private Scratch() {}

    /**
     * Takes or makes an array.
     *
     * @param length how many bytes are needed
     * @return at least as many, all zero
     */
    public static byte[] take(int length) {
        return take(length, FREE);
    }

    /**
     * Takes or makes an array for what is no secret. It has ciphertext of other messages in it, and never anything else.
     *
     * @param length how many bytes are needed
     * @return at least as many
     */
    public static byte[] takeForCiphertext(int length) {
        return take(length, FREE_FOR_CIPHERTEXT);
    }

    private static byte[] take(int length, ArrayBlockingQueue<SoftReference<byte[]>> from) {
        if (length <= SMALL || length > LENGTH) {
            return new byte[length];
        }
        for (SoftReference<byte[]> free = from.poll(); free != null; free = from.poll()) {
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
        give(array, FREE);
    }

    /**
     * Gives back an array that {@link #takeForCiphertext} gave.
     *
     * @param array never held plaintext or keys; the caller forgets it
     */
    public static void giveCiphertext(byte[] array) {
        give(array, FREE_FOR_CIPHERTEXT);
    }

    private static void give(byte[] array, ArrayBlockingQueue<SoftReference<byte[]>> to) {
        if (array.length == LENGTH) {
            to.offer(new SoftReference<>(array));
        }
    }
}
