package dev.kmsenvelope.keystore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.kmsenvelope.keystore.StoreFileException.Reason;
import dev.kmsenvelope.keystore.file.DataKeyEntry;
import dev.kmsenvelope.keystore.file.StoreContent;
import dev.kmsenvelope.keystore.file.StoreSeal;
import dev.kmsenvelope.keystore.file.StoreWrapping;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.StoredDataKey;
import dev.kmsenvelope.spi.KeyServices;
import java.nio.charset.StandardCharsets;
import java.security.UnrecoverableKeyException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A keystore file whose keys are in AWS KMS: what it costs, by the server's log, and whose seal is accepted. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AwsStoreFileTest {

    private final LoopbackAccount account = new LoopbackAccount();
    private KeyId pinned;
    private KeyId other;
    private KeyServices services;

    @BeforeAll
    void createKeys() {
        pinned = account.create("alias/keystore");
        other = account.create("alias/other");
    }

    @AfterAll
    void closeAccount() {
        account.close();
    }

    @BeforeEach
    void open() {
        services = KeyServices.open(account.configuration(Map.of()));
        account.server().log().clear();
    }

    private List<String> operations() {
        List<String> operations = account.server().log().all().stream()
                .map(request -> request.operation())
                .toList();
        account.server().log().clear();
        return operations;
    }

    private StoreSeal seal(KeyId key) {
        return new StoreSeal(services.main(), key, 0);
    }

    @Test
    @DisplayName("Writing takes one request, and opening one; an alias has to be looked up once more")
    void requests() throws Exception {
        StoreContent content = StoreContent.create();
        byte[] file = seal(pinned).seal(content);
        assertThat(operations()).containsExactly("GenerateDataKey");

        assertThat(seal(pinned).open(file)).isEqualTo(content.next());
        assertThat(operations()).containsExactly("Decrypt");

        assertThat(seal(KeyId.of("alias/keystore")).open(file)).isEqualTo(content.next());
        assertThat(operations()).containsExactly("DescribeKey", "Decrypt");
        assertThat(seal(KeyId.of("alias/keystore")).open(file)).isEqualTo(content.next());
        assertThat(operations()).containsExactly("Decrypt");
    }

    @Test
    @DisplayName("An entry keeps the ARN of its key, so that unwrapping it takes one request")
    void entries() {
        StoreWrapping wrapping = new StoreWrapping(services);
        StoreContent content = StoreContent.create();
        DataKeyEntry entry = wrapping.generate(
                content,
                "tokens",
                KeyId.of("alias/other"),
                DataKeyUsage.AES_GCM,
                32,
                false,
                Map.of("tenant", "blue"),
                StoredDataKey.DEFAULT_MAX_MESSAGES);
        assertThat(operations()).containsExactly("GenerateDataKey");
        assertThat(entry.key()).isEqualTo(other);

        StoredDataKey stored = wrapping.stored(content, entry, entry.newest());
        services.main()
                .decrypt(stored.key(), services.main().fromBlob(stored.key(), stored.blob()), stored.context())
                .close();
        assertThat(operations()).containsExactly("Decrypt");
    }

    @Test
    @DisplayName("RULES 18: a file that another key of the account sealed is refused, whatever it says")
    void anotherKey() throws Exception {
        byte[] file = seal(other).seal(StoreContent.create());

        assertThatThrownBy(() -> seal(pinned).open(file)).isInstanceOf(StoreFileException.class);
        assertThat(seal(other).open(file).entries()).isEmpty();
    }

    @Test
    @DisplayName("RULES 19: a seal or an entry that is no ciphertext of AWS KMS is damage, and takes no request")
    void damagedBlobs() throws Exception {
        String text = new String(seal(pinned).seal(StoreContent.create()), StandardCharsets.UTF_8);
        operations();
        for (int length : new int[] {6145, 1 << 16}) {
            String blob = Base64.getEncoder().encodeToString(new byte[length]);
            byte[] file = text.replaceFirst("\"encrypted-key\": \"[^\"]*\"", "\"encrypted-key\": \"" + blob + "\"")
                    .getBytes(StandardCharsets.UTF_8);
            assertThatThrownBy(() -> seal(pinned).open(file))
                    .isInstanceOfSatisfying(
                            StoreFileException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.BAD_SEAL));
        }
        assertThat(operations()).isEmpty();

        StoreWrapping wrapping = new StoreWrapping(services);
        StoreContent content = StoreContent.create();
        DataKeyEntry good = wrapping.generate(
                content,
                "tokens",
                other,
                DataKeyUsage.AES_GCM,
                32,
                false,
                Map.of(),
                StoredDataKey.DEFAULT_MAX_MESSAGES);
        for (int length : new int[] {1, 6144, 6145}) {
            DataKeyEntry bad = new DataKeyEntry(
                    "tokens",
                    good.created(),
                    other,
                    Map.of(),
                    DataKeyUsage.AES_GCM,
                    32,
                    false,
                    1,
                    List.of(new DataKeyEntry.Version(1, good.created(), new byte[length])));
            assertThatThrownBy(() -> wrapping.rewrap(content, bad, pinned))
                    .isInstanceOf(UnrecoverableKeyException.class);
        }
    }
}
