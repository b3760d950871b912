package dev.kmsenvelope.aws;

import dev.kmsenvelope.hierarchy.BranchKeyConflictException;
import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.hierarchy.item.BranchKeyItem;
import dev.kmsenvelope.hierarchy.item.ItemTable;
import dev.kmsenvelope.kms.KmsUnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;

/**
 * The items of a branch key store in a table of DynamoDB. Reads see what was written last. Writing is one transaction, with
 * the conditions of the specification (branch-key-store.md of the AWS Encryption SDK). Thread-safe. Nothing of the SDK is
 * loaded before the first call.
 */
final class DynamoTable implements ItemTable {

    private static final String NEW = "attribute_not_exists(#id)";
    private static final String SAME = "attribute_exists(#id) AND #enc = :old";
    private static final int MAX_PAGES = 100_000;

    private final DynamoSettings settings;
    private @Nullable AwsClients clients;
    private @Nullable DynamoDbClient client;
    private boolean closed;

    DynamoTable(DynamoSettings settings) {
        this.settings = settings;
    }

    private synchronized DynamoDbClient client() {
        if (closed) {
            throw new IllegalStateException("this store of branch keys was closed");
        }
        if (client == null) {
            clients = open();
            client = clients.of(DynamoDbClient.builder());
        }
        return client;
    }

    private AwsClients open() {
        try {
            DynamoDbClient.builder();
        } catch (NoClassDefFoundError e) {
            throw DynamoStoreFactory.withoutSdk(e);
        }
        return clients == null ? new AwsClients(settings.aws().at(settings.endpoint())) : clients;
    }

    @Override
    public String name() {
        return "the table " + settings.table();
    }

    private AwsCall describe(AwsOperation operation) {
        return new AwsCall(operation, null, settings.aws().timeout());
    }

    private <R> R call(AwsOperation operation, Function<DynamoDbClient, R> request) {
        DynamoDbClient open = client();
        try {
            return request.apply(open);
        } catch (RuntimeException e) {
            throw AwsErrors.of(describe(operation), e);
        }
    }

    @Override
    public Optional<BranchKeyItem> get(String id, String type) {
        GetItemResponse reply = call(
                AwsOperation.DYNAMODB_GET_ITEM,
                open -> open.getItem(request -> request.tableName(settings.table())
                        .consistentRead(true)
                        .key(Map.of(
                                BranchKeyItem.ID, AttributeValue.fromS(id),
                                BranchKeyItem.TYPE, AttributeValue.fromS(type)))));
        return reply.hasItem() && !reply.item().isEmpty()
                ? Optional.of(DynamoItems.read(reply.item()))
                : Optional.empty();
    }

    @Override
    public List<BranchKeyItem> all(String id) {
        return pages(AwsOperation.DYNAMODB_QUERY, start -> {
            QueryResponse reply = call(
                    AwsOperation.DYNAMODB_QUERY,
                    open -> open.query(request -> request.tableName(settings.table())
                            .consistentRead(true)
                            .keyConditionExpression("#id = :id")
                            .expressionAttributeNames(Map.of("#id", BranchKeyItem.ID))
                            .expressionAttributeValues(Map.of(":id", AttributeValue.fromS(id)))
                            .exclusiveStartKey(start)));
            return new Page(reply.items(), reply.lastEvaluatedKey(), DynamoItems::read);
        });
    }

    /** Leaves malformed items out, or one of them would hide all others; looked up by its id, each says what is wrong. */
    @Override
    public List<BranchKeyItem> active() {
        return pages(AwsOperation.DYNAMODB_SCAN, start -> {
            ScanResponse reply = call(
                    AwsOperation.DYNAMODB_SCAN,
                    open -> open.scan(request -> request.tableName(settings.table())
                            .filterExpression("#type = :active")
                            .expressionAttributeNames(Map.of("#type", BranchKeyItem.TYPE))
                            .expressionAttributeValues(Map.of(":active", AttributeValue.fromS(BranchKeyItem.ACTIVE)))
                            .exclusiveStartKey(start)));
            return new Page(reply.items(), reply.lastEvaluatedKey(), DynamoTable::readIfWellFormed);
        });
    }

    private static @Nullable BranchKeyItem readIfWellFormed(Map<String, AttributeValue> item) {
        try {
            return DynamoItems.read(item);
        } catch (BranchKeyStoreException e) {
            return null;
        }
    }

    private record Page(
            List<Map<String, AttributeValue>> items,
            Map<String, AttributeValue> last,
            Function<Map<String, AttributeValue>, @Nullable BranchKeyItem> reading) {}

    private List<BranchKeyItem> pages(
            AwsOperation operation, Function<@Nullable Map<String, AttributeValue>, Page> request) {
        List<BranchKeyItem> items = new ArrayList<>();
        Map<String, AttributeValue> start = null;
        for (int i = 0; i < MAX_PAGES; i++) {
            Page page = request.apply(start);
            for (Map<String, AttributeValue> item : page.items()) {
                BranchKeyItem read = page.reading().apply(item);
                if (read != null) {
                    items.add(read);
                }
            }
            if (page.last().isEmpty()) {
                return items;
            }
            start = page.last();
        }
        throw new KmsUnavailableException(describe(operation) + ": the reply makes no sense: a list that does not end");
    }

    @Override
    public void create(List<BranchKeyItem> items) {
        write(
                items.stream().map(item -> put(item, Map.of(), NEW)).toList(),
                items.get(0).id(),
                "exists already");
    }

    @Override
    public void rotate(BranchKeyItem old, BranchKeyItem version, BranchKeyItem active) {
        write(
                List.of(
                        put(version, Map.of(), NEW),
                        put(active, Map.of(":old", DynamoItems.binary(old.encrypted())), SAME)),
                old.id(),
                "was changed by somebody else in the same moment");
    }

    private TransactWriteItem put(BranchKeyItem item, Map<String, AttributeValue> values, String condition) {
        Put.Builder put = Put.builder()
                .tableName(settings.table())
                .item(DynamoItems.write(item))
                .conditionExpression(condition)
                .expressionAttributeNames(
                        values.isEmpty()
                                ? Map.of("#id", BranchKeyItem.ID)
                                : Map.of("#id", BranchKeyItem.ID, "#enc", BranchKeyItem.ENCRYPTED));
        if (!values.isEmpty()) {
            put.expressionAttributeValues(values);
        }
        return TransactWriteItem.builder().put(put.build()).build();
    }

    /** The SDK gives each transaction a token, so that a repeated request is carried out once. */
    private void write(List<TransactWriteItem> puts, String id, String conflict) {
        AwsOperation operation = AwsOperation.DYNAMODB_TRANSACT_WRITE_ITEMS;
        DynamoDbClient open = client();
        try {
            open.transactWriteItems(request -> request.transactItems(puts));
        } catch (TransactionCanceledException e) {
            AwsFailure cause = AwsFailure.of(e, "TransactionCanceledException", "");
            if (has(e, "ConditionalCheckFailed")) {
                throw new BranchKeyConflictException("the branch key " + id + " " + conflict + " in " + name(), cause);
            }
            throw new KmsUnavailableException(
                    describe(operation) + ": the transaction was cancelled; try again later", cause);
        } catch (RuntimeException e) {
            throw AwsErrors.of(describe(operation), e);
        }
    }

    private static boolean has(TransactionCanceledException e, String code) {
        return e.hasCancellationReasons()
                && e.cancellationReasons().stream().anyMatch(reason -> code.equals(reason.code()));
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (clients != null) {
            clients.close();
        }
    }
}
