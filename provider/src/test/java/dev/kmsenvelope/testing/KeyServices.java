package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.KeyService;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;

/** Makes one operation of a key service fail, and leaves the others alone. */
public final class FaultyKeyService {

    private FaultyKeyService() {}

    /** The service, but for the named operation, which throws what is supplied. */
    public static KeyService failingAt(
            String operation, KeyService service, Supplier<? extends RuntimeException> failure) {
        return (KeyService) Proxy.newProxyInstance(
                KeyService.class.getClassLoader(), new Class<?>[] {KeyService.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals(operation)) {
                        throw failure.get();
                    }
                    try {
                        return method.invoke(service, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
