package dev.kmsenvelope.local;

import dev.kmsenvelope.format.RawAesKeyInfo;
import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import dev.kmsenvelope.kms.RsaDecryptionService.Padding;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService.MessageType;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * Tries what can be done with a key. The embedded service has no dry run, so each try is the real thing, and its result is
 * dropped. Encryptions are counted like all others, and make the rotation that is due; whether the key decrypts is told by
 * how it refuses what it did not encrypt, so that it takes no encryption, and no write access, to find out. Thread-safe.
 */
final class LocalAccessCheck implements AccessCheck {

    private static final byte[] SAMPLE = new byte[32];

    private final LocalKeyService service;
    private final LocalAsymmetricKeys pairs;

    LocalAccessCheck(LocalKeyService service, LocalAsymmetricKeys pairs) {
        this.service = service;
        this.pairs = pairs;
    }

    @Override
    public Map<Operation, Outcome> check(KeyDescription key) {
        KeyId id = key.id();
        Map<Operation, Outcome> outcomes = new EnumMap<>(Operation.class);
        outcomes.put(Operation.DESCRIBE_KEY, outcome(() -> service.describe(id)));
        if (key.spec().isAsymmetric()) {
            outcomes.put(Operation.GET_PUBLIC_KEY, outcome(() -> pairs.publicKey(id)));
        }
        switch (key.usage()) {
            case ENCRYPT_DECRYPT -> {
                if (key.spec().isRsa()) {
                    outcomes.put(Operation.DECRYPT, outcome(() -> decryptRsa(id)));
                } else {
                    checkSymmetric(key, outcomes);
                }
            }
            case SIGN_VERIFY ->
                outcomes.put(
                        Operation.SIGN, outcome(() -> pairs.sign(id, signingAlgorithm(key), MessageType.RAW, SAMPLE)));
            case GENERATE_VERIFY_MAC ->
                outcomes.put(Operation.GENERATE_MAC, outcome(() -> pairs.generateMac(id, macAlgorithm(key), SAMPLE)));
            case KEY_AGREEMENT ->
                outcomes.put(
                        Operation.DERIVE_SHARED_SECRET,
                        outcome(() -> pairs.deriveSharedSecret(id, pairs.publicKey(id))
                                .close()));
            case OTHER -> {
                // Nothing is known that could be tried.
            }
        }
        return outcomes;
    }

    private void checkSymmetric(KeyDescription key, Map<Operation, Outcome> outcomes) {
        KeyId id = key.id();
        EncryptionContext none = EncryptionContext.empty();
        outcomes.put(
                Operation.GENERATE_DATA_KEY,
                outcome(() -> service.generateDataKey(id, SAMPLE.length, none).close()));
        outcomes.put(Operation.ENCRYPT, outcome(() -> service.encrypt(id, SAMPLE, none)));
        outcomes.put(Operation.DECRYPT, outcome(() -> decrypt(key)));
        outcomes.put(
                Operation.RE_ENCRYPT,
                outcome(() -> service.reEncrypt(id, service.encrypt(id, SAMPLE, none), none, id, none)));
    }

    private void decrypt(KeyDescription key) {
        String name = LocalKeyService.keyName(
                key.id(), key.currentVersion().orElseThrow().id());
        EncryptedDataKey nobodys = new EncryptedDataKey(
                LocalKeyService.NAMESPACE, new RawAesKeyInfo(name, new byte[12]).serialize(), SAMPLE);
        refused(() ->
                service.decrypt(key.id(), nobodys, EncryptionContext.empty()).close());
    }

    private void decryptRsa(KeyId id) {
        refused(() -> pairs.decryptRsa(id, Padding.RSAES_OAEP_SHA_256, SAMPLE).close());
    }

    /** Only who uses the key finds out that something was not encrypted with it. */
    private static void refused(Runnable decryption) {
        try {
            decryption.run();
        } catch (InvalidCiphertextException e) {
            return;
        }
        throw new IllegalStateException("zeros decrypt");
    }

    private static SigningAlgorithm signingAlgorithm(KeyDescription key) {
        return Arrays.stream(SigningAlgorithm.values())
                .filter(algorithm -> algorithm.fits(key.spec()))
                .findFirst()
                .orElseThrow();
    }

    private static MacAlgorithm macAlgorithm(KeyDescription key) {
        return Arrays.stream(MacAlgorithm.values())
                .filter(algorithm -> algorithm.fits(key.spec()))
                .findFirst()
                .orElseThrow();
    }

    private static Outcome outcome(Runnable attempt) {
        try {
            attempt.run();
            return Outcome.success();
        } catch (KmsException e) {
            return Outcome.of(e);
        }
    }
}
