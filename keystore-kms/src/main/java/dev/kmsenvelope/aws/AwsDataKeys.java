package dev.kmsenvelope.aws;

import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyPairService.WrappedKeyPair;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.SecretBytes;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.model.DataKeyPairSpec;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.EncryptResponse;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyPairResponse;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyResponse;
import software.amazon.awssdk.services.kms.model.ReEncryptResponse;

/**
 * Encrypts and decrypts under symmetric keys. The context goes with every request; a request to decrypt names its key by
 * its ARN, and the key in the reply is compared with it. Thread-safe.
 */
final class AwsDataKeys {

    private static final int MAX_PUBLIC_KEY = 8192;
    private static final int MAX_PRIVATE_KEY = KeyService.MAX_PLAINTEXT;

    /** The private keys of other kinds are no PKCS #8, or not known to the port. */
    private static final Set<KeySpec> PAIRS = Set.of(
            KeySpec.RSA_2048,
            KeySpec.RSA_3072,
            KeySpec.RSA_4096,
            KeySpec.ECC_NIST_P256,
            KeySpec.ECC_NIST_P384,
            KeySpec.ECC_NIST_P521,
            KeySpec.ECC_SECG_P256K1,
            KeySpec.ECC_NIST_EDWARDS25519);

    private final AwsCalls calls;
    private final AwsKeys keys;

    AwsDataKeys(AwsCalls calls, AwsKeys keys) {
        this.calls = calls;
        this.keys = keys;
    }

    DataKeyPair generate(KeyId key, int numberOfBytes, EncryptionContext context) {
        AwsOperation operation = AwsOperation.GENERATE_DATA_KEY;
        GenerateDataKeyResponse reply = calls.call(
                operation,
                key,
                client -> client.generateDataKey(request -> request.keyId(key.value())
                        .numberOfBytes(numberOfBytes)
                        .encryptionContext(context.asMap())
                        .grantTokens(calls.grantTokens())));
        SecretBytes plaintext =
                SecretBytes.owning(calls.takeSecret(operation, key, reply.plaintext(), numberOfBytes, numberOfBytes));
        try {
            return new DataKeyPair(plaintext, encrypted(operation, key, reply.keyId(), reply.ciphertextBlob()));
        } catch (RuntimeException e) {
            plaintext.close();
            throw e;
        }
    }

    WrappedKeyPair generatePair(KeyId key, KeySpec spec, EncryptionContext context) {
        if (!PAIRS.contains(spec)) {
            throw new IllegalArgumentException("AWS KMS generates no key pairs of kind " + spec + " here");
        }
        AwsOperation operation = AwsOperation.GENERATE_DATA_KEY_PAIR;
        GenerateDataKeyPairResponse reply = calls.call(
                operation,
                key,
                client -> client.generateDataKeyPair(request -> request.keyId(key.value())
                        .keyPairSpec(DataKeyPairSpec.fromValue(spec.name()))
                        .encryptionContext(context.asMap())
                        .grantTokens(calls.grantTokens())));
        SecretBytes plaintext =
                SecretBytes.owning(calls.takeSecret(operation, key, reply.privateKeyPlaintext(), 1, MAX_PRIVATE_KEY));
        try {
            return new WrappedKeyPair(
                    calls.take(operation, key, reply.publicKey(), 1, MAX_PUBLIC_KEY),
                    plaintext,
                    encrypted(operation, key, reply.keyId(), reply.privateKeyCiphertextBlob()));
        } catch (RuntimeException e) {
            plaintext.close();
            throw e;
        }
    }

    EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        AwsOperation operation = AwsOperation.ENCRYPT;
        EncryptResponse reply = calls.call(
                operation,
                key,
                client -> client.encrypt(request -> request.keyId(key.value())
                        .plaintext(SdkBytes.fromByteArrayUnsafe(plaintext))
                        .encryptionContext(context.asMap())
                        .grantTokens(calls.grantTokens())));
        return encrypted(operation, key, reply.keyId(), reply.ciphertextBlob());
    }

    private EncryptedDataKey encrypted(
            AwsOperation operation, KeyId asked, @Nullable String answered, @Nullable SdkBytes blob) {
        KeyArn key = calls.answeredKey(operation, asked, answered);
        keys.learn(asked, key);
        return AwsNames.entry(key, calls.take(operation, asked, blob, 1, AwsNames.MAX_CIPHERTEXT));
    }

    SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        DecryptResponse reply = ask(key, encrypted, context);
        return SecretBytes.owning(
                calls.takeSecret(AwsOperation.DECRYPT, key, reply.plaintext(), 1, KeyService.MAX_PLAINTEXT));
    }

    /** The id of the key material, out of a decryption whose result is wiped. */
    Optional<String> version(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        DecryptResponse reply = ask(key, encrypted, context);
        AwsCalls.wipe(reply.plaintext());
        return Optional.ofNullable(reply.keyMaterialId());
    }

    private DecryptResponse ask(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return inRegionOf(key, encrypted, arn -> {
            DecryptResponse reply = calls.call(
                    AwsOperation.DECRYPT,
                    arn.id(),
                    client -> client.decrypt(request -> request.keyId(arn.toString())
                            .ciphertextBlob(SdkBytes.fromByteArrayUnsafe(encrypted.ciphertext()))
                            .encryptionContext(context.asMap())
                            .grantTokens(calls.grantTokens())));
            try {
                requireSource(AwsOperation.DECRYPT, arn, reply.keyId());
                return reply;
            } catch (RuntimeException e) {
                AwsCalls.wipe(reply.plaintext());
                throw e;
            }
        });
    }

    EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        return inRegionOf(source, encrypted, arn -> {
            ReEncryptResponse reply = calls.call(
                    AwsOperation.RE_ENCRYPT,
                    arn.id(),
                    client -> client.reEncrypt(request -> request.sourceKeyId(arn.toString())
                            .ciphertextBlob(SdkBytes.fromByteArrayUnsafe(encrypted.ciphertext()))
                            .sourceEncryptionContext(sourceContext.asMap())
                            .destinationKeyId(destination.value())
                            .destinationEncryptionContext(destinationContext.asMap())
                            .grantTokens(calls.grantTokens())));
            requireSource(AwsOperation.RE_ENCRYPT, arn, reply.sourceKeyId());
            return encrypted(AwsOperation.RE_ENCRYPT, destination, reply.keyId(), reply.ciphertextBlob());
        });
    }

    /** What was decrypted under another key is the ciphertext's fault; an answer that names no key is none. */
    private void requireSource(AwsOperation operation, KeyArn key, @Nullable String answered) {
        KeyArn source = KeyArn.parse(answered)
                .orElseThrow(() -> calls.garbage(operation, key.id(), "no key ARN where there must be one"));
        if (!source.equals(key)) {
            throw new InvalidCiphertextException(
                    calls.describe(operation, key.id()) + ": this was decrypted under another key");
        }
    }

    /** Asks with the key of an expected name; a key that the ciphertext itself does not name is not asked. */
    private <R> R inRegionOf(KeyId key, EncryptedDataKey encrypted, Function<KeyArn, R> request) {
        KeyArn expected = keys.resolve(key);
        KeyArn made = AwsNames.arn(encrypted)
                .orElseThrow(() -> new InvalidCiphertextException("this was not encrypted by AWS KMS"));
        if (!made.isRelatedTo(expected)) {
            throw new InvalidCiphertextException(
                    "this was encrypted under the key " + made + ", not under " + expected);
        }
        int length = encrypted.ciphertext().length;
        if (length < 1 || length > AwsNames.MAX_CIPHERTEXT) {
            throw new InvalidCiphertextException("a ciphertext of AWS KMS has 1 to " + AwsNames.MAX_CIPHERTEXT
                    + " bytes, not " + length + ": key " + made);
        }
        try {
            return request.apply(expected);
        } catch (KeyNotFoundException e) {
            // Anybody can write the name of a Region into a message; only those that exist get a client.
            if (made.equals(expected) || !AwsClients.isListed(made.region())) {
                throw e;
            }
            return request.apply(made); // No replica here: the multi-Region key is where it encrypted.
        }
    }
}
