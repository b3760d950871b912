package dev.kmsenvelope.application;

import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import java.util.EnumMap;
import java.util.Map;

/**
 * Tries what a key that wraps data keys is for, on data keys that are thrown away. Not thread-safe; for one use.
 */
final class AccessTrial {

    private static final int LENGTH = 32;
    private static final EncryptionContext CONTEXT = EncryptionContext.of(Map.of("purpose", "access-check"));

    private final Map<Operation, Outcome> outcomes = new EnumMap<>(Operation.class);
    private final KeyService service;
    private final KeyId key;

    AccessTrial(KeyService service, KeyId key) {
        this.service = service;
        this.key = key;
    }

    /** The outcomes; what needs something encrypted and cannot get it fails for that reason. */
    Map<Operation, Outcome> outcomes() {
        attempt(Operation.DESCRIBE_KEY, () -> service.describe(key));
        attempt(
                Operation.GENERATE_DATA_KEY,
                () -> service.generateDataKey(key, LENGTH, CONTEXT).close());
        attempt(Operation.ENCRYPT, this::encrypted);
        attempt(
                Operation.DECRYPT,
                () -> service.decrypt(key, encrypted(), CONTEXT).close());
        attempt(Operation.RE_ENCRYPT, () -> service.reEncrypt(key, encrypted(), CONTEXT, key, CONTEXT));
        return outcomes;
    }

    private EncryptedDataKey encrypted() {
        return service.encrypt(key, new byte[LENGTH], CONTEXT);
    }

    private void attempt(Operation operation, Runnable trial) {
        Outcome outcome;
        try {
            trial.run();
            outcome = Outcome.success();
        } catch (KmsException e) {
            outcome = Outcome.of(e);
        }
        outcomes.put(operation, outcome);
    }
}
