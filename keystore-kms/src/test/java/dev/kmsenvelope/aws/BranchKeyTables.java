package dev.kmsenvelope.aws;

import dev.kmsenvelope.config.Configuration;
import java.net.URI;
import java.util.Map;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;
import software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType;
import software.amazon.awssdk.services.kms.KmsClient;

/** Makes tables for branch keys, which the library does not, in a {@link MotoServer}, and clients to look into them. */
final class BranchKeyTables {

    private BranchKeyTables() {}

    static DynamoDbClient dynamo(MotoServer moto) {
        return DynamoDbClient.builder()
                .endpointOverride(URI.create(moto.endpoint()))
                .region(Region.of(MotoServer.REGION))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    static KmsClient kms(MotoServer moto) {
        return KmsClient.builder()
                .endpointOverride(URI.create(moto.endpoint()))
                .region(Region.of(MotoServer.REGION))
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .build();
    }

    static void create(DynamoDbClient client, String table) {
        client.createTable(request -> request.tableName(table)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .keySchema(
                        KeySchemaElement.builder()
                                .attributeName("branch-key-id")
                                .keyType(KeyType.HASH)
                                .build(),
                        KeySchemaElement.builder()
                                .attributeName("type")
                                .keyType(KeyType.RANGE)
                                .build())
                .attributeDefinitions(string("branch-key-id"), string("type")));
    }

    private static AttributeDefinition string(String name) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(ScalarAttributeType.S)
                .build();
    }

    static Configuration settings(MotoServer moto, String table, String logicalName, String arn) {
        return Configuration.of(Map.of(
                        "backend",
                        "hierarchical",
                        "hierarchical.store",
                        "dynamodb",
                        "hierarchical.table",
                        table,
                        "hierarchical.logical-name",
                        logicalName,
                        "hierarchical.kms-arn",
                        arn,
                        "hierarchical.dynamodb-endpoint",
                        moto.endpoint()))
                .orElse(moto.settings());
    }
}
