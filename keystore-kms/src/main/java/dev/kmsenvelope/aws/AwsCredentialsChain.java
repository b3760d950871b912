package dev.kmsenvelope.aws;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;

/**
 * The default credential chain, bounded in time: its links may ask a token service, a metadata service or a program, and
 * the SDK does not count that into the time of a call. One thread at most asks; all callers wait for it. Thread-safe.
 */
final class AwsCredentialsChain implements AwsCredentialsProvider, AutoCloseable {

    private static final long IDLE_SECONDS = 5;

    private final DefaultCredentialsProvider chain;
    private final @Nullable String profile;
    private final long timeoutMillis;
    private final ThreadPoolExecutor executor;
    private final AtomicReference<@Nullable CompletableFuture<AwsCredentials>> asking = new AtomicReference<>();

    AwsCredentialsChain(AwsSettings settings) {
        DefaultCredentialsProvider.Builder builder = DefaultCredentialsProvider.builder();
        if (settings.profile() != null) {
            builder.profileName(settings.profile());
        }
        this.chain = builder.build();
        this.profile = settings.profile();
        this.timeoutMillis = settings.timeout().toMillis();
        this.executor = new ThreadPoolExecutor(
                1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), AwsClients.daemons("credentials"));
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return ask().get(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AwsCredentialsFailure(e);
        } catch (ExecutionException e) {
            throw new AwsCredentialsFailure(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            throw AbortedException.create("interrupted while waiting for credentials", e);
        }
    }

    private CompletableFuture<AwsCredentials> ask() {
        CompletableFuture<AwsCredentials> mine = new CompletableFuture<>();
        CompletableFuture<AwsCredentials> running = asking.compareAndExchange(null, mine);
        if (running != null) {
            return running;
        }
        executor.execute(() -> {
            try {
                mine.complete(chain.resolveCredentials());
            } catch (Throwable e) {
                mine.completeExceptionally(reason(e)); // Whoever waits throws it.
            } finally {
                asking.set(null);
            }
        });
        return mine;
    }

    /**
     * Why there are none. The chain joins the texts of its links and drops their exceptions, so the profile is asked once
     * more: a module that is missing, or a token service that refuses, can be told by nobody else.
     */
    private Throwable reason(Throwable ofChain) {
        try (ProfileCredentialsProvider provider = profile()) {
            provider.resolveCredentials();
        } catch (RuntimeException | LinkageError e) {
            if (AwsErrors.isOfMissingModule(e) || AwsErrors.find(e, AwsServiceException.class) != null) {
                return e;
            }
        }
        return ofChain;
    }

    private ProfileCredentialsProvider profile() {
        ProfileCredentialsProvider.Builder builder = ProfileCredentialsProvider.builder();
        if (profile != null) {
            builder.profileName(profile);
        }
        return builder.build();
    }

    @Override
    public void close() {
        executor.shutdownNow();
        chain.close();
    }
}
