package dev.kmsenvelope.aws;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.hierarchy.BranchKeyAdministration;
import dev.kmsenvelope.hierarchy.BranchKeyStore;
import dev.kmsenvelope.hierarchy.BranchKeyStoreFactory;
import dev.kmsenvelope.hierarchy.item.ItemAdministration;
import dev.kmsenvelope.hierarchy.item.ItemStore;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.time.Clock;
import java.util.Set;

/**
 * The store {@code dynamodb}: AWS's branch key store, in a table of Amazon DynamoDB, with the items that the AWS libraries
 * write. Settings:
 *
 * <ul>
 *   <li>{@code hierarchical.table}: the name of the table; needed. It has the partition key {@code branch-key-id} and the sort
 *       key {@code type}, both strings, and is not made here.
 *   <li>{@code hierarchical.kms-arn}: the ARN of the AWS KMS key that encrypts branch keys; needed. Related multi-Region keys
 *       count as one.
 *   <li>{@code hierarchical.logical-name}: the logical name of the store, which is bound to every branch key; by default the
 *       name of the table. It cannot be changed later.
 *   <li>{@code hierarchical.dynamodb-endpoint}: where to send the requests to DynamoDB, such as a VPC endpoint; {@code
 *       http://} to this machine only.
 * </ul>
 *
 * Region, profile, timeout, retries and the rest are those of {@link AwsBackendFactory}; {@code aws.endpoint} is that of AWS
 * KMS. Opening makes no request and loads nothing of the SDK. Thread-safe.
 */
public final class DynamoStoreFactory implements BranchKeyStoreFactory {

    /** Makes one; does nothing. */
    public DynamoStoreFactory() {}

    @Override
    public String name() {
        return "dynamodb";
    }

    @Override
    public Set<String> configurationKeys() {
        return DynamoSettings.NAMES;
    }

    /**
     * {@inheritDoc}
     *
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting is missing or wrong
     */
    @Override
    public BranchKeyStore openStore(Configuration configuration) {
        DynamoSettings settings = DynamoSettings.of(configuration);
        return new ItemStore(table(settings), new KmsWrapping(settings), settings.logicalName());
    }

    /**
     * {@inheritDoc}
     *
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if a setting is missing or wrong
     */
    @Override
    public BranchKeyAdministration openAdministration(Configuration configuration) {
        DynamoSettings settings = DynamoSettings.of(configuration);
        return new ItemAdministration(
                table(settings), new KmsWrapping(settings), settings.logicalName(), Clock.systemUTC());
    }

    private static DynamoTable table(DynamoSettings settings) {
        try {
            return new DynamoTable(settings);
        } catch (NoClassDefFoundError e) {
            throw withoutSdk(e); // The table class names the SDK and does not verify without it.
        }
    }

    /** Here, and not in the table class, which cannot be used without the SDK. */
    static KmsConfigurationException withoutSdk(NoClassDefFoundError e) {
        return new KmsConfigurationException(
                "branch keys in a table need the module dynamodb of the AWS SDK, which is not on the class path", e);
    }
}
