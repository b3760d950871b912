package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KmsConfigurationException;
import dev.kmsenvelope.kms.MacService.MacAlgorithm;
import dev.kmsenvelope.kms.RsaDecryptionService.Padding;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService.MessageType;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.DeriveSharedSecretResponse;
import software.amazon.awssdk.services.kms.model.GenerateMacResponse;
import software.amazon.awssdk.services.kms.model.GenerateRandomResponse;
import software.amazon.awssdk.services.kms.model.GetPublicKeyResponse;
import software.amazon.awssdk.services.kms.model.KeyAgreementAlgorithmSpec;
import software.amazon.awssdk.services.kms.model.SignResponse;

/** What keys of other kinds than the symmetric one do, and random bytes. Thread-safe. */
final class AwsKeyPairs {

    private static final int MAX_PUBLIC_KEY = 8192;
    private static final int MAX_SIGNATURE = 6144;
    private static final int MAX_RSA_PLAINTEXT = 512;
    private static final int MIN_RSA_CIPHERTEXT = 256;
    private static final int MAX_RSA_CIPHERTEXT = 512;
    private static final int MIN_SHARED_SECRET = 32;
    private static final int MAX_SHARED_SECRET = 66;

    private final AwsCalls calls;

    AwsKeyPairs(AwsCalls calls) {
        this.calls = calls;
    }

    byte[] publicKey(KeyId key) {
        AwsOperation operation = AwsOperation.GET_PUBLIC_KEY;
        GetPublicKeyResponse reply = calls.call(
                operation,
                key,
                client -> client.getPublicKey(
                        request -> request.keyId(key.value()).grantTokens(calls.grantTokens())));
        calls.checkAnsweredKey(operation, key, reply.keyId());
        return calls.take(operation, key, reply.publicKey(), 1, MAX_PUBLIC_KEY);
    }

    SecretBytes decrypt(KeyId key, Padding padding, byte[] ciphertext) {
        if (ciphertext.length < MIN_RSA_CIPHERTEXT || ciphertext.length > MAX_RSA_CIPHERTEXT) {
            throw new InvalidCiphertextException("an RSA ciphertext has as many bytes as the modulus of its key, "
                    + MIN_RSA_CIPHERTEXT + " to " + MAX_RSA_CIPHERTEXT + ", not " + ciphertext.length);
        }
        AwsOperation operation = AwsOperation.DECRYPT;
        DecryptResponse reply = calls.call(
                operation,
                key,
                client -> client.decrypt(request -> request.keyId(key.value())
                        .encryptionAlgorithm(padding.name())
                        .ciphertextBlob(SdkBytes.fromByteArrayUnsafe(ciphertext))
                        .grantTokens(calls.grantTokens())));
        byte[] plaintext = calls.takeSecret(operation, key, reply.plaintext(), 0, MAX_RSA_PLAINTEXT);
        SecretBytes secret = SecretBytes.owning(plaintext);
        try {
            calls.answeredKey(operation, key, reply.keyId());
            return secret;
        } catch (RuntimeException e) {
            secret.close();
            throw e;
        }
    }

    byte[] sign(KeyId key, SigningAlgorithm algorithm, MessageType type, byte[] message) {
        AwsOperation operation = AwsOperation.SIGN;
        SignResponse reply = calls.call(
                operation,
                key,
                client -> client.sign(request -> request.keyId(key.value())
                        .signingAlgorithm(algorithm.name())
                        .messageType(type.name())
                        .message(SdkBytes.fromByteArrayUnsafe(message))
                        .grantTokens(calls.grantTokens())));
        calls.checkAnsweredKey(operation, key, reply.keyId());
        return calls.take(operation, key, reply.signature(), 1, MAX_SIGNATURE);
    }

    byte[] mac(KeyId key, MacAlgorithm algorithm, byte[] message) {
        AwsOperation operation = AwsOperation.GENERATE_MAC;
        GenerateMacResponse reply = calls.call(
                operation,
                key,
                client -> client.generateMac(request -> request.keyId(key.value())
                        .macAlgorithm(algorithm.name())
                        .message(SdkBytes.fromByteArrayUnsafe(message))
                        .grantTokens(calls.grantTokens())));
        calls.checkAnsweredKey(operation, key, reply.keyId());
        int length = hashLength(algorithm);
        return calls.take(operation, key, reply.mac(), length, length);
    }

    /** How many bytes the hash has whose bits an algorithm's name ends with. */
    static int hashLength(Enum<?> algorithm) {
        String name = algorithm.name();
        return Integer.parseInt(name.substring(name.lastIndexOf('_') + 1)) / Byte.SIZE;
    }

    SecretBytes agree(KeyId key, byte[] publicKey) {
        AwsOperation operation = AwsOperation.DERIVE_SHARED_SECRET;
        DeriveSharedSecretResponse reply;
        try {
            reply = calls.call(
                    operation,
                    key,
                    client -> client.deriveSharedSecret(request -> request.keyId(key.value())
                            .keyAgreementAlgorithm(KeyAgreementAlgorithmSpec.ECDH)
                            .publicKey(SdkBytes.fromByteArrayUnsafe(publicKey))
                            .grantTokens(calls.grantTokens())));
        } catch (KmsConfigurationException e) {
            if (e.getCause() instanceof AwsFailure failure && failure.code().equals(AwsErrors.VALIDATION)) {
                // All else in the request is ours.
                throw new IllegalArgumentException(
                        e.getMessage() + ": this is no public key on the same curve as the key", e);
            }
            throw e;
        }
        SecretBytes secret = SecretBytes.owning(
                calls.takeSecret(operation, key, reply.sharedSecret(), MIN_SHARED_SECRET, MAX_SHARED_SECRET));
        try {
            calls.checkAnsweredKey(operation, key, reply.keyId());
            return secret;
        } catch (RuntimeException e) {
            secret.close();
            throw e;
        }
    }

    byte[] random(int numberOfBytes) {
        AwsOperation operation = AwsOperation.GENERATE_RANDOM;
        GenerateRandomResponse reply = calls.call(
                operation, null, client -> client.generateRandom(request -> request.numberOfBytes(numberOfBytes)));
        return calls.takeSecret(operation, null, reply.plaintext(), numberOfBytes, numberOfBytes);
    }
}
