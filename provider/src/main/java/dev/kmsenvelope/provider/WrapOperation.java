package dev.kmsenvelope.provider;

import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Wrapping and unwrapping keys inside the service: {@code AESWrap} under a handle. What comes out is the service's blob,
 * not RFC 3394.
 */
record WrapOperation(KmsSecretKey handle, EncryptionContext context) implements CipherOperation {

    private static final int BLOB_OVERHEAD = 2048;

    @Override
    public byte[] wrap(Key key) throws InvalidKeyException {
        byte[] encoded = WrappedKeys.encode(key);
        try {
            if (encoded.length > KeyService.MAX_PLAINTEXT) {
                throw new InvalidKeyException("a key of " + encoded.length + " bytes cannot be wrapped; the limit is "
                        + KeyService.MAX_PLAINTEXT);
            }
            KeyService service = handle.service();
            return service.toBlob(service.encrypt(handle.id(), encoded, context));
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    @Override
    public Key unwrap(byte[] wrapped, String algorithm, int type) throws InvalidKeyException, NoSuchAlgorithmException {
        byte[] encoded;
        try (SecretBytes secret = decrypt(wrapped)) {
            encoded = secret.copy();
        } catch (InvalidCiphertextException e) {
            throw CipherOperation.Errors.cannotUnwrap(new InvalidCiphertextException(
                    "it was changed, or is not for the key " + handle.id() + ", or has another encryption context"));
        }
        try {
            return WrappedKeys.decode(encoded, algorithm, type);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private SecretBytes decrypt(byte[] wrapped) {
        KeyService service = handle.service();
        Set<KeyId> allowed = handle.recipient(context).allowedKeys();
        EncryptedDataKey encrypted = service.fromBlob(handle.id(), wrapped);
        KeyId key = service.keyOf(encrypted)
                .filter(allowed::contains)
                .orElseThrow(() -> new InvalidCiphertextException("not for this key"));
        return service.decrypt(key, encrypted, context);
    }

    @Override
    public int outputSize(int inputLength) {
        return inputLength + BLOB_OVERHEAD;
    }

    @Override
    public byte @Nullable [] iv() {
        return null;
    }

    @Override
    public @Nullable AlgorithmParameters parameters() {
        return null;
    }

    @Override
    public void updateAad(byte[] in, int offset, int length) {
        throw onlyKeys();
    }

    @Override
    public byte[] update(byte[] in, int offset, int length) {
        throw onlyKeys();
    }

    @Override
    public int update(byte[] in, int offset, int length, byte[] out, int outOffset) {
        throw onlyKeys();
    }

    @Override
    public int update(ByteBuffer in, ByteBuffer out) {
        throw onlyKeys();
    }

    @Override
    public byte[] doFinal(byte[] in, int offset, int length) {
        throw onlyKeys();
    }

    @Override
    public int doFinal(byte[] in, int offset, int length, byte[] out, int outOffset) {
        throw onlyKeys();
    }

    @Override
    public int doFinal(ByteBuffer in, ByteBuffer out) {
        throw onlyKeys();
    }

    private static IllegalStateException onlyKeys() {
        return new IllegalStateException("AESWrap wraps and unwraps keys only");
    }

    @Override
    public void close() {
        // nothing is held between calls
    }
}
