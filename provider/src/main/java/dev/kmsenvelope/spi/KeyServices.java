package dev.kmsenvelope.spi;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeyServiceClosedException;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The key services of one configuration: the main one, and further ones under names of their own. Each setting {@code
 * service.<name>.<setting>} is for the service of that name what {@code <setting>} is for the main one:
 *
 * <pre>
 * backend = local
 * service.recovery.backend = application
 * service.recovery.application.keystore = /media/recovery.p12
 * </pre>
 *
 * A name is lower-case letters, digits and {@code -}, starts with a letter, and is neither {@code arn} nor {@code alias}.
 * A further service is opened by the first call that needs it, so that what is wrong with it hurts nobody else. Thread-safe.
 */
public final class KeyServices implements AutoCloseable {

    private static final String PREFIX = "service.";

    /** The one setting of a cache that services have to know, since some cache keys themselves. */
    private static final String FLUSH_FILE = "cache.flush-file";

    private static final Pattern SETTING = Pattern.compile("service\\.([^.]+)\\..+");

    private final KeyService main;
    private final SortedMap<String, KeyService> further;
    private final Map<Object, AutoCloseable> companions = new LinkedHashMap<>();
    private final boolean ours;
    private boolean closed;

    private KeyServices(KeyService main, Map<String, KeyService> further, boolean ours) {
        this.main = main;
        this.ours = ours;
        this.further = Collections.unmodifiableSortedMap(new TreeMap<>(further));
        this.further.keySet().forEach(KeyServices::requireName);
        OpenKeyServices.add(this);
    }

    /**
     * Opens the main service, and prepares for opening the others.
     *
     * @param configuration the settings
     * @return the services; the caller closes them
     * @throws dev.kmsenvelope.kms.KmsException if the main one cannot be opened, or the settings describe no services
     */
    public static KeyServices open(Configuration configuration) {
        Map<String, KeyService> further = furtherOf(configuration);
        return new KeyServices(Backends.openService(configuration), further, true);
    }

    /**
     * Prepares for opening all services, the main one too: for reading, to which any one of them may be enough.
     *
     * @param configuration the settings
     * @return the services; the caller closes them
     * @throws KmsConfigurationException if the settings describe no services
     */
    public static KeyServices openLazily(Configuration configuration) {
        Backends.requireBackend(configuration);
        String name = configuration.get(Backends.SETTING).orElse(Backends.DEFAULT);
        return new KeyServices(
                new LazyKeyService(name, () -> Backends.openService(configuration)), furtherOf(configuration), true);
    }

    private static Map<String, KeyService> furtherOf(Configuration configuration) {
        Map<String, KeyService> further = new TreeMap<>();
        for (String name : names(configuration)) {
            Configuration own = settings(configuration, name);
            further.put(name, new LazyKeyService(name, () -> open(name, own)));
        }
        return further;
    }

    private static KeyService open(String name, Configuration settings) {
        try {
            return Backends.openService(settings, name);
        } catch (KmsConfigurationException e) {
            throw e.getClass() == KmsConfigurationException.class ? within(name, e) : e;
        }
    }

    private static KmsConfigurationException within(String name, KmsConfigurationException e) {
        return new KmsConfigurationException("in the settings " + PREFIX + name + ".*: " + e.getMessage(), e);
    }

