package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.provider.DataKeyUsage;
import dev.kmsenvelope.provider.StoredDataKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A service with keys, and a file to wrap for. */
abstract class StoreWrappingCase {

    static final byte[] RAW = "a key of thirty-two bytes, here.".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    Path directory;

    Watched kms;
    StoreWrapping wrapping;
    StoreContent content;

    @BeforeEach
    void open() {
        kms = new Watched(directory);
        wrapping = kms.wrapping();
        content = StoreContent.create();
    }

    @AfterEach
    void close() {
        kms.close();
    }

    DataKeyEntry wrapRaw(String alias) {
        return wrapping.wrap(content, alias, Watched.DATA, DataKeyUsage.AES_GCM, false, Samples.CONTEXT, 5, RAW);
    }

    /** As a handle does it. */
    byte[] unwrap(StoreContent in, DataKeyEntry entry, int version) {
        StoredDataKey stored = wrapping.stored(in, entry, entry.version(version).orElseThrow());
        try (SecretBytes key = kms.service()
                .decrypt(stored.key(), kms.service().fromBlob(stored.key(), stored.blob()), stored.context())) {
            return key.copy();
        }
    }

    KeyId idOf(KeyId alias) {
        return kms.service().describe(alias).id();
    }

    static DataKeyEntry changed(
            DataKeyEntry entry,
            String alias,
            DataKeyUsage usage,
            boolean extractable,
            Map<String, String> context,
            List<DataKeyEntry.Version> versions) {
        return new DataKeyEntry(
                alias, entry.created(), entry.key(), context, usage, 32, extractable, entry.maxMessages(), versions);
    }

    static PrivateKeyEntry changed(
            PrivateKeyEntry entry,
            String alias,
            KeyId key,
            Map<String, String> context,
            String algorithm,
            byte[] message) {
        return new PrivateKeyEntry(alias, entry.created(), key, context, algorithm, message, entry.chain());
    }
}
