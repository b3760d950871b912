package dev.kmsenvelope.aws;

import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.hierarchy.item.BranchKeyItem;
import dev.kmsenvelope.text.Quoted;
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
            AttributeValue.Type expected = switch (name) {
                case BranchKeyItem.ENCRYPTED -> AttributeValue.Type.B;
                case BranchKeyItem.LAYOUT -> AttributeValue.Type.N;
                default -> AttributeValue.Type.S;
            };
            if (value.type() != expected) {
                throw new BranchKeyStoreException(
                        "the attribute " + Quoted.of(name) + " of an item has another type than it must have", null);
            }
            switch (expected) {
                case B -> encrypted = value.b().asByteArray();
                case N -> attributes.put(name, value.n());
                default -> attributes.put(name, value.s());
            }
        }
        return BranchKeyItem.of(attributes, encrypted);
    }
}
