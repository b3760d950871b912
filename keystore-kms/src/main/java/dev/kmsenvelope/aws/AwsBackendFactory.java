package dev.kmsenvelope.aws;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KeyAdministration;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.spi.BackendFactory;
import java.util.Set;

/**
 * The backend {@code aws}: keys of AWS KMS. Settings, all optional:
 *
 * <ul>
 *   <li>{@code aws.region}: the Region of aliases and key ids; else that of the environment or the profile.
 *   <li>{@code aws.endpoint}: where to send all requests, such as a VPC endpoint; {@code http://} to this machine only.
 *   <li>{@code aws.profile}: which profile of the AWS configuration files.
 *   <li>{@code aws.timeout}: how long one call may take with all its attempts, {@code 10s} by default, 1 ms to 10 minutes.
 *   <li>{@code aws.retries}: how many attempts follow a failed first one, 2 by default, 0 to 10.
 *   <li>{@code aws.alias-max-age}: how long what an alias points to, and the description of a key, are remembered, {@code
 *       1m} by default; {@code 0s} to ask every time, 1 day at most.
 *   <li>{@code aws.fips}: {@code true} for endpoints with FIPS 140 validated cryptography.
 *   <li>{@code aws.grant-tokens}: up to 10 tokens, separated by commas.
 * </ul>
 *
 * Credentials come from the AWS SDK's default chain and from nowhere else. Opening makes no request and loads nothing of the
 * SDK; the first use of a key does. Thread-safe.
 */
public final class AwsBackendFactory implements BackendFactory {

    static final String NAME = "aws";

    /** Makes one; does nothing. */
    public AwsBackendFactory() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Set<String> configurationKeys() {
        return AwsSettings.NAMES;
    }

    /**
     * {@inheritDoc}
     *
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting is wrong
     */
    @Override
    public KeyService openService(Configuration configuration) {
        return new AwsKeyService(AwsSettings.of(configuration));
    }

    /**
     * {@inheritDoc}
     *
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting is wrong
     */
    @Override
    public KeyAdministration openAdministration(Configuration configuration) {
        return new AwsKeyAdministration(AwsSettings.of(configuration));
    }
}
