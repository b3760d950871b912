package dev.kmsenvelope.aws;

import dev.kmsenvelope.hierarchy.BranchKey;
import dev.kmsenvelope.hierarchy.item.BranchKeyWrapping;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.SecretBytes;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.GenerateDataKeyWithoutPlaintextResponse;
import software.amazon.awssdk.services.kms.model.ReEncryptResponse;

/**
 * Encrypts branch keys under a key of AWS KMS, which is named in every request by the configured ARN. New branch keys are made
 * and moved inside AWS KMS. The key in each reply is compared with the configured one. Thread-safe.
 */
final class KmsWrapping implements BranchKeyWrapping {

    private final DynamoSettings settings;
    private final KeyId key;
    private @Nullable AwsCalls opened;
    private boolean closed;

    KmsWrapping(DynamoSettings settings) {
        this.settings = settings;
        this.key = settings.kmsKey().id();
    }

    private synchronized AwsCalls calls() {
        if (closed) {
            throw new IllegalStateException("this store of branch keys was closed");
        }
        if (opened == null) {
            opened = new AwsCalls(settings.aws());
        }
        return opened;
    }

    @Override
    public String currentKey() {
        return key.value();
    }

    @Override
    public boolean allows(String kmsKey) {
        return KeyArn.parse(kmsKey).filter(settings.kmsKey()::isRelatedTo).isPresent();
    }

    @Override
    public byte[] generate(String kmsKey, EncryptionContext context) {
        AwsCalls calls = calls();
        AwsOperation operation = AwsOperation.GENERATE_DATA_KEY_WITHOUT_PLAINTEXT;
        GenerateDataKeyWithoutPlaintextResponse reply = calls.call(
                operation,
                key,
                client -> client.generateDataKeyWithoutPlaintext(request -> request.keyId(key.value())
                        .numberOfBytes(BranchKey.LENGTH)
                        .encryptionContext(context.asMap())
                        .grantTokens(calls.grantTokens())));
        calls.answeredKey(operation, key, reply.keyId());
        return calls.take(operation, key, reply.ciphertextBlob(), 1, AwsNames.MAX_CIPHERTEXT);
    }

    @Override
    public byte[] rewrap(String kmsKey, byte[] encrypted, EncryptionContext from, EncryptionContext to) {
        AwsCalls calls = calls();
        AwsOperation operation = AwsOperation.RE_ENCRYPT;
        ReEncryptResponse reply = calls.call(
                operation,
                key,
                client -> client.reEncrypt(request -> request.sourceKeyId(key.value())
                        .ciphertextBlob(blob(encrypted))
                        .sourceEncryptionContext(from.asMap())
                        .destinationKeyId(key.value())
                        .destinationEncryptionContext(to.asMap())
                        .grantTokens(calls.grantTokens())));
        calls.answeredKey(operation, key, reply.sourceKeyId());
        calls.answeredKey(operation, key, reply.keyId());
        return calls.take(operation, key, reply.ciphertextBlob(), 1, AwsNames.MAX_CIPHERTEXT);
    }

    @Override
    public SecretBytes unwrap(String kmsKey, byte[] encrypted, EncryptionContext context) {
        AwsCalls calls = calls();
        AwsOperation operation = AwsOperation.DECRYPT;
        DecryptResponse reply = calls.call(
                operation,
                key,
                client -> client.decrypt(request -> request.keyId(key.value())
                        .ciphertextBlob(blob(encrypted))
                        .encryptionContext(context.asMap())
                        .grantTokens(calls.grantTokens())));
        SecretBytes plaintext = SecretBytes.owning(
                calls.takeSecret(operation, key, reply.plaintext(), BranchKey.LENGTH, BranchKey.LENGTH));
        try {
            calls.answeredKey(operation, key, reply.keyId());
            return plaintext;
        } catch (RuntimeException e) {
            plaintext.close();
            throw e;
        }
    }

    private static SdkBytes blob(byte[] encrypted) {
        if (encrypted.length > AwsNames.MAX_CIPHERTEXT) {
            throw new InvalidCiphertextException(
                    "a ciphertext of AWS KMS has 1 to " + AwsNames.MAX_CIPHERTEXT + " bytes, not " + encrypted.length);
        }
        return SdkBytes.fromByteArray(encrypted);
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (opened != null) {
            opened.close();
        }
    }
}
