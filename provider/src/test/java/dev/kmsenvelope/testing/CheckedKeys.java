package dev.kmsenvelope.testing;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;

/** Data keys that anybody can recognize as whole: the second half is a hash of the first, which is random. */
public final class CheckedKeys {

    private static final SecureRandom RANDOM = new SecureRandom();

    private CheckedKeys() {}

    /** A fresh one. */
    public static byte[] next(int length) {
        byte[] key = new byte[length];
        byte[] random = new byte[length / 2];
        RANDOM.nextBytes(random);
        byte[] check = check(random, length - random.length);
        System.arraycopy(random, 0, key, 0, random.length);
        System.arraycopy(check, 0, key, random.length, check.length);
        return key;
    }

    /** Whether no byte of it was changed; a wiped one is not whole. */
    public static boolean isWhole(byte[] key) {
        int half = key.length / 2;
        return Arrays.equals(
                check(Arrays.copyOf(key, half), key.length - half), Arrays.copyOfRange(key, half, key.length));
    }

    private static byte[] check(byte[] random, int length) {
        try {
            return Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(random), length);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }
}