    /**
     * Brings services together that a program opened itself.
     *
     * @param main the main service
     * @param further the others, by their names
     * @return the services; closing this closes them
     * @throws IllegalArgumentException if a name is not possible
     */
    public static KeyServices of(KeyService main, Map<String, KeyService> further) {
        try {
            return new KeyServices(main, further, false);
        } catch (KmsConfigurationException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /**
     * The settings that there are: those of the backends, for the main service and for each further one.
     *
     * @param configuration the settings, in which the names of the further services stand
     * @return their names, where {@code *} stands for one or more characters
     * @throws KmsConfigurationException if a name is not possible, or a service has no backend that there is
     */
    public static Set<String> configurationKeys(Configuration configuration) {
        Set<String> ofBackends = Backends.configurationKeys();
        Set<String> keys = new TreeSet<>(ofBackends);
        keys.add(PREFIX + "<name>." + Backends.SETTING); // what others resemble; no service can be called <name>
        for (String name : names(configuration)) {
            Configuration settings = settings(configuration, name);
            if (settings.get(Backends.SETTING).isEmpty()) {
                throw new KmsConfigurationException("the key service '" + name + "' needs the setting '" + PREFIX + name
                        + "." + Backends.SETTING + "'");
            }
            try {
                Backends.requireBackend(settings);
            } catch (KmsConfigurationException e) {
                throw within(name, e);
            }
            ofBackends.forEach(key -> keys.add(PREFIX + name + "." + key));
        }
        return keys;
    }

    /**
     * A further service's own settings, under the names that those of the main one have, and beside them those of all further
     * services, one of which it may build upon, and the flush file, which is one for all.
     *
     * @param configuration all settings
     * @param name of the service
     * @return its settings
     */
    public static Configuration settings(Configuration configuration, String name) {
        Map<String, String> further = new TreeMap<>(configuration.asMap());
        further.keySet().removeIf(setting -> !setting.startsWith(PREFIX) && !setting.equals(FLUSH_FILE));
        return configuration.under(PREFIX + name + ".").orElse(Configuration.of(further));
    }

    /**
     * The names of the further services that are configured.
     *
     * @param configuration the settings
     * @return the names
     * @throws KmsConfigurationException if a name is not possible
     */
    public static SortedSet<String> names(Configuration configuration) {
        SortedSet<String> names = new TreeSet<>();
        for (String setting : configuration.asMap().keySet()) {
            Matcher matcher = SETTING.matcher(setting);
            if (matcher.matches()) {
                requireName(matcher.group(1));
                names.add(matcher.group(1));
            }
        }
        return names;
    }

    private static void requireName(String name) {
        if (!KeyReference.isServiceName(name)) {
            throw new KmsConfigurationException("a key service cannot be called '" + name
                    + "'; a name is lower-case letters, digits and '-', starts with a letter,"
                    + " and is neither 'arn' nor 'alias'");
        }
    }

    /**
     * The main service.
     *
     * @return the service; closed with this
     */
    public KeyService main() {
        return main;
    }

    /**
     * The further services.
     *
     * @return an unmodifiable map by their names; closed with this
     */
    public SortedMap<String, KeyService> further() {
        return further;
    }

    /**
     * The service of a key.
     *
     * @param reference names the key
     * @return the service; closed with this
     * @throws KmsConfigurationException if there is no such service
     */
    public KeyService of(KeyReference reference) {
        if (reference.service().isEmpty()) {
            return main;
        }
        KeyService service = further.get(reference.service().get());
        if (service == null) {
            throw new KmsConfigurationException(
                    "there is no key service '" + reference.service().get() + "' for the key " + reference + "; "
                            + (further.isEmpty() ? "there is only the main one" : "there are " + further.keySet()));
        }
        return service;
    }

    /**
     * Gives what goes with these services as long as they are open, such as a cache, and makes it if it is not there yet.
     *
     * @param <T> what it is
     * @param key tells it from other companions; two callers with equal keys get the same
     * @param making makes it
     * @return the companion, which is closed before the services are
     * @throws KeyServiceClosedException if these services were closed
     */
    public <T extends AutoCloseable> T companion(Object key, Supplier<T> making) {
        synchronized (companions) {
            if (closed) {
                throw new KeyServiceClosedException("these key services were closed");
            }
            @SuppressWarnings("unchecked") // callers with equal keys make the same thing
            T companion = (T) companions.computeIfAbsent(key, absent -> making.get());
            return companion;
        }
    }

    /**
     * Tells whether these services were closed, by {@link #close()} or because everything was shut down.
     *
     * @return true if they were
     */
    public boolean isClosed() {
        synchronized (companions) {
            return closed;
        }
    }

    /** Closes the companions and then all services, each once, also when closing one fails; idempotent. */
    @Override
    public void close() {
        close(true);
    }

    /** As {@link #close()}, but for services that the program opened itself and may go on using. */
    void shutDown() {
        close(ours);
    }

    private void close(boolean withServices) {
        List<AutoCloseable> open = new ArrayList<>();
        synchronized (companions) {
            closed = true;
            open.addAll(companions.values());
            companions.clear();
        }
        if (withServices) {
            open.add(main);
            open.addAll(new HashSet<>(further.values()));
        }
        RuntimeException failure = null;
        for (AutoCloseable each : open) {
            try {
                each.close();
            } catch (Exception e) {
                RuntimeException unchecked = e instanceof RuntimeException known
                        ? known
                        : new IllegalStateException("closing what goes with the key services failed", e);
                if (failure == null) {
                    failure = unchecked;
                } else {
                    failure.addSuppressed(unchecked);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
