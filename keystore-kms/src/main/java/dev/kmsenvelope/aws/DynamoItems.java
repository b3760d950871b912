package dev.kmsenvelope.aws;

import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.hierarchy.item.BranchKeyItem;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Items as DynamoDB has them: the encrypted key is binary, the number of the layout a number, everything else a string. */
final class DynamoItems {

    private DynamoItems() {}

    static Map<String, AttributeValue> write(BranchKeyItem item) {
        Map<String, AttributeValue> written = new HashMap<>();
        item.attributes()
                .forEach((name, value) -> written.put(
                        name,
                        name.equals(BranchKeyItem.LAYOUT) ? AttributeValue.fromN(value) : AttributeValue.fromS(value)));
        written.put(BranchKeyItem.ENCRYPTED, binary(item.encrypted()));
        return written;
    }

    static AttributeValue binary(byte[] bytes) {
        return AttributeValue.fromB(SdkBytes.fromByteArray(bytes));
    }

    /**
     * Reads an item strictly.
     *
     * @throws BranchKeyStoreException if an attribute has another type
     */
    static BranchKeyItem read(Map<String, AttributeValue> item) {
        Map<String, String> attributes = new TreeMap<>();
        byte[] encrypted = new byte[0];
        for (Map.Entry<String, AttributeValue> each : item.entrySet()) {
            String name = each.getKey();
            AttributeValue value = each.getValue();
            switch (value.type()) {
                case B ->
                    encrypted = name.equals(BranchKeyItem.ENCRYPTED) ? value.b().asByteArray() : wrongType(name);
                case N -> attributes.put(name, name.equals(BranchKeyItem.LAYOUT) ? value.n() : wrongType(name));
                case S -> attributes.put(name, name.equals(BranchKeyItem.LAYOUT) ? wrongType(name) : value.s());
                default -> wrongType(name);
            }
        }
        return BranchKeyItem.of(attributes, encrypted);
    }

    private static <T> T wrongType(String name) {
        throw new BranchKeyStoreException(
                "the attribute " + name + " of an item has another type than it must have", null);
    }
}
