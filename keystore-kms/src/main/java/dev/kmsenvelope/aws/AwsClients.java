package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.KmsConfigurationException;
import java.lang.ref.Cleaner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.SdkClient;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpConfigurationOption;
import software.amazon.awssdk.http.SdkHttpService;
import software.amazon.awssdk.profiles.ProfileFileSystemSetting;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsRegionProvider;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.retries.api.RetryStrategy;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.utils.AttributeMap;

/**
 * Clients of the SDK, one for each Region, made when they are needed. They share connections, credentials and one thread
 * that watches the time. All of it is released by {@link #close()}, or when this object is not reachable any more, for
 * services are not closed by those who share them. Thread-safe.
 */
final class AwsClients implements AutoCloseable {

    /** The SDK's own setting for which HTTP client to take when several are there. */
    static final String HTTP_CLIENT_PROPERTY = "software.amazon.awssdk.http.service.impl";

    private static final String HTTP_CLIENT = "software.amazon.awssdk.http.urlconnection.UrlConnectionSdkHttpService";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final int IDLE_SECONDS = 5;

    /** More than there are Regions. */
    private static final int MAX_CLIENTS = 100;

    private final AwsSettings settings;
    private final Resources resources;
    private final Cleaner.Cleanable cleanable;
    private volatile @Nullable String region;
    private boolean sought; // Guarded by this.

    AwsClients(AwsSettings settings) {
        this.settings = settings;
        this.region = settings.region();
        this.resources = new Resources(settings);
        this.cleanable = Cleaners.SHARED.register(this, resources);
    }

    /**
     * The client of a Region.
     *
     * @throws IllegalStateException after {@link #close()}
     */
    KmsClient of(String region) {
        return resources.client(region, false);
    }

    /**
     * The client of a Region for what must not happen twice. A request without an answer may have been carried out, so only
     * a throttled one, which was not, is repeated.
     *
     * @throws IllegalStateException after {@link #close()}
     */
    KmsClient once(String region) {
        return resources.client(region, true);
    }

    /**
     * A client of another service, in the Region of names that do not tell theirs, with the same settings. It is released
     * with this.
     *
     * @throws IllegalStateException after {@link #close()}
     */
    <C extends SdkClient, B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>> C of(B builder) {
        return resources.client(region(), builder);
    }

    /**
     * The Region of names that do not tell theirs.
     *
     * @throws KmsConfigurationException if none is set, anywhere
     */
    String region() {
        String known = region;
        return known != null
                ? known
                : seek(true)
                        .orElseThrow(() -> new KmsConfigurationException("the AWS Region is not known: set '"
                                + AwsSettings.REGION
                                + "', the environment variable AWS_REGION, or a region in the profile "
                                + profileName()));
    }

    /**
     * That Region, if there is one. Where only the metadata service of an instance tells it, that has to be asked here too,
     * or the names of multi-Region keys would mean other keys after the first request that needs the Region. It is asked
     * once: elsewhere there is none, and each attempt takes time.
     */
    Optional<String> regionIfKnown() {
        String known = region;
        return known != null ? Optional.of(known) : seek(false);
    }

    private synchronized Optional<String> seek(boolean again) {
        if (region == null && (again || !sought)) {
            sought = true;
            DefaultAwsRegionProviderChain.Builder chain = DefaultAwsRegionProviderChain.builder();
            if (settings.profile() != null) {
                chain.profileName(settings.profile());
            }
            region = lookUp(chain.build()).orElse(null);
        }
        return Optional.ofNullable(region);
    }

    /** Whether the SDK lists a Region. Asking the SDK for one by its name makes it keep that name for ever. */
    static boolean isListed(String region) {
        return Region.regions().stream().anyMatch(listed -> listed.id().equals(region));
    }

    private String profileName() {
        return settings.profile() != null
                ? settings.profile()
                : ProfileFileSystemSetting.AWS_PROFILE.getStringValueOrThrow();
    }

    private static Optional<String> lookUp(AwsRegionProvider provider) {
        try {
            return Optional.ofNullable(provider.getRegion()).map(Region::id);
        } catch (SdkClientException e) {
            return Optional.empty(); // Says that none of its sources has one.
        }
    }

    @Override
    public void close() {
        cleanable.clean();
    }

    /** Threads that keep no JVM alive. */
    static ThreadFactory daemons(String what) {
        return task -> {
            Thread thread = new Thread(task, "kms-envelope-aws-" + what);
            thread.setDaemon(true);
            return thread;
        };
    }

    private static final class Cleaners {
        static final Cleaner SHARED = Cleaner.create(daemons("cleaner"));
    }

    /** What is to be released; it refers to nothing that keeps the outer object reachable. */
    private static final class Resources implements Runnable {

