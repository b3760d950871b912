package dev.kmsenvelope.cli;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.spi.KeyServices;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the service and the key of encrypted data keys; each key is looked up once. Not thread-safe. */
final class KeyLookup {

    private final Map<String, KeyService> services = new LinkedHashMap<>();
    private final Map<Place, Found> found = new LinkedHashMap<>();

    /**
     * A key in a service.
     *
     * @param service how the service is called
     */
    record Place(String service, KeyId key) {}

    /**
     * What became of looking for a key.
     *
     * @param description of the key; null if there is none, or it is not known
     * @param failure why it is not known; null if there is no key, or it is known
     */
    record Found(
            @Nullable KeyDescription description, @Nullable KmsException failure) {

        boolean isMissing() {
            return description == null && failure == null;
        }
    }

    KeyLookup(KeyServices all) {
        services.put(all.main().name(), all.main());
        all.further().forEach((name, service) -> services.put(services.containsKey(name) ? name + ":" : name, service));
    }

    /**
     * The key that encrypted a data key: several services may say of one that it is theirs, so those that have the key are
     * preferred.
     */
    Optional<Place> of(EncryptedDataKey encrypted) {
        Place first = null;
        for (Map.Entry<String, KeyService> service : services.entrySet()) {
            Optional<Place> place = keyOf(service.getValue(), encrypted).map(key -> new Place(service.getKey(), key));
            if (place.isPresent() && !at(place.get()).isMissing()) {
                return place;
            }
            first = first == null ? place.orElse(null) : first;
        }
        return Optional.ofNullable(first);
    }

    /** A service that cannot even be opened knows nothing. */
    private static Optional<KeyId> keyOf(KeyService service, EncryptedDataKey encrypted) {
        try {
            return service.keyOf(encrypted);
        } catch (KmsException e) {
            return Optional.empty();
        }
    }

    KeyService service(Place place) {
        KeyService service = services.get(place.service());
        if (service == null) {
            throw new IllegalArgumentException("no place of this lookup");
        }
        return service;
    }

    Found at(Place place) {
        return found.computeIfAbsent(place, this::look);
    }

    private Found look(Place place) {
        try {
            return new Found(service(place).describe(place.key()), null);
        } catch (KeyNotFoundException e) {
            return new Found(null, null);
        } catch (KmsException e) {
            return new Found(null, e);
        }
    }

    /** All keys that were looked up. */
    Map<Place, Found> all() {
        return found;
    }
}
