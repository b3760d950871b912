package dev.kmsenvelope.metering;

import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyPairService;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.SigningService;
import dev.kmsenvelope.telemetry.KmsOperation;
import java.util.Map;
import java.util.function.BiFunction;

/** What a service can do beyond its main interface, measured; each of these interfaces has one method. */
final class MeasuredCapabilities {

    /** The interfaces, and what makes a measured one of each. */
    static final Map<Class<?>, BiFunction<Object, Meter, Object>> KNOWN = Map.of(
            PublicKeyService.class, (found, meter) -> publicKeys((PublicKeyService) found, meter),
            RsaDecryptionService.class, (found, meter) -> rsa((RsaDecryptionService) found, meter),
            SigningService.class, (found, meter) -> signing((SigningService) found, meter),
            MacService.class, (found, meter) -> macs((MacService) found, meter),
            KeyAgreementService.class, (found, meter) -> agreement((KeyAgreementService) found, meter),
            KeyPairService.class, (found, meter) -> keyPairs((KeyPairService) found, meter),
            RandomService.class, (found, meter) -> random((RandomService) found, meter),
            AccessCheck.class, (found, meter) -> access((AccessCheck) found, meter));

    private MeasuredCapabilities() {}

    /** The capability, measured if its interface is one of those that a key service can have. */
    static <T> T measured(Class<T> type, T capability, Meter meter) {
        BiFunction<Object, Meter, Object> measuring = KNOWN.get(type);
        return measuring == null ? capability : type.cast(measuring.apply(capability, meter));
    }

    private static PublicKeyService publicKeys(PublicKeyService service, Meter meter) {
        return key -> meter.measure(KmsOperation.GET_PUBLIC_KEY, key, () -> service.publicKey(key));
    }

    private static RsaDecryptionService rsa(RsaDecryptionService service, Meter meter) {
        return (key, padding, ciphertext) ->
                meter.measure(KmsOperation.DECRYPT_RSA, key, () -> service.decryptRsa(key, padding, ciphertext));
    }

    private static SigningService signing(SigningService service, Meter meter) {
        return (key, algorithm, type, message) ->
                meter.measure(KmsOperation.SIGN, key, () -> service.sign(key, algorithm, type, message));
    }

    private static MacService macs(MacService service, Meter meter) {
        return (key, algorithm, message) ->
                meter.measure(KmsOperation.GENERATE_MAC, key, () -> service.generateMac(key, algorithm, message));
    }

    private static KeyAgreementService agreement(KeyAgreementService service, Meter meter) {
        return (key, publicKey) ->
                meter.measure(KmsOperation.DERIVE_SHARED_SECRET, key, () -> service.deriveSharedSecret(key, publicKey));
    }

    private static KeyPairService keyPairs(KeyPairService service, Meter meter) {
        return (key, spec, context) -> meter.measure(
                KmsOperation.GENERATE_DATA_KEY_PAIR, key, () -> service.generateDataKeyPair(key, spec, context));
    }

    private static RandomService random(RandomService service, Meter meter) {
        return numberOfBytes ->
                meter.measure(KmsOperation.GENERATE_RANDOM, null, () -> service.generateRandom(numberOfBytes));
    }

    private static AccessCheck access(AccessCheck check, Meter meter) {
        return key -> meter.measure(KmsOperation.CHECK_ACCESS, key.id(), () -> check.check(key));
    }
}
