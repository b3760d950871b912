package dev.kmsenvelope.aws;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.RotationStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys of AWS KMS for those who administer them. Names are those of {@link AwsKeyService}; nothing is remembered from
 * one call to the next.
 *
 * <p>An alias is {@code alias/} and 1 to 250 letters, digits, {@code /}, {@code _} and {@code -}, and does not start with
 * {@code alias/aws/}; another one is an {@link IllegalArgumentException} where an alias is made.
 *
 * <p>Thread-safe. Nothing of the SDK is loaded before the first call. Creating a key and rotating one on demand are not
 * repeated after a failure that leaves open whether they were carried out. Besides what {@link KeyAdministration} says, every
 * method may throw an {@link IllegalStateException} after {@link #close()}.
 */
final class AwsKeyAdministration implements KeyAdministration {

    private final AwsSettings settings;
    private @Nullable AwsAdministrator administrator;
    private boolean closed;

    AwsKeyAdministration(AwsSettings settings) {
        this.settings = settings;
    }

    private synchronized AwsAdministrator aws() {
        if (closed) {
            throw new IllegalStateException("this key administration was closed");
        }
        if (administrator == null) {
            AwsCalls calls = new AwsCalls(settings);
            administrator = new AwsAdministrator(calls, new AwsKeys(calls, Duration.ZERO, Ticker.systemTicker()));
        }
        return administrator;
    }

    @Override
    public String name() {
        return AwsBackendFactory.NAME;
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return aws().describe(key);
    }

    @Override
    public List<KeyDescription> list() {
        return aws().list();
    }

    @Override
    public KeyDescription createKey(KeySpec spec, KeyUsage usage) {
        requireUsage(spec, usage);
        return aws().createKey(spec, usage);
    }

    @Override
    public KeyDescription createKey(KeySpec spec, KeyUsage usage, KeyId alias) {
        requireUsage(spec, usage);
        AwsNames.requireAlias(alias);
        return aws().createKey(spec, usage, alias);
    }

    private static void requireUsage(KeySpec spec, KeyUsage usage) {
        if (spec == KeySpec.OTHER || !spec.usages().contains(usage)) {
            throw new IllegalArgumentException("AWS KMS has no keys of kind " + spec + " for " + usage);
        }
    }

    @Override
    public void createAlias(KeyId alias, KeyId target) {
        AwsNames.requireAlias(alias);
        aws().createAlias(alias, target);
    }

    @Override
    public void updateAlias(KeyId alias, KeyId target) {
        AwsNames.requireAlias(alias);
        aws().updateAlias(alias, target);
    }

    @Override
    public void deleteAlias(KeyId alias) {
        aws().deleteAlias(alias);
    }

    @Override
    public KeyDescription rotate(KeyId key) {
        return aws().rotate(key);
    }

    @Override
    public void enableRotation(KeyId key, int periodDays) {
        if (periodDays < MIN_ROTATION_DAYS || periodDays > MAX_ROTATION_DAYS) {
            throw new IllegalArgumentException("a key is rotated after " + MIN_ROTATION_DAYS + " to "
                    + MAX_ROTATION_DAYS + " days, not " + periodDays);
        }
        aws().enableRotation(key, periodDays);
    }

    @Override
    public void disableRotation(KeyId key) {
        aws().disableRotation(key);
    }

    @Override
    public RotationStatus rotationStatus(KeyId key) {
        return aws().rotationStatus(key);
    }

    @Override
    public void enable(KeyId key) {
        aws().enable(key);
    }

    @Override
    public void disable(KeyId key) {
        aws().disable(key);
    }

    @Override
    public Instant scheduleDeletion(KeyId key, int days) {
        if (days < MIN_DELETION_DAYS || days > MAX_DELETION_DAYS) {
            throw new IllegalArgumentException(
                    "a key is deleted after " + MIN_DELETION_DAYS + " to " + MAX_DELETION_DAYS + " days, not " + days);
        }
        return aws().scheduleDeletion(key, days);
    }

    @Override
    public void cancelDeletion(KeyId key) {
        aws().cancelDeletion(key);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (administrator != null) {
            administrator.close();
        }
    }
}
