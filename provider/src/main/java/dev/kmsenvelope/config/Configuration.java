package dev.kmsenvelope.config;

import dev.kmsenvelope.kms.KmsConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Settings, as in a properties file in UTF-8. Immutable. It never holds a secret: passphrases and credentials come from
 * files, the environment, or the platform's own chain.
 *
 * <p>Values are read with the getters below, which name the setting and what it may be when a value is wrong.
 */
public final class Configuration {

    /** The system property that names the file of settings for the whole process. */
    public static final String SYSTEM_PROPERTY = "kmsenvelope.config";

    /** The longest name of a setting, in characters: room for key names, of which the longest have 2048. */
    private static final int MAX_NAME = 4096;

    private static final Configuration EMPTY = new Configuration(Map.of());
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})\\s*(|B|KiB|MiB|GiB|TiB)");

    private final Map<String, String> values;

    private Configuration(Map<String, String> values) {
        this.values = values;
    }

    /**
     * The settings of somebody who set nothing.
     *
     * @return no settings
     */
    public static Configuration empty() {
        return EMPTY;
    }

    /**
     * Makes settings from a map.
     *
     * @param values names and values; copied, values are trimmed
     * @return the settings
     */
    public static Configuration of(Map<String, String> values) {
        Map<String, String> copy = new TreeMap<>();
        values.forEach((name, value) -> copy.put(name, value.strip()));
        return new Configuration(Collections.unmodifiableMap(copy));
    }

    /**
     * Reads settings.
     *
     * @param in a properties file in UTF-8; not closed
     * @return the settings
     * @throws IOException if reading fails
     * @throws KmsConfigurationException if it is not a properties file
     */
    public static Configuration read(InputStream in) throws IOException {
        Properties properties = new Properties();
        // Its decoder reports malformed input: replaced characters would make another path, silently.
        Reader reader = new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder());
        try {
            properties.load(reader);
        } catch (CharacterCodingException e) {
            throw new KmsConfigurationException("the configuration is not a properties file: it is not UTF-8 text", e);
        } catch (IllegalArgumentException e) {
            throw new KmsConfigurationException("the configuration is not a properties file: " + e.getMessage(), e);
        }
        Map<String, String> values = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            if (name.length() > MAX_NAME) {
                throw new KmsConfigurationException(
                        "the configuration is not a properties file: it has a name of more than " + MAX_NAME
                                + " characters");
            }
            values.put(name, properties.getProperty(name));
        }
        return of(values);
    }

    /**
     * Reads settings from a file.
     *
     * @param file the path of a properties file in UTF-8
     * @return the settings
     * @throws KmsConfigurationException if the file cannot be read or is not a properties file
     */
    public static Configuration read(String file) {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return read(in);
        } catch (KmsConfigurationException e) {
            throw new KmsConfigurationException("in the file " + file + ": " + e.getMessage(), e);
        } catch (IOException | InvalidPathException e) {
            throw new KmsConfigurationException("cannot read the configuration file " + file, e);
        }
    }

    /**
     * The settings that the system property {@value #SYSTEM_PROPERTY} names.
     *
     * @return those settings; none when the property is not set
     * @throws KmsConfigurationException as {@link #read(String)}
     */
    public static Configuration ofSystem() {
        String file = System.getProperty(SYSTEM_PROPERTY);
        return file == null || file.isBlank() ? EMPTY : read(file);
    }

    /**
     * These settings, and for names that they do not have, those of others.
     *
     * @param others settings of lower precedence
     * @return both
     */
    public Configuration orElse(Configuration others) {
        if (others.values.isEmpty()) {
            return this;
        }
        Map<String, String> union = new TreeMap<>(others.values);
        union.putAll(values);
        return new Configuration(Collections.unmodifiableMap(union));
    }

    /**
     * The settings whose names start with a prefix, under what follows it.
     *
     * @param prefix for example {@code service.eu.}
     * @return those settings, under names without the prefix
     */
    public Configuration under(String prefix) {
        Map<String, String> inner = new TreeMap<>();
        values.forEach((name, value) -> {
            if (name.startsWith(prefix) && name.length() > prefix.length()) {
                inner.put(name.substring(prefix.length()), value);
            }
        });
        return new Configuration(Collections.unmodifiableMap(inner));
    }

    /**
     * These settings, where those whose names have a prefix take the place of those without it.
     *
     * @param prefix what stands before the names of the settings that win
     * @return the settings, without any name that has the prefix
     */
    public Configuration overriddenBy(String prefix) {
        Map<String, String> plain = new TreeMap<>(values);
        plain.keySet().removeIf(name -> name.startsWith(prefix));
        return under(prefix).orElse(new Configuration(Collections.unmodifiableMap(plain)));
    }

    /**
     * Refuses settings that nobody knows: a misspelt one would be ignored silently otherwise.
     *
     * @param known the names that exist, where {@code *} stands for one or more characters
     * @throws KmsConfigurationException if a name is unknown; it names the nearest known one
     */
    public void requireKnown(Collection<String> known) {
        for (String name : values.keySet()) {
            if (known.stream().noneMatch(pattern -> matches(pattern, name))) {
                throw new KmsConfigurationException(unknown(name, NearestName.of(name, known)));
            }
        }
    }

    /** What resembles no setting may be a line of another file, such as a passphrase: it is not repeated. */
    private static String unknown(String name, NearestName nearest) {
        String group = nearest.name().substring(0, nearest.name().indexOf('.') + 1);
        boolean resembles = nearest.distance() <= name.length() / 2 || (!group.isEmpty() && name.startsWith(group));
        return resembles
                ? "there is no setting '" + name + "'; the nearest one is '" + nearest.name() + "'"
                : "there is a setting whose name, not shown here, resembles none that exists; the nearest one is '"
                        + nearest.name() + "'";
    }

    /**
     * What somebody who misspelt a name may have meant.
     *
     * @param name the misspelt name
     * @param known the names that there are, at least one
     * @return the nearest of them
     */
    public static String nearest(String name, Collection<String> known) {
        return NearestName.of(name, known).name();
    }

    private static boolean matches(String pattern, String name) {
        return Pattern.matches(Pattern.quote(pattern).replace("*", "\\E.+\\Q"), name);
    }

    /**
     * All settings.
     *
     * @return an unmodifiable map, sorted by name
     */
    public Map<String, String> asMap() {
        return values;
    }

    /**
     * A setting.
     *
     * @param name its name
     * @return its value; empty when it is not set or blank
     */
    public Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name)).filter(value -> !value.isEmpty());
    }

    /**
     * A setting that is a whole number.
     *
     * @param name its name
     * @param fallback what it is when it is not set
     * @param min the smallest value allowed
     * @param max the largest value allowed
     * @return its value
     * @throws KmsConfigurationException if it is not a number in that range
     */
    public int getInt(String name, int fallback, int min, int max) {
        return (int) getLong(name, fallback, min, max);
    }

    /**
     * A setting that is a whole number and may be large.
     *
     * @param name its name
     * @param fallback what it is when it is not set
     * @param min the smallest value allowed
     * @param max the largest value allowed
     * @return its value
     * @throws KmsConfigurationException if it is not a number in that range
     */
    public long getLong(String name, long fallback, long min, long max) {
        Optional<String> text = get(name);
        if (text.isEmpty()) {
            return fallback;
        }
        try {
            long value = Long.parseLong(text.get());
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below, together with numbers out of range
        }
        throw invalid(name, text.get(), "a number from " + min + " to " + max);
    }

    /**
     * A setting that is a number of bytes, such as {@code 65536}, {@code 64KiB}, {@code 4MiB}, {@code 1GiB} or {@code
     * 2TiB}.
     *
     * @param name its name
     * @param fallback what it is when it is not set
     * @param min the smallest value allowed
     * @param max the largest value allowed
     * @return its value in bytes
     * @throws KmsConfigurationException if it is not a number of bytes in that range
     */
    public long getBytes(String name, long fallback, long min, long max) {
        Optional<String> text = get(name);
        if (text.isEmpty()) {
            return fallback;
        }
        Matcher size = SIZE.matcher(text.get());
        if (size.matches()) {
            int shift = switch (size.group(2)) {
                case "KiB" -> 10;
                case "MiB" -> 20;
                case "GiB" -> 30;
                case "TiB" -> 40;
                default -> 0;
            };
            long number = Long.parseLong(size.group(1));
            long value = number << shift;
            if (value >> shift == number && value >= min && value <= max) {
                return value;
            }
        }
        throw invalid(
                name, text.get(), "a number of bytes from " + min + " to " + max + ", such as 65536, 64KiB or 4MiB");
    }

    /**
     * A setting that is a duration, such as {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1h} or {@code 90d}.
     *
     * @param name its name
     * @param fallback what it is when it is not set
     * @return its value
     * @throws KmsConfigurationException if it is not a duration
     */
    public Duration getDuration(String name, Duration fallback) {
        Optional<String> text = get(name);
        if (text.isEmpty()) {
            return fallback;
        }
        Matcher duration = DURATION.matcher(text.get().toLowerCase(Locale.ROOT));
        if (!duration.matches()) {
            throw invalid(name, text.get(), "a duration such as 500ms, 30s, 5m, 1h or 90d");
        }
        long number = Long.parseLong(duration.group(1));
        return switch (duration.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            default -> Duration.ofDays(number);
        };
    }

    /**
     * A setting that is a duration and has an upper limit.
     *
     * @param name its name
     * @param fallback what it is when it is not set
     * @param max the longest that is allowed, whole days or minutes
     * @return its value
     * @throws KmsConfigurationException if it is not a duration up to that limit
     */
    public Duration getDuration(String name, Duration fallback, Duration max) {
        Duration value = getDuration(name, fallback);
        if (value.compareTo(max) > 0) {
            throw invalid(
                    name,
                    get(name).orElse(""),
                    "a duration of at most " + (max.toDays() > 0 ? max.toDays() + "d" : max.toMinutes() + "m"));
        }
        return value;
    }

    /**
     * A setting that is the path of a file or directory; a relative one starts at the working directory.
     *
     * @param name its name
     * @return its value; empty when it is not set
     * @throws KmsConfigurationException if it is not a path, or starts with {@code ~}, which only shells expand
     */
    public Optional<Path> getPath(String name) {
        return get(name).map(value -> path(name, value));
    }

    /**
     * Turns a value into a path, as {@link #getPath} does.
     *
     * @param name what to call the value in an error
     * @param value the value
     * @return the path
     * @throws KmsConfigurationException as {@link #getPath}
     */
    public static Path path(String name, String value) {
        if (value.equals("~") || value.startsWith("~/")) {
            throw invalid(name, value, "a path without '~', which only shells expand");
        }
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw invalid(name, value, "a path");
        }
    }

    /**
     * Says that a value is wrong.
     *
     * @param name the setting
     * @param value what it is
     * @param allowed what it may be
     * @return an exception to throw
     */
    public static KmsConfigurationException invalid(String name, String value, String allowed) {
        return new KmsConfigurationException("the setting '" + name + "' is '" + value + "'; it must be " + allowed);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Configuration that && values.equals(that.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return "Configuration" + values.keySet();
    }
}
