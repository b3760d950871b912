package dev.kmsenvelope.aws;

import dev.kmsenvelope.config.Configuration;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the backend. Immutable.
 *
 * @param region the Region of aliases and key ids, or null for that of the environment or the profile
 * @param endpoint where to send all requests, or null for the service's own address in each Region
 * @param profile the profile in the AWS configuration files, or null for the default one
 * @param timeout how long one call may take with all its attempts
 * @param retries how many attempts follow a failed first one, 0 to {@value #MAX_RETRIES}
 * @param aliasMaxAge how long what an alias points to, and the description of a key, are remembered
 * @param fips whether to use the endpoints with FIPS 140 validated cryptography
 * @param grantTokens tokens of grants that are too new to be known everywhere
 */
record AwsSettings(
        @Nullable String region,
        @Nullable URI endpoint,
        @Nullable String profile,
        Duration timeout,
        int retries,
        Duration aliasMaxAge,
        boolean fips,
        List<String> grantTokens) {

    static final String REGION = "aws.region";
    static final String ENDPOINT = "aws.endpoint";
    static final String PROFILE = "aws.profile";
    static final String TIMEOUT = "aws.timeout";
    static final String RETRIES = "aws.retries";
    static final String ALIAS_MAX_AGE = "aws.alias-max-age";
    static final String FIPS = "aws.fips";
    static final String GRANT_TOKENS = "aws.grant-tokens";

    static final Set<String> NAMES =
            Set.of(REGION, ENDPOINT, PROFILE, TIMEOUT, RETRIES, ALIAS_MAX_AGE, FIPS, GRANT_TOKENS);

    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration MAX_TIMEOUT = Duration.ofMinutes(10);
    private static final int DEFAULT_RETRIES = 2;
    private static final int MAX_RETRIES = 10;
    private static final Duration DEFAULT_ALIAS_MAX_AGE = Duration.ofMinutes(1);
    private static final Duration MAX_ALIAS_MAX_AGE = Duration.ofDays(1);
    private static final Duration MIN_ATTEMPT = Duration.ofSeconds(2);
    private static final int MAX_GRANT_TOKENS = 10;
    private static final int MAX_GRANT_TOKEN = 8192;
    private static final Pattern REGION_NAME = Pattern.compile("[a-z0-9-]{1,64}");
    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    /**
     * Reads them.
     *
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a value is wrong
     */
    static AwsSettings of(Configuration configuration) {
        URI endpoint = endpoint(configuration, ENDPOINT);
        boolean fips = fips(configuration);
        if (fips && endpoint != null) {
            throw Configuration.invalid(
                    FIPS,
                    "true",
                    "false or not set when " + ENDPOINT + " is set: name an endpoint" + " with FIPS there");
        }
        return new AwsSettings(
                region(configuration),
                endpoint,
                configuration.get(PROFILE).orElse(null),
                duration(configuration, TIMEOUT, DEFAULT_TIMEOUT, Duration.ofMillis(1), MAX_TIMEOUT),
                configuration.getInt(RETRIES, DEFAULT_RETRIES, 0, MAX_RETRIES),
                duration(configuration, ALIAS_MAX_AGE, DEFAULT_ALIAS_MAX_AGE, Duration.ZERO, MAX_ALIAS_MAX_AGE),
                fips,
                grantTokens(configuration));
    }

    /**
     * How long one attempt may take. A connection that died silently leaves time for another attempt; an attempt is not
     * cut shorter than two seconds, unless the whole call is.
     */
    Duration attemptTimeout() {
        Duration share = timeout.dividedBy(retries + 1L);
        Duration enough = share.compareTo(MIN_ATTEMPT) < 0 ? MIN_ATTEMPT : share;
        return enough.compareTo(timeout) < 0 ? enough : timeout;
    }

    /** The same for another service, which has an address of its own. */
    AwsSettings at(@Nullable URI otherEndpoint) {
        return new AwsSettings(region, otherEndpoint, profile, timeout, retries, aliasMaxAge, fips, grantTokens);
    }

    private static @Nullable String region(Configuration configuration) {
        String region = configuration.get(REGION).orElse(null);
        if (region != null && !REGION_NAME.matcher(region).matches()) {
            throw Configuration.invalid(REGION, region, "the name of an AWS Region, such as eu-west-1");
        }
        return region;
    }

    /** The address that a setting has, or null. */
    static @Nullable URI endpoint(Configuration configuration, String setting) {
        return configuration.get(setting).map(value -> endpoint(setting, value)).orElse(null);
    }

    /** Data keys travel through the connection in plain text: without TLS it must not leave this machine. */
    private static URI endpoint(String setting, String value) {
        try {
            URI uri = new URI(value);
            String host = uri.getHost();
            if (host != null
                    && uri.getUserInfo() == null
                    && uri.getQuery() == null
                    && uri.getFragment() == null
                    && ("https".equals(uri.getScheme())
                            || ("http".equals(uri.getScheme())
                                    && LOOPBACK.matcher(host).matches()))) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // reported below, together with URIs of other kinds
        }
        throw Configuration.invalid(
                setting, value, "an address such as https://kms.eu-west-1.amazonaws.com; http:// only to this machine");
    }

    private static boolean fips(Configuration configuration) {
        String value = configuration.get(FIPS).orElse("false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Configuration.invalid(FIPS, value, "true or false");
        };
    }

    private static Duration duration(
            Configuration configuration, String name, Duration fallback, Duration min, Duration max) {
        Duration value = configuration.getDuration(name, fallback);
        if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
            throw Configuration.invalid(
                    name,
                    configuration.get(name).orElse(""),
                    "a duration from " + min.toMillis() + "ms to " + max.toSeconds() + "s");
        }
        return value;
    }

    /** A wrong one is not repeated: a grant token is no secret by itself, but it lends permissions to who may use it. */
    private static List<String> grantTokens(Configuration configuration) {
        List<String> tokens = configuration
                .get(GRANT_TOKENS)
                .map(value ->
                        Arrays.stream(value.split(",", -1)).map(String::strip).toList())
                .orElse(List.of());
        if (tokens.size() > MAX_GRANT_TOKENS
                || tokens.stream().anyMatch(token -> token.isEmpty() || token.length() > MAX_GRANT_TOKEN)) {
            throw Configuration.invalid(
                    GRANT_TOKENS,
                    "(not shown)",
                    "1 to " + MAX_GRANT_TOKENS + " tokens of 1 to " + MAX_GRANT_TOKEN
                            + " characters, separated by commas");
        }
        return tokens;
    }

    @Override
    public String toString() {
        return "AwsSettings[region=" + region + ", endpoint=" + endpoint + ", profile=" + profile + "]";
    }
}
