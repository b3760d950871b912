package dev.kmsenvelope.engine;

import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The key that encrypted a data key, whatever its version, as far as the data key's fields tell. Not verified.
 *
 * @param provider the name of the service that knows the key as its own; else the provider id
 * @param key its id in that service; else its name in the layout of raw AES keys, else all of the provider info
 * @param isKnown whether a service knows it as its own
 */
public record DataKeyOwner(String provider, String key, boolean isKnown) {

    /**
     * Looks at a data key.
     *
     * @param encrypted the data key
     * @param services those to ask, in this order; no request is made
     * @return its owner
     */
    public static DataKeyOwner of(EncryptedDataKey encrypted, List<KeyService> services) {
        for (KeyService service : services) {
            Optional<KeyId> key = keyOf(service, encrypted);
            if (key.isPresent()) {
                return new DataKeyOwner(service.name(), key.get().value(), true);
            }
        }
        return new DataKeyOwner(encrypted.providerId(), name(encrypted.providerInfo()), false);
    }

    /** A service that cannot even be opened knows nothing. */
    private static Optional<KeyId> keyOf(KeyService service, EncryptedDataKey encrypted) {
        try {
            return service.keyOf(encrypted);
        } catch (KmsException e) {
            return Optional.empty();
        }
    }

    private static String name(byte[] info) {
        try {
            return RawAesKeyInfo.parse(info).keyName();
        } catch (InvalidMessageException e) {
            return new String(info, StandardCharsets.UTF_8);
        }
    }
}
