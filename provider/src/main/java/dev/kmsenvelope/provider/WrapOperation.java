package dev.kmsenvelope.provider;

import dev.kmsenvelope.engine.Admission;
import dev.kmsenvelope.engine.Authority;
import dev.kmsenvelope.engine.Recipient;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyNotFoundException;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KmsException;
import dev.kmsenvelope.kms.SecretBytes;
import java.nio.ByteBuffer;
import java.security.AlgorithmParameters;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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

    /** Every service in which a key may open it, and every such key, until one does; as with a message's data keys. */
    private SecretBytes decrypt(byte[] wrapped) {
        Recipient recipient = handle.freshRecipient(context);
        List<KmsException> failures = new ArrayList<>();
        for (Authority authority : recipient.authorities()) {
            SecretBytes secret = decrypt(wrapped, authority, failures);
            if (secret != null) {
                return secret;
            }
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        throw new InvalidCiphertextException("not for this key");
    }

    /** Asks the service itself: no source of data keys, which may remember them, is to see what was wrapped (RULES 9). */
    private @Nullable SecretBytes decrypt(byte[] wrapped, Authority authority, List<KmsException> failures) {
        KeyService service = authority.service();
        Admission admission = new Admission(authority, handle.id(), failures::add);
        Set<EncryptedDataKey> tried = new HashSet<>();
        for (KeyId name : authority.keys()) {
            try {
                EncryptedDataKey encrypted = service.fromBlob(name, wrapped);
                Optional<KeyId> key = tried.add(encrypted) ? admission.admit(encrypted) : Optional.empty();
                if (key.isPresent()) {
                    return service.decrypt(key.get(), encrypted, context);
                }
            } catch (InvalidCiphertextException e) {
                // not under this key; another one may have wrapped it
            } catch (KeyNotFoundException e) {
                if (name.equals(handle.id())) {
                    failures.add(e);
                }
            } catch (KmsException e) {
                failures.add(e);
            }
        }
        return null;
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
