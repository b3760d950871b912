package dev.kmsenvelope.application;

import dev.kmsenvelope.crypto.AesGcm;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.Provider;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * An AES key of a KeyStore.
 *
 * @param name its alias there
 * @param created when the KeyStore says that it was made
 * @param cipher gives AES-GCM with it; fails after {@link #close()}
 * @param material what {@link #close()} wipes, or null when the key never was in memory
 * @param uses how often this process has encrypted with it
 */
record ApplicationKey(
        String name,
        Instant created,
        Supplier<AesGcm> cipher,
        @Nullable SecretBytes material,
        AtomicLong uses) implements AutoCloseable {

    /** The AES keys of a KeyStore, oldest first; its other entries are left alone. */
    static List<ApplicationKey> readAll(KeyStore keyStore, char @Nullable [] password) throws GeneralSecurityException {
        List<ApplicationKey> keys = new ArrayList<>();
        for (String alias : Collections.list(keyStore.aliases())) {
            if (isNameable(alias) && keyStore.entryInstanceOf(alias, KeyStore.SecretKeyEntry.class)) {
                Key key = keyStore.getKey(alias, password);
                if (key instanceof SecretKey secret && key.getAlgorithm().equalsIgnoreCase("AES")) {
                    keys.add(of(alias, keyStore, secret));
                }
            }
        }
        keys.sort(Comparator.comparing(ApplicationKey::created).thenComparing(ApplicationKey::name));
        return keys;
    }

    private static ApplicationKey of(String alias, KeyStore keyStore, SecretKey key) throws GeneralSecurityException {
        Instant created = Optional.ofNullable(keyStore.getCreationDate(alias))
                .map(Date::toInstant)
                .orElse(Instant.EPOCH);
        byte[] encoded = key.getEncoded();
        if (encoded == null) {
            // The key is in a token: only the provider that talks to it can use it.
            Provider token = keyStore.getProvider();
            return new ApplicationKey(alias, created, () -> AesGcm.of(token, key), null, new AtomicLong());
        }
        Provider provider = GcmProvider.find(GcmProvider.AUTO);
        SecretBytes material = SecretBytes.owning(encoded);
        return new ApplicationKey(
                alias,
                created,
                () -> {
                    byte[] copy = material.copy();
                    try {
                        return AesGcm.of(provider, copy);
                    } finally {
                        Arrays.fill(copy, (byte) 0);
                    }
                },
                material,
                new AtomicLong());
    }

    /** Other aliases cannot be written as a key name of the port. */
    private static boolean isNameable(String alias) {
        return !alias.isEmpty() && alias.length() <= 1024 && alias.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    @Override
    public void close() {
        if (material != null) {
            material.close();
        }
    }
}