        private final AwsSettings settings;
        private final AwsCredentialsChain credentials;
        private final ScheduledThreadPoolExecutor timer;
        private final SdkHttpClient http;
        private final Map<String, KmsClient> clients = new HashMap<>();
        private final List<SdkClient> others = new ArrayList<>();
        private boolean closed;

        Resources(AwsSettings settings) {
            this.settings = settings;
            this.http = httpClient(settings);
            this.credentials = new AwsCredentialsChain(settings);
            this.timer = new ScheduledThreadPoolExecutor(1, daemons("timer"));
            timer.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
            timer.allowCoreThreadTimeOut(true);
            timer.setRemoveOnCancelPolicy(true);
        }

        synchronized KmsClient client(String region, boolean once) {
            if (closed) {
                throw new IllegalStateException("this key service was closed");
            }
            String name = region + (once ? " once" : "");
            // Messages name Regions, and anybody can write one that does not exist: it must not cost memory for ever.
            if (clients.size() >= MAX_CLIENTS && !clients.containsKey(name) && !isListed(region)) {
                throw new KmsConfigurationException(
                        "too many Regions were asked for that the AWS SDK does not list, such" + " as " + region);
            }
            return clients.computeIfAbsent(name, key -> build(region, once, KmsClient.builder()));
        }

        synchronized <C extends SdkClient, B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>> C client(
                String region, B builder) {
            if (closed) {
                throw new IllegalStateException("this key service was closed");
            }
            C client = build(region, false, builder);
            others.add(client);
            return client;
        }

        private <C extends SdkClient, B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>> C build(
                String region, boolean once, B builder) {
            builder.region(Region.of(region))
                    .credentialsProvider(credentials)
                    .httpClient(http)
                    .overrideConfiguration(override -> {
                        override.apiCallTimeout(settings.timeout())
                                .apiCallAttemptTimeout(settings.attemptTimeout())
                                .retryStrategy(once ? whenThrottled() : whenWorthIt())
                                .scheduledExecutorService(timer);
                        if (settings.profile() != null) {
                            override.defaultProfileName(settings.profile());
                        }
                    });
            if (settings.fips()) {
                builder.fipsEnabled(true);
            }
            if (settings.endpoint() != null) {
                builder.endpointOverride(settings.endpoint());
            }
            return builder.build();
        }

        private RetryStrategy whenWorthIt() {
            return AwsRetryStrategy.standardRetryStrategy().toBuilder()
                    .maxAttempts(settings.retries() + 1)
                    .build();
        }

        private RetryStrategy whenThrottled() {
            Predicate<Throwable> throttled =
                    e -> e instanceof AwsServiceException exception && exception.isThrottlingException();
            return DefaultRetryStrategy.standardStrategyBuilder()
                    .useClientDefaults(false)
                    .maxAttempts(settings.retries() + 1)
                    .treatAsThrottling(throttled)
                    .retryOnException(throttled)
                    .build();
        }

        @Override
        public synchronized void run() {
            if (!closed) {
                closed = true;
                clients.values().forEach(KmsClient::close);
                others.forEach(SdkClient::close);
                http.close();
                credentials.close();
                timer.shutdownNow();
            }
        }

        private static SdkHttpClient httpClient(AwsSettings settings) {
            List<ServiceLoader.Provider<SdkHttpService>> found =
                    ServiceLoader.load(SdkHttpService.class, AwsClients.class.getClassLoader()).stream()
                            .toList();
            String asked = System.getProperty(HTTP_CLIENT_PROPERTY);
            String wanted = asked == null ? HTTP_CLIENT : asked;
            Optional<ServiceLoader.Provider<SdkHttpService>> chosen = found.stream()
                    .filter(service -> service.type().getName().equals(wanted))
                    .findFirst();
            if (chosen.isEmpty() && asked == null) {
                chosen = found.stream().findFirst();
            }
            return chosen.orElseThrow(() -> new KmsConfigurationException("the HTTP client " + wanted
                            + " of the AWS SDK is not on the class path"
                            + (asked == null ? "" : "; the system property " + HTTP_CLIENT_PROPERTY + " asks for it")))
                    .get()
                    .createHttpClientBuilder()
                    .buildWithDefaults(AttributeMap.builder()
                            .put(SdkHttpConfigurationOption.CONNECTION_TIMEOUT, connectTimeout(settings))
                            .put(SdkHttpConfigurationOption.READ_TIMEOUT, settings.attemptTimeout())
                            .build());
        }

        private static Duration connectTimeout(AwsSettings settings) {
            Duration attempt = settings.attemptTimeout();
            return attempt.compareTo(CONNECT_TIMEOUT) < 0 ? attempt : CONNECT_TIMEOUT;
        }
    }
}
