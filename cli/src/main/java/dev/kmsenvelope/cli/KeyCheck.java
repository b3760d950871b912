package dev.kmsenvelope.cli;

import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.SecretBytes;
import java.security.MessageDigest;
import java.security.ProviderException;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a key does, and what the present identity may do with it.
 *
 * @param key its description
 * @param access what came of trying everything that the key is for; empty if nothing was tried
 * @param generateNanos how long it took to generate a data key; 0 if that was not tried or failed
 * @param decryptNanos how long it took to decrypt it again
 * @param error what is broken, or null. What one identity may not do is not broken for that
 */
record KeyCheck(
        KeyDescription key,
        Map<Operation, Outcome> access,
        long generateNanos,
        long decryptNanos,
        @Nullable String error) {

    private static final int DATA_KEY_LENGTH = 32;

    /** Tries a key. */
    static KeyCheck of(KeyService service, KeyDescription key) {
        if (key.state() != KeyState.ENABLED || key.spec() == KeySpec.OTHER) {
            return new KeyCheck(key, Map.of(), 0, 0, null);
        }
        try {
            Optional<AccessCheck> check = service.capability(AccessCheck.class);
            Map<Operation, Outcome> access = check.isPresent() ? check.get().check(key) : Map.of();
            if (access.isEmpty() && key.spec() != KeySpec.SYMMETRIC_DEFAULT) {
                return new KeyCheck(key, access, 0, 0, null);
            }
            if (access.isEmpty() || (may(access, Operation.GENERATE_DATA_KEY) && may(access, Operation.DECRYPT))) {
                return roundTrip(service, key, access);
            }
            return new KeyCheck(key, access, 0, 0, nothingWorks(access));
        } catch (ProviderException e) {
            return new KeyCheck(key, Map.of(), 0, 0, Text.oneLine(String.valueOf(e.getMessage())));
        }
    }

    private static KeyCheck roundTrip(KeyService service, KeyDescription key, Map<Operation, Outcome> access) {
        long start = System.nanoTime();
        try (DataKeyPair pair = service.generateDataKey(key.id(), DATA_KEY_LENGTH, EncryptionContext.empty())) {
            long generated = System.nanoTime();
            try (SecretBytes decrypted = service.decrypt(key.id(), pair.encrypted(), EncryptionContext.empty())) {
                long done = System.nanoTime();
                return new KeyCheck(
                        key,
                        access.isEmpty() ? roundTripAccess() : access,
                        generated - start,
                        done - generated,
                        isSame(pair.plaintext(), decrypted) ? null : "decrypts to another data key");
            }
        }
    }

    /** What is known of a service that has no check of its own. */
    private static Map<Operation, Outcome> roundTripAccess() {
        Map<Operation, Outcome> access = new EnumMap<>(Operation.class);
        for (Operation operation :
                new Operation[] {Operation.DESCRIBE_KEY, Operation.GENERATE_DATA_KEY, Operation.DECRYPT}) {
            access.put(operation, Outcome.success());
        }
        return access;
    }

    private static @Nullable String nothingWorks(Map<Operation, Outcome> access) {
        Map<Operation, Outcome> uses = new EnumMap<>(access);
        uses.remove(Operation.DESCRIBE_KEY);
        if (uses.isEmpty() || uses.values().stream().anyMatch(Outcome::allowed)) {
            return null;
        }
        return Text.oneLine(uses.values().iterator().next().reason());
    }

    private static boolean isSame(SecretBytes one, SecretBytes other) {
        byte[] first = one.copy();
        byte[] second = other.copy();
        try {
            return MessageDigest.isEqual(first, second);
        } finally {
            Arrays.fill(first, (byte) 0);
            Arrays.fill(second, (byte) 0);
        }
    }

    private static boolean may(Map<Operation, Outcome> access, Operation operation) {
        Outcome outcome = access.get(operation);
        return outcome != null && outcome.allowed();
    }

    boolean isEnabled() {
        return key.state() == KeyState.ENABLED;
    }

    /** Whether an operation worked. */
    boolean may(Operation operation) {
        return error == null && may(access, operation);
    }
}
