package dev.kmsenvelope.keystore.file;

import java.time.Instant;

/**
 * An entry of a keystore file, with what it holds still wrapped. Immutable and thread-safe.
 *
 * <p>An alias is 1 to 256 characters of valid Unicode without control characters, neither starts nor ends with a space, and
 * does not end with {@code @} and digits, which name a version of a data key. Aliases are case-sensitive. Creation dates are
 * kept to the second, in the years 1970 to 9999.
 */
public sealed interface StoreEntry permits KeyPointer, DataKeyEntry, PrivateKeyEntry, CertificateEntry {

    /**
     * The name of the entry.
     *
     * @return the alias
     */
    String alias();

    /**
     * When the entry was made.
     *
     * @return the time, in whole seconds
     */
    Instant created();

    /**
     * What its kind is called in files and in encryption contexts.
     *
     * @return {@code key}, {@code data-key}, {@code private-key} or {@code certificate}
     */
    String kind();
}
