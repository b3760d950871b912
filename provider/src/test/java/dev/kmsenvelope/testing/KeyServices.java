package dev.kmsenvelope.testing;

import dev.kmsenvelope.kms.KeyService;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Key services that behave like another one, but for something. */
public final class KeyServices {

    private KeyServices() {}

    /** The service, but for the named operation, which throws what is supplied. */
    public static KeyService failingAt(
            String operation, KeyService service, Supplier<? extends RuntimeException> failure) {
        return proxy((proxy, method, arguments) -> {
            if (method.getName().equals(operation)) {
                throw failure.get();
            }
            return call(service, method, arguments);
        });
    }

    /** The service, of which the arguments of the named operation are shown before it does it. */
    public static KeyService watching(String operation, KeyService service, Consumer<Object[]> watcher) {
        return proxy((proxy, method, arguments) -> {
            if (method.getName().equals(operation)) {
                watcher.accept(arguments);
            }
            return call(service, method, arguments);
        });
    }

    /** The service, with every result passed on as the function gives it. */
    public static KeyService withResults(KeyService service, UnaryOperator<Object> function) {
        return proxy((proxy, method, arguments) -> function.apply(call(service, method, arguments)));
    }

    /** The service, which says of every key that it binds no context, as an RSA key does not. */
    public static KeyService withoutBinding(KeyService service) {
        return proxy((proxy, method, arguments) ->
                method.getName().equals("bindsContext") ? false : call(service, method, arguments));
    }

    private static KeyService proxy(InvocationHandler handler) {
        return (KeyService)
                Proxy.newProxyInstance(KeyService.class.getClassLoader(), new Class<?>[] {KeyService.class}, handler);
    }

    private static Object call(KeyService service, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("equals")) {
            return Proxy.isProxyClass(arguments[0].getClass()); // Each test has one, and it equals itself.
        }
        try {
            return method.invoke(service, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
