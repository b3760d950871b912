package dev.kmsenvelope.dek;

import static dev.kmsenvelope.dek.ScriptedSource.CONTEXT;
import static dev.kmsenvelope.dek.ScriptedSource.KEY;
import static dev.kmsenvelope.dek.ScriptedSource.USE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.testing.InMemoryKeyService;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** RULES 13: what two callers must have in common to be given the same data key. */
class CacheIsolationTest {

    private static final KeyId MASTER = KeyId.of("master");
    private static final KeyId OTHER = KeyId.of("other");

    private final InMemoryKeyService service =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final InMemoryKeyService eu =
            new InMemoryKeyService().withKey("master").withKey("other");
    private final DataKeyCache cache = new DataKeyCache(CacheSettings.of(Configuration.empty()), () -> {});

    @AfterEach
    void close() {
        cache.close();
    }

    private CachingDataKeySource reader(InMemoryKeyService of, Object reader) {
        return new CachingDataKeySource(cache, new DirectDataKeySource(of), reader, (key, encrypted) -> true);
    }

    private CachingDataKeySource writer(InMemoryKeyService of, ServiceKey... recipients) {
        DataKeySource direct = new DirectDataKeySource(of);
        return CachingDataKeySource.forWriting(
                cache,
                recipients.length == 0 ? direct : new MultiRecipientDataKeySource(direct, of, List.of(recipients)));
    }

    /** The first encrypted data key, which tells data keys apart. */
    private static EncryptedDataKey written(CachingDataKeySource by, KeyId key, EncryptionContext context) {
        try (DataKeyLease lease = by.forEncryption(key, USE, context)) {
            return lease.encrypted().get(0);
        }
    }

    @Test
    @DisplayName("Equal sources share, whoever made them; other services, keys, contexts, suites, lengths do not")
    void writing() {
        EncryptedDataKey first = written(writer(service), MASTER, CONTEXT);
        assertThat(written(writer(service), KeyId.of("master"), EncryptionContext.of(Map.of())))
                .isEqualTo(first);
        assertThat(service.generated).hasValue(1);
        assertThat(written(writer(eu), MASTER, CONTEXT)).isNotEqualTo(first);
        assertThat(written(writer(service), OTHER, CONTEXT)).isNotEqualTo(first);
        EncryptionContext tenant = EncryptionContext.of(Map.of("tenant", "a"));
        assertThat(written(writer(service), MASTER, tenant)).isNotEqualTo(first);
        assertThat(written(writer(service), MASTER, EncryptionContext.of(Map.of("tenant", "a"))))
                .isEqualTo(written(writer(service), MASTER, tenant));
        assertThat(written(writer(service), MASTER, EncryptionContext.of(Map.of("tenant", "b"))))
                .isNotEqualTo(written(writer(service), MASTER, tenant));
        int before = service.generated.get();
        for (DataKeyUse use : List.of(
                new DataKeyUse(USE.suite(), 16, true), new DataKeyUse(0x0578, 32, true), new DataKeyUse(1, 32, true))) {
            writer(service).forEncryption(MASTER, use, CONTEXT).close();
        }
        assertThat(service.generated).hasValue(before + 3);
    }

    @Test
    @DisplayName("Recipients count, and so does their order")
    void recipients() {
        ServiceKey a = new ServiceKey(service, OTHER);
        ServiceKey b = new ServiceKey(eu, MASTER);
        EncryptedDataKey both = written(writer(service, a, b), MASTER, CONTEXT);
        assertThat(written(writer(service, a, b), MASTER, CONTEXT)).isEqualTo(both);
        assertThat(written(writer(service, b, a), MASTER, CONTEXT)).isNotEqualTo(both);
        assertThat(written(writer(service, a), MASTER, CONTEXT)).isNotEqualTo(both);
        assertThat(written(writer(service), MASTER, CONTEXT)).isNotEqualTo(both);
        try (DataKeyLease lease = writer(service, a, b).forEncryption(MASTER, USE, CONTEXT)) {
            assertThat(lease.encrypted()).hasSize(3);
        }
    }

    @Test
    @DisplayName("A reader is given only what a reader with the same rights was allowed to decrypt, to the last byte")
    void reading() {
        EncryptedDataKey encrypted = written(writer(service), MASTER, CONTEXT);
        CachingDataKeySource reader = reader(service, List.of(MASTER));
        assertThat(reader.remembered(USE, encrypted, CONTEXT)).isNull();
        byte[] key;
        try (DataKeyLease lease = reader.forDecryption(MASTER, USE, encrypted, CONTEXT)) {
            key = lease.copyKey();
        }
        EncryptedDataKey same =
                new EncryptedDataKey(encrypted.providerId(), encrypted.providerInfo(), encrypted.ciphertext());
        try (DataKeyLease lease = reader(service, List.of(KeyId.of("master"))).remembered(USE, same, CONTEXT)) {
            assertThat(lease).isNotNull();
            assertThat(lease.copyKey()).isEqualTo(key);
        }
        assertThat(service.decrypted).hasValue(1);

        assertThat(reader(service, List.of(MASTER, OTHER)).remembered(USE, same, CONTEXT))
                .isNull();
        assertThat(reader(service, List.of(OTHER, MASTER)).remembered(USE, same, CONTEXT))
                .isNull();
        assertThat(reader(eu, List.of(MASTER)).remembered(USE, same, CONTEXT)).isNull();
        assertThat(reader.remembered(USE, same, EncryptionContext.of(Map.of("a", "b"))))
                .isNull();
        assertThat(reader.remembered(new DataKeyUse(0x0578, 32, true), same, CONTEXT))
                .isNull();
        byte[] info = encrypted.providerInfo();
        info[0] ^= 1;
        assertThat(reader.remembered(
                        USE, new EncryptedDataKey(encrypted.providerId(), info, encrypted.ciphertext()), CONTEXT))
                .isNull();
        assertThat(reader.remembered(
                        USE,
                        new EncryptedDataKey("aws-kms", encrypted.providerInfo(), encrypted.ciphertext()),
                        CONTEXT))
                .isNull();
        byte[] ciphertext = encrypted.ciphertext();
        for (int i = 0; i < ciphertext.length; i++) {
            byte[] changed = ciphertext.clone();
            changed[i] ^= 1;
            assertThat(reader.remembered(
                            USE,
                            new EncryptedDataKey(encrypted.providerId(), encrypted.providerInfo(), changed),
                            CONTEXT))
                    .isNull();
        }
    }

    @Test
    @DisplayName("Two caches share nothing")
    void caches() {
        try (DataKeyCache other = new DataKeyCache(CacheSettings.DEFAULT, () -> {})) {
            CachingDataKeySource there = CachingDataKeySource.forWriting(other, new DirectDataKeySource(service));
            assertThat(there).isNotEqualTo(writer(service));
            assertThat(written(there, MASTER, CONTEXT)).isNotEqualTo(written(writer(service), MASTER, CONTEXT));
            assertThat(writer(service)).isEqualTo(writer(service)).hasSameHashCodeAs(writer(service));
        }
    }

    @Test
    @DisplayName("RULES 20: nothing of a request stands in its text")
    void texts() {
        DataKeyRequest request =
                new DataKeyRequest(writer(service), KEY, USE, null, EncryptionContext.of(Map.of("tenant", "planted")));
        assertThat(request.toString()).isEqualTo("DataKeyRequest[ENCRYPT]");
        assertThat(cache.toString()).isEqualTo("DataKeyCache[0 data keys]");
    }
}
