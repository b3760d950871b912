package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.kms.AliasExistsException;
import dev.kmsenvelope.kms.KeyId;
import java.util.function.Supplier;

/** Checks the names that users give to keys. */
final class Aliases {

    private Aliases() {}

    static void require(KeyId name) {
        if (!name.isAlias()) {
            throw new UsageException("an alias starts with alias/, as in alias/" + name);
        }
    }

    /** Runs what makes an alias; what characters it may have, the service says. */
    static <T> T making(KeyId alias, Supplier<T> step) {
        try {
            return step.get();
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        } catch (AliasExistsException e) {
            throw new AliasExistsException(
                    "the alias " + alias
                            + " exists already; to point it to another key: kms-envelope key alias --update " + alias
                            + " KEY",
                    e);
        }
    }
}
