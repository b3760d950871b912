package dev.kmsenvelope.spi;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyId;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Names a key in settings and command lines: {@code eu:alias/orders} is a key of the further service {@code eu}, {@code
 * alias/orders} one of the main service.
 *
 * @param service the name of a further service, or empty for the main one
 * @param key an alias, key id or ARN there
 */
public record KeyReference(Optional<String> service, KeyId key) {

    private static final Pattern SERVICE = Pattern.compile("[a-z][a-z0-9-]*");
    private static final Set<String> NO_SERVICES = Set.of("arn", "alias");

    /**
     * Checks the name of the service.
     *
     * @param service the name of a further service, or empty
     * @param key an alias, key id or ARN there
     */
    public KeyReference {
        Objects.requireNonNull(key, "key");
        service.ifPresent(KeyReference::requireServiceName);
    }

    private static void requireServiceName(String name) {
        if (!isServiceName(name)) {
            throw new IllegalArgumentException("a key service cannot be called '" + name + "'");
        }
    }

    /**
     * A key of the main service.
     *
     * @param key an alias, key id or ARN
     * @return the reference
     */
    public static KeyReference ofMain(KeyId key) {
        return new KeyReference(Optional.empty(), key);
    }

    /**
     * Reads a reference. What stands before its first colon, if that can be the name of a service, must be one: {@code arn}
     * cannot, nor can anything with a slash.
     *
     * @param text {@code KEY} or {@code SERVICE:KEY}
     * @param services the names of the further services that there are
     * @return the reference
     * @throws IllegalArgumentException if there is no such service, or no key can have such a name
     */
    public static KeyReference parse(String text, Set<String> services) {
        int colon = text.indexOf(':');
        String service = colon < 0 ? "" : text.substring(0, colon);
        if (!isServiceName(service)) {
            return ofMain(KeyId.of(text));
        }
        if (!services.contains(service)) {
            throw new IllegalArgumentException("there is no key service '" + service + "', as service." + service
                    + ".backend would make one"
                    + (services.isEmpty()
                            ? ""
                            : "; the nearest one is '" + Configuration.nearest(service, services) + "'"));
        }
        return new KeyReference(Optional.of(service), KeyId.of(text.substring(colon + 1)));
    }

    /** Whether a further service can have this name. */
    static boolean isServiceName(String name) {
        return SERVICE.matcher(name).matches() && !NO_SERVICES.contains(name);
    }

    /**
     * The reference as {@link #parse} reads it.
     *
     * @return {@code KEY} or {@code SERVICE:KEY}
     */
    @Override
    public String toString() {
        return service.map(name -> name + ":").orElse("") + key;
    }
}
