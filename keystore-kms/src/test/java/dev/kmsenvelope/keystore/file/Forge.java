package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.keystore.StoreFileException;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.KeyId;
import java.nio.charset.StandardCharsets;

/** Seals what {@link StoreSeal} would not: any text, as somebody could who has the key. */
final class Forge {

    static final String ID = "0123456789abcdef0123456789abcdef";

    private Forge() {}

    static String text(byte[] file) {
        return new String(file, StandardCharsets.UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** What stands between the first line and the last. */
    static String json(byte[] file) throws StoreFileException {
        return StoreCodec.split(file).json();
    }

    /** A file whose entries are any text, with a right seal. */
    static byte[] file(Watched kms, String entries) throws StoreFileException {
        return file(kms, Watched.PINNED, ID, 1, ",\"entries\":[" + entries + "]}");
    }

    static byte[] file(Watched kms, KeyId key, String id, long generation, String rest) throws StoreFileException {
        try (DataKeyPair pair = kms.service().generateDataKey(key, 32, EntryContext.ofSeal(id, generation))) {
            String head = "{\"id\":\"" + id + "\",\"generation\":" + generation + ",\"seal\":{\"key\":\"" + key
                    + "\",\"encrypted-key\":\""
                    + Base64Text.encode(kms.service().toBlob(pair.encrypted())) + "\"}";
            byte[] covered = StoreCodec.cover(head + rest);
            return StoreCodec.join(covered, StoreSeal.mac(pair.plaintext(), covered));
        }
    }
}
