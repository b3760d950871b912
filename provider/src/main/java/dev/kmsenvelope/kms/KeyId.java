package dev.kmsenvelope.kms;

import java.util.Objects;

/**
 * Names a key of a key-management service: an alias ({@code alias/orders}), a key id, or an ARN. What a name may be is the
 * service's business; here it is 1 to 2048 printable ASCII characters without white space, so that it is safe in logs,
 * file formats and command lines.
 *
 * @param value the name as the service knows it
 */
public record KeyId(String value) {

    /** What every alias starts with, as in AWS KMS. */
    public static final String ALIAS_PREFIX = "alias/";

    private static final int MAX_LENGTH = 2048;

    /**
     * Checks the name.
     *
     * @param value the name as the service knows it
     * @throws IllegalArgumentException if the name is empty, longer than 2048 characters, or has a character outside
     *     {@code !} to {@code ~}
     */
    public KeyId {
        Objects.requireNonNull(value, "value");
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "a key name has 1 to " + MAX_LENGTH + " characters, this one has " + value.length());
        }
        if (!value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("a key name is printable ASCII without spaces");
        }
    }

    /**
     * Makes a key name.
     *
     * @param value an alias, key id or ARN
     * @return the name
     * @throws IllegalArgumentException if it is not a possible name
     */
    public static KeyId of(String value) {
        return new KeyId(value);
    }

    /**
     * Tells whether this names an alias rather than a key.
     *
     * @return true for {@code alias/...} and for the ARN of an alias
     */
    public boolean isAlias() {
        return value.startsWith(ALIAS_PREFIX) || (value.startsWith("arn:") && value.contains(":" + ALIAS_PREFIX));
    }

    @Override
    public String toString() {
        return value;
    }
}
