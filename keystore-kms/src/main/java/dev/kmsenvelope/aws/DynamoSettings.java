package dev.kmsenvelope.aws;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.net.URI;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a branch key store in DynamoDB. Immutable.
 *
 * @param table the name of the table
 * @param logicalName the name that is bound to every branch key
 * @param kmsKey the key that encrypts branch keys
 * @param endpoint where to send the requests to DynamoDB, or null for its own address in the Region
 * @param aws the settings that both services share
 */
record DynamoSettings(
        String table,
        String logicalName,
        KeyArn kmsKey,
        @Nullable URI endpoint,
        AwsSettings aws) {

    static final String TABLE = "hierarchical.table";
    static final String LOGICAL_NAME = "hierarchical.logical-name";
    static final String KMS_ARN = "hierarchical.kms-arn";
    static final String ENDPOINT = "hierarchical.dynamodb-endpoint";

    static final Set<String> NAMES = Set.of(TABLE, LOGICAL_NAME, KMS_ARN, ENDPOINT);

    private static final Pattern TABLE_NAME = Pattern.compile("[A-Za-z0-9_.-]{3,255}");

    /**
     * Reads them.
     *
     * @throws KmsConfigurationException if one is missing or wrong
     */
    static DynamoSettings of(Configuration configuration) {
        String table = required(configuration, TABLE, "the name of the DynamoDB table");
        if (!TABLE_NAME.matcher(table).matches()) {
            throw Configuration.invalid(TABLE, table, "3 to 255 letters, digits, '_', '-' and '.'");
        }
        String arn = required(configuration, KMS_ARN, "the ARN of the key that encrypts branch keys");
        AwsSettings aws = AwsSettings.of(configuration);
        URI endpoint = AwsSettings.endpoint(configuration, ENDPOINT);
        if (aws.fips() && endpoint != null) {
            throw new KmsConfigurationException(
                    "'" + ENDPOINT + "' and '" + AwsSettings.FIPS + "' exclude each other: name an endpoint with FIPS");
        }
        return new DynamoSettings(
                table,
                configuration.get(LOGICAL_NAME).orElse(table),
                KeyArn.parse(arn)
                        .orElseThrow(() -> Configuration.invalid(
                                KMS_ARN, arn, "the ARN of a key, not of an alias: arn:aws:kms:REGION:ACCOUNT:key/ID")),
                endpoint,
                aws);
    }

    private static String required(Configuration configuration, String name, String what) {
        return configuration
                .get(name)
                .orElseThrow(() -> new KmsConfigurationException("the setting '" + name + "' is needed: " + what));
    }
}
