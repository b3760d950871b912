package dev.kmsenvelope.provider;

import dev.kmsenvelope.crypto.IdleCiphers;
import dev.kmsenvelope.dek.CacheSettings;
import dev.kmsenvelope.dek.CachingDataKeySource;
import dev.kmsenvelope.dek.DataKeyCache;
import dev.kmsenvelope.dek.DataKeySource;
import dev.kmsenvelope.engine.Admission;
import dev.kmsenvelope.engine.Authority;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.spi.KeyServices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where a handle has its data keys from, through the cache of its services if its settings allow one. Handles of the same
 * services with the same settings of the cache share it; what they share in it, RULES 13 says.
 *
 * @param writing gives data keys to write messages with
 * @param reading opens those of messages
 * @param cache keeps them; null if the settings allow none
 */
record HandleSources(
        DataKeySource writing,
        List<Authority> reading,
        @Nullable DataKeyCache cache) {

    static HandleSources direct(HandleKeys keys) {
        return new HandleSources(keys.forWriting(), keys.forReading(), null);
    }

    /** A source of data keys to write with, through the same cache. */
    DataKeySource caching(DataKeySource origin) {
        return cache == null ? origin : CachingDataKeySource.forWriting(cache, origin);
    }

    static HandleSources of(KeyServices services, HandleKeys keys, CacheSettings settings) {
        HandleSources direct = direct(keys);
        if (!settings.allowCaching()) {
            return direct;
        }
        DataKeyCache cache = services.companion(
                settings, () -> CacheTelemetry.observed(new DataKeyCache(settings, IdleCiphers::drop)));
        return new HandleSources(
                CachingDataKeySource.forWriting(cache, direct.writing()),
                direct.reading().stream()
                        .map(authority -> caching(cache, authority, keys))
                        .toList(),
                cache);
    }

    /** What the right to read hangs on, besides the service. */
    private record Reader(List<KeyId> names, Optional<DiscoveryFilter> discovery) {}

    private static Authority caching(DataKeyCache cache, Authority authority, HandleKeys keys) {
        boolean discovers = authority.service().equals(keys.own().service());
        DataKeySource source = new CachingDataKeySource(
                cache,
                authority.source(),
                new Reader(authority.keys(), discovers ? keys.discovery() : Optional.empty()),
                (key, encrypted) -> isAdmitted(authority, keys.own().id(), key, encrypted));
        return new Authority(authority.service(), source, authority.keys(), authority.discovery());
    }

    /** As for the first message: an alias may mean another key by now. */
    private static boolean isAdmitted(Authority authority, KeyId essential, KeyId key, EncryptedDataKey encrypted) {
        List<KmsException> failures = new ArrayList<>();
        Optional<KeyId> admitted = new Admission(authority, essential, failures::add).admit(encrypted);
        if (admitted.isEmpty() && !failures.isEmpty()) {
            throw failures.get(0);
        }
        return admitted.filter(key::equals).isPresent();
    }
}
