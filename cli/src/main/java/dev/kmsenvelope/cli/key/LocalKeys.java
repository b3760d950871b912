package dev.kmsenvelope.cli.key;

import dev.kmsenvelope.cli.Backend;
import dev.kmsenvelope.cli.UsageException;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.local.LocalKeyAdministration;

/** The key file, which only the embedded backend has. */
final class LocalKeys {

    private LocalKeys() {}

    /** Opens the administration of the embedded backend; the caller closes it. */
    static LocalKeyAdministration open(Backend backend) {
        KeyAdministration administration = backend.openAdministration();
        if (administration instanceof LocalKeyAdministration local) {
            return local;
        }
        administration.close();
        throw new UsageException("only the local backend has a key file");
    }
}
