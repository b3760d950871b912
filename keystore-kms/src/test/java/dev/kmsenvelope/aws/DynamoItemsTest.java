package dev.kmsenvelope.aws;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Items that whoever can write the table wrote. */
class DynamoItemsTest {

    @Test
    void theNameOfAnAttributeIsGivenShortAndPrintable() {
        String name = "a\nb\u001b[2J" + "x".repeat(60_000);
        assertThatThrownBy(() -> DynamoItems.read(Map.of(name, AttributeValue.fromBool(true))))
                .isInstanceOf(BranchKeyStoreException.class)
                .hasMessageContaining("'a\\u000ab\\u001b[2Jxx")
                .satisfies(thrown -> assertThat(thrown.getMessage()).matches("[ -~]{1,300}"));
    }
}
