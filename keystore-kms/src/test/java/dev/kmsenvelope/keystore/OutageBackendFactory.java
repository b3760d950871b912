package dev.kmsenvelope.keystore;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsUnavailableException;
import dev.kmsenvelope.spi.BackendFactory;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Set;

/** The backend {@code outage}, for tests: it opens, and then every request fails. */
public final class OutageBackendFactory implements BackendFactory {

    @Override
    public String name() {
        return "outage";
    }

    @Override
    public Set<String> configurationKeys() {
        return Set.of();
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // what equality of a proxy means
    public KeyService openService(Configuration configuration) {
        return (KeyService) Proxy.newProxyInstance(
                OutageBackendFactory.class.getClassLoader(),
                new Class<?>[] {KeyService.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "name" -> name();
                    case "keyOf" -> Optional.empty();
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    case "close" -> null;
                    default -> throw new KmsUnavailableException("nobody answers");
                });
    }

    @Override
    public KeyAdministration openAdministration(Configuration configuration) {
        throw new UnsupportedOperationException();
    }
}
