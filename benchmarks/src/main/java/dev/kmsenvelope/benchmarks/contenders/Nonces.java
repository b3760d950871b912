package dev.kmsenvelope.benchmarks.contenders;

import java.util.Arrays;

/**
 * Nonces of 12 bytes that never repeat under the key of one contender: four random bytes for the session, then a counter.
 * Cheaper than drawing each from the operating system, so the raw ciphers are measured at their best. Not thread-safe.
 */
final class Nonces {

    static final int LENGTH = 12;

    private final byte[] current = Arrays.copyOf(MasterKey.random(4), LENGTH);
    private long count;

    /** Gives the array that the next call changes. */
    byte[] next() {
        long value = ++count;
        for (int i = LENGTH - 1; i >= 4; i--) {
            current[i] = (byte) value;
            value >>>= 8;
        }
        return current;
    }
}
