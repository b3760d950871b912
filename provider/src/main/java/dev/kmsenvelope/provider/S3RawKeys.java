package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.RawKeysOfS3;

/** Sees services through the raw keyrings of the Amazon S3 Encryption Client, where their keys are at hand. */
final class S3RawKeys {

    private S3RawKeys() {}

    /** How a service encrypts data keys of objects: as ever, or as its keys do it at hand. */
    static KeyService of(KeyService service) {
        return service.capability(RawKeysOfS3.class)
                .<KeyService>map(RawKeysOfS3::keysOfS3)
                .orElse(service);
    }

    /** Whether a service is such a view. */
    static boolean isView(KeyService service) {
        return service instanceof RawKeysOfS3.View;
    }
}
