package dev.kmsenvelope.hierarchy.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.kmsenvelope.hierarchy.BranchKeyStoreException;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whoever can write a store does not write the logs of those who read it: nothing of an item is verified before the KMS was asked. */
class HostileItemsTest {

    private static final String HOSTILE =
            "x\r\n2026-11-24 INFO login of root succeeded\u001b[2J\u202e" + "y".repeat(10_000);
    private static final int LONGEST = 2_000;

    private static BranchKeyItem item(Map<String, String> changes) {
        Map<String, String> attributes = new TreeMap<>(Map.of(
                BranchKeyItem.ID,
                "a",
                BranchKeyItem.TYPE,
                BranchKeyItem.VERSION_PREFIX + UUID.randomUUID(),
                "create-time",
                "2026-01-02T03:04:05.678901Z",
                BranchKeyItem.KMS_KEY,
                "root",
                BranchKeyItem.LAYOUT,
                "1"));
        attributes.putAll(changes);
        return BranchKeyItem.of(attributes, new byte[] {1});
    }

    /** The text of each exception in the chain, which a stack trace prints. */
    private static void assertHarmless(Throwable thrown) {
        assertThat(thrown).isInstanceOf(BranchKeyStoreException.class);
        for (Throwable each = thrown; each != null; each = each.getCause()) {
            assertThat(each.getMessage()).matches("[ -~]{1," + LONGEST + "}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"type", "create-time", "hierarchy-version"})
    void aMalformedItem(String attribute) {
        assertHarmless(catchThrowable(() -> item(Map.of(attribute, HOSTILE))));
        assertHarmless(catchThrowable(() -> item(Map.of(attribute, HOSTILE, BranchKeyItem.ID, HOSTILE))));
    }

    @Test
    void aVersionThatIsNone() {
        assertHarmless(catchThrowable(() -> item(Map.of("type", BranchKeyItem.VERSION_PREFIX + HOSTILE))));
        assertHarmless(catchThrowable(
                () -> item(Map.of("type", BranchKeyItem.ACTIVE, "version", BranchKeyItem.VERSION_PREFIX + HOSTILE))));
    }

    @Test
    void whatIsNoEncryptionContext() {
        String tooLong = "z".repeat(70_000);
        assertHarmless(
                catchThrowable(() -> item(Map.of(BranchKeyItem.ID, HOSTILE, "aws-crypto-ec:" + HOSTILE, tooLong))));
        BranchKeyItem item = item(Map.of(BranchKeyItem.ID, HOSTILE, HOSTILE, tooLong));
        assertHarmless(catchThrowable(() -> item.context("name")));
    }

    @Test
    void aKeyThatIsNotTheOneOfTheSettings() {
        BranchKeyItem item = item(Map.of(BranchKeyItem.KMS_KEY, HOSTILE));
        ItemStore store = new ItemStore(new OneItem(item), new NoKey(), "name");
        Throwable thrown = catchThrowable(() -> store.version("a", item.version()));
        assertHarmless(thrown);
        assertThat(thrown).hasMessageContaining("'x\\u000d\\u000a2026-11-24 INFO");
    }

    @Test
    void itsTextForPeople() {
        assertThat(item(Map.of(BranchKeyItem.ID, HOSTILE)).toString()).matches("[ -~]{1," + LONGEST + "}");
    }

    private record OneItem(BranchKeyItem item) implements ItemTable {

        @Override
        public String name() {
            return "a table";
        }

        @Override
        public Optional<BranchKeyItem> get(String id, String type) {
            return Optional.of(item);
        }

        @Override
        public List<BranchKeyItem> all(String id) {
            return List.of(item);
        }

        @Override
        public List<BranchKeyItem> active() {
            return List.of(item);
        }

        @Override
        public void create(List<BranchKeyItem> items) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void rotate(BranchKeyItem old, BranchKeyItem version, BranchKeyItem active) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private record NoKey() implements BranchKeyWrapping {

        @Override
        public String currentKey() {
            return "root";
        }

        @Override
        public boolean allows(String kmsKey) {
            return kmsKey.equals("root");
        }

        @Override
        public byte[] generate(String kmsKey, EncryptionContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public byte[] rewrap(String kmsKey, byte[] encrypted, EncryptionContext from, EncryptionContext to) {
            throw new UnsupportedOperationException();
        }

        @Override
        public SecretBytes unwrap(String kmsKey, byte[] encrypted, EncryptionContext context) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
