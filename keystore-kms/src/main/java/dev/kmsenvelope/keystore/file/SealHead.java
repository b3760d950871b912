package dev.kmsenvelope.keystore.file;

import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;

/**
 * The head of a file, read before anything is verified: whose file it is, and what opens its seal.
 *
 * @param id the file's
 * @param generation the file's, 1 or more
 * @param key which key the file says that the seal is under: for error texts, and for people
 * @param blob the encrypted key of the seal
 */
record SealHead(String id, long generation, KeyId key, byte[] blob) {

    SealHead {
        StoreContent.requireId(id);
        StoreLimits.require(generation >= 1, generation, "a file that was written is of generation 1 or more");
        Bytes.require(blob, StoreLimits.BLOB, "an encrypted data key");
    }

    EncryptionContext context() {
        return EntryContext.ofSeal(id, generation);
    }
}
