package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.spi.Backends;
import dev.kmsenvelope.spi.KeyServices;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A local key service with three keys, whose requests are written down, and fail when told to. Not thread-safe. */
final class Watched implements AutoCloseable {

    static final KeyId PINNED = KeyId.of("alias/kms-envelope-keystore");
    static final KeyId DATA = KeyId.of("alias/data");
    static final KeyId OTHER = KeyId.of("alias/other");

    private static final Set<String> REQUESTS =
            Set.of("generateDataKey", "encrypt", "decrypt", "reEncrypt", "describe", "list");

    private final Configuration settings;
    private final KeyServices services;
    private final List<String> requests = new ArrayList<>();
    private int failing = -1;
    private boolean givesShortKeys;
    private boolean bindsContext = true;

    Watched(Path directory) {
        settings = Configuration.of(Map.of("local.directory", directory.toString()));
        try (KeyAdministration keys = administration()) {
            for (KeyId alias : List.of(PINNED, DATA, OTHER)) {
                keys.createKey(KeySpec.SYMMETRIC_DEFAULT, alias);
            }
        }
        services = KeyServices.of(watch(Backends.openService(settings)), Map.of());
    }

    @SuppressWarnings("ReferenceEquality") // what equality of a proxy means
    private KeyService watch(KeyService real) {
        return (KeyService) Proxy.newProxyInstance(
                Watched.class.getClassLoader(), new Class<?>[] {KeyService.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("equals")) {
                        return proxy == arguments[0];
                    }
                    return call(real, method, arguments);
                });
    }

    private @Nullable Object call(KeyService real, Method method, Object @Nullable [] arguments) throws Throwable {
        if (REQUESTS.contains(method.getName())) {
            requests.add(method.getName());
            if (failing-- == 0) {
                throw new KmsUnavailableException("nobody answers");
            }
        }
        if (method.getName().equals("bindsContext")) {
            return bindsContext;
        }
        if (givesShortKeys && arguments != null && method.getName().equals("generateDataKey")) {
            arguments[1] = (int) arguments[1] / 2;
        }
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    KeyAdministration administration() {
        return Backends.openAdministration(settings);
    }

    KeyServices services() {
        return services;
    }

    KeyService service() {
        return services.main();
    }

    StoreWrapping wrapping() {
        return new StoreWrapping(services);
    }

    StoreSeal seal() {
        return new StoreSeal(service(), PINNED, 0);
    }

    /** The requests since the last time. */
    List<String> takeRequests() {
        List<String> taken = List.copyOf(requests);
        requests.clear();
        return taken;
    }

    /** Makes one request fail: 0 is the next one. */
    void failAt(int request) {
        failing = request;
    }

    /** Whether data keys are half as long as they should be. */
    void giveShortKeys(boolean shorter) {
        givesShortKeys = shorter;
    }

    /** Whether its keys bind contexts, which RSA keys do not. */
    void bindContext(boolean binds) {
        bindsContext = binds;
    }

    @Override
    public void close() {
        services.close();
    }
}
