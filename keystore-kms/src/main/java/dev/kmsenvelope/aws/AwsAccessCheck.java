package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.AccessCheck.Operation;
import dev.kmsenvelope.kms.AccessCheck.Outcome;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import dev.kmsenvelope.kms.SigningAlgorithm;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.ProviderException;
import java.security.spec.ECGenParameterSpec;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.DryRunModifierType;
import software.amazon.awssdk.services.kms.model.DryRunOperationException;
import software.amazon.awssdk.services.kms.model.EncryptionAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.KeyAgreementAlgorithmSpec;

/**
 * Tries what this identity may do with a key, by the dry runs of AWS KMS, which check permissions and states and do
 * nothing; for decryption there is one that needs no ciphertext. Looking a key up and reading its public half have none, so
 * they are done: they change nothing. For one key and one thread.
 */
final class AwsAccessCheck {

    private static final byte[] PROBE = {0};

    private final AwsCalls calls;
    private final KeyDescription key;
    private final KeyId id;
    private final Map<Operation, Outcome> outcomes = new EnumMap<>(Operation.class);
    private @Nullable Outcome outage;

    AwsAccessCheck(AwsCalls calls, KeyDescription key) {
        this.calls = calls;
        this.key = key;
        this.id = key.id();
    }

    Map<Operation, Outcome> check() {
        attempt(
                Operation.DESCRIBE_KEY,
                AwsOperation.DESCRIBE_KEY,
                client ->
                        client.describeKey(request -> request.keyId(id.value()).grantTokens(calls.grantTokens())));
        if (key.spec().isAsymmetric()) {
            attempt(
                    Operation.GET_PUBLIC_KEY,
                    AwsOperation.GET_PUBLIC_KEY,
                    client -> client.getPublicKey(
                            request -> request.keyId(id.value()).grantTokens(calls.grantTokens())));
        }
        switch (key.usage()) {
            case ENCRYPT_DECRYPT -> {
                if (key.spec() == KeySpec.SYMMETRIC_DEFAULT) {
                    checkSymmetric();
                } else if (key.spec().isRsa()) {
                    checkDecrypt(EncryptionAlgorithmSpec.RSAES_OAEP_SHA_256);
                }
            }
            case SIGN_VERIFY -> checkSign();
            case GENERATE_VERIFY_MAC -> checkMac();
            case KEY_AGREEMENT -> checkAgreement();
            case OTHER -> {
                // What such a key can do is not known.
            }
        }
        return Collections.unmodifiableMap(outcomes);
    }

    private void checkSymmetric() {
        attempt(
                Operation.GENERATE_DATA_KEY,
                AwsOperation.GENERATE_DATA_KEY,
                client -> AwsCalls.wipe(client.generateDataKey(request -> request.keyId(id.value())
                                .numberOfBytes(1)
                                .grantTokens(calls.grantTokens())
                                .dryRun(true))
                        .plaintext()));
        attempt(
                Operation.ENCRYPT,
                AwsOperation.ENCRYPT,
                client -> client.encrypt(request -> request.keyId(id.value())
                        .plaintext(SdkBytes.fromByteArray(PROBE))
                        .grantTokens(calls.grantTokens())
                        .dryRun(true)));
        checkDecrypt(EncryptionAlgorithmSpec.SYMMETRIC_DEFAULT);
        attempt(
                Operation.RE_ENCRYPT,
                AwsOperation.RE_ENCRYPT,
                client -> client.reEncrypt(request -> request.sourceKeyId(id.value())
                        .destinationKeyId(id.value())
                        .grantTokens(calls.grantTokens())
                        .dryRun(true)
                        .dryRunModifiers(DryRunModifierType.IGNORE_CIPHERTEXT)));
    }

    private void checkDecrypt(EncryptionAlgorithmSpec algorithm) {
        attempt(
                Operation.DECRYPT,
                AwsOperation.DECRYPT,
                client -> AwsCalls.wipe(client.decrypt(request -> request.keyId(id.value())
                                .encryptionAlgorithm(algorithm)
                                .grantTokens(calls.grantTokens())
                                .dryRun(true)
                                .dryRunModifiers(DryRunModifierType.IGNORE_CIPHERTEXT))
                        .plaintext()));
    }

    private void checkSign() {
        Optional<SigningAlgorithm> algorithm = Stream.of(SigningAlgorithm.values())
                .filter(candidate -> candidate.fits(key.spec()))
                .findFirst();
        algorithm.ifPresent(fitting -> attempt(
                Operation.SIGN,
                AwsOperation.SIGN,
                client -> client.sign(request -> request.keyId(id.value())
                        .signingAlgorithm(fitting.name())
                        .message(SdkBytes.fromByteArray(PROBE))
                        .grantTokens(calls.grantTokens())
                        .dryRun(true))));
    }

    private void checkMac() {
        Optional<MacAlgorithm> algorithm = Stream.of(MacAlgorithm.values())
                .filter(candidate -> candidate.fits(key.spec()))
                .findFirst();
        algorithm.ifPresent(fitting -> attempt(
                Operation.GENERATE_MAC,
                AwsOperation.GENERATE_MAC,
                client -> client.generateMac(request -> request.keyId(id.value())
                        .macAlgorithm(fitting.name())
                        .message(SdkBytes.fromByteArray(PROBE))
                        .grantTokens(calls.grantTokens())
                        .dryRun(true))));
    }

    private void checkAgreement() {
        byte[] peer = peer(key.spec());
        attempt(
                Operation.DERIVE_SHARED_SECRET,
                AwsOperation.DERIVE_SHARED_SECRET,
                client -> AwsCalls.wipe(client.deriveSharedSecret(request -> request.keyId(id.value())
                                .keyAgreementAlgorithm(KeyAgreementAlgorithmSpec.ECDH)
                                .publicKey(SdkBytes.fromByteArray(peer))
                                .grantTokens(calls.grantTokens())
                                .dryRun(true))
                        .sharedSecret()));
    }

    /** Somebody's public key on the same curve. */
    private static byte[] peer(KeySpec spec) {
        String curve = switch (spec) {
            case ECC_NIST_P384 -> "secp384r1";
            case ECC_NIST_P521 -> "secp521r1";
            default -> "secp256r1";
        };
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", "SunEC");
            generator.initialize(new ECGenParameterSpec(curve));
            return generator.generateKeyPair().getPublic().getEncoded();
        } catch (GeneralSecurityException e) {
            throw new ProviderException("the JDK cannot make a key pair on " + curve, e);
        }
    }

    /** When the service is out of reach, one attempt has waited long enough for all. */
    private void attempt(Operation operation, AwsOperation request, Consumer<KmsClient> action) {
        if (outage != null) {
            outcomes.put(operation, outage);
            return;
        }
        try {
            calls.call(request, id, client -> {
                try {
                    action.accept(client);
                } catch (DryRunOperationException e) {
                    return true; // It would have succeeded.
                }
                return true;
            });
            outcomes.put(operation, Outcome.success());
        } catch (KmsException e) {
            Outcome failed = Outcome.of(e);
            outcomes.put(operation, failed);
            outage = e.isRetryable() ? failed : null;
        }
    }
}
