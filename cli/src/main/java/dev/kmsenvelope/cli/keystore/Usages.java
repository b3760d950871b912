package dev.kmsenvelope.cli.keystore;

import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.provider.DataKeyUsage;
import java.util.function.Supplier;

/** What users say of data keys. */
final class Usages {

    private Usages() {}

    static DataKeyUsage of(String transformation) {
        return checked(() -> DataKeyUsage.of(transformation));
    }

    /** The usual length in bytes: that of the hash for an HMAC, else 256 bits. */
    static int usualLength(DataKeyUsage usage) {
        return switch (usage) {
            case HMAC_SHA224 -> 28;
            case HMAC_SHA384 -> 48;
            case HMAC_SHA512 -> 64;
            default -> 32;
        };
    }

    /** Makes an entry; if it cannot be as the user wants it, that is an error of the command line. */
    static <T> T checked(Supplier<T> step) {
        try {
            return step.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }
}
