package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyAccessDeniedException;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyServices;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A local key service that keeps a log of its requests, denies those about some entries, and goes away when told to. */
final class WatchedService {

    /** What asks a real service; all others are computed here. */
    private static final Set<String> REQUESTS =
            Set.of("describe", "list", "decryptionKeys", "generateDataKey", "encrypt", "decrypt", "reEncrypt");

    final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    final Set<String> denied = Collections.synchronizedSet(new HashSet<>());
    volatile boolean away;

    /** How many more times a key is described; after that there is no such key. */
    final AtomicInteger descriptions = new AtomicInteger(Integer.MAX_VALUE);

    private final Path home;
    private final KeyServices services;

    WatchedService(Path home) {
        this.home = home;
        KeyService local = Backends.openService(Fixture.settings(home));
        services = KeyServices.of(
                (KeyService) Proxy.newProxyInstance(
                        KeyService.class.getClassLoader(),
                        new Class<?>[] {KeyService.class},
                        (proxy, method, arguments) -> answer(proxy, local, method, arguments)),
                Map.of());
    }

    @SuppressWarnings("ReferenceEquality") // what equality of a proxy means
    private Object answer(Object proxy, KeyService local, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("equals")) {
            return proxy == arguments[0];
        }
        if (method.getName().equals("hashCode")) {
            return System.identityHashCode(proxy);
        }
        if (REQUESTS.contains(method.getName())) {
            requests.add(method.getName());
            if (away) {
                throw new KmsUnavailableException("nobody answers");
            }
            if (method.getName().equals("describe") && descriptions.getAndDecrement() <= 0) {
                throw new KeyNotFoundException("it was deleted a moment ago");
            }
            for (Object argument : arguments == null ? new Object[0] : arguments) {
                if (argument instanceof EncryptionContext context
                        && denied.contains(context.asMap().getOrDefault("kms-envelope-alias", ""))) {
                    throw new KeyAccessDeniedException("this identity may not");
                }
            }
        }
        try {
            return method.invoke(local, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    /** A KeyStore over it, loaded with further settings. */
    KeyStore load(String... settings) throws Exception {
        return load(Duration.ofHours(1), settings);
    }

    KeyStore load(Duration refresh, String... settings) throws Exception {
        Map<String, String> values = new LinkedHashMap<>(Map.of("local.directory", home.toString()));
        for (int i = 0; i < settings.length; i += 2) {
            values.put(settings[i], settings[i + 1]);
        }
        KmsKeyStoreSpi spi = new KmsKeyStoreSpi(Configuration::empty);
        KeyStore keyStore = new KeyStore(spi, Fixture.PROVIDER, "KMS") {};
        keyStore.load(Fixture.stream("local.directory = " + home), null);
        spi.use(services, Configuration.of(values), refresh);
        return keyStore;
    }
}
