package dev.kmsenvelope.local;

import dev.kmsenvelope.crypto.Hmac;
import dev.kmsenvelope.crypto.OaepHash;
import dev.kmsenvelope.crypto.RsaOaep;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.InvalidKeyUsageException;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.ProviderException;
import java.security.interfaces.RSAPrivateCrtKey;
import java.util.Arrays;
import java.util.function.Predicate;
import javax.crypto.BadPaddingException;

/**
 * What the embedded key service does with key pairs and HMAC keys. Each operation works on a copy of the key, taken while the
 * store does not change, and wipes it; what the JDK's and BouncyCastle's objects keep of it in between is let go with them.
 * Nothing is counted or written, so read access to the key directory is enough. Thread-safe; exceptions as in {@link
 * LocalKeyService}.
 */
final class LocalAsymmetricKeys
        implements PublicKeyService, RsaDecryptionService, SigningService, MacService, KeyAgreementService {

    private final LocalStore store;

    LocalAsymmetricKeys(LocalStore store) {
        this.store = store;
    }

    @Override
    public byte[] publicKey(KeyId key) {
        return store.read(state -> {
            StoredKey stored = store.requireEnabled(state, key);
            if (!stored.spec().isAsymmetric()) {
                throw wrongKey(stored, key, "which has no public key");
            }
            return stored.current().publicKey().clone();
        });
    }

    @Override
    public SecretBytes decryptRsa(KeyId key, Padding padding, byte[] ciphertext) {
        try (Taken taken = take(key, KeyUsage.ENCRYPT_DECRYPT, KeySpec::isRsa, "which decrypts nothing by RSA")) {
            return taken.use((spec, secret) -> {
                PrivateKey privateKey = KeyPairs.forJdk(spec, secret);
                try (RsaOaep rsa = RsaOaep.ofPrivateKey((RSAPrivateCrtKey) privateKey, hash(padding))) {
                    return SecretBytes.owning(rsa.decrypt(ciphertext));
                } catch (BadPaddingException e) {
                    throw new InvalidCiphertextException(
                            "this was not encrypted with the public key of " + key + ", or not with " + padding);
                } finally {
                    KeyPairs.destroy(privateKey);
                }
            });
        }
    }

    private static OaepHash hash(Padding padding) {
        return switch (padding) {
            case RSAES_OAEP_SHA_1 -> OaepHash.SHA_1;
            case RSAES_OAEP_SHA_256 -> OaepHash.SHA_256;
        };
    }

    @Override
    public byte[] sign(KeyId key, SigningAlgorithm algorithm, MessageType type, byte[] message) {
        Signatures.requireMessage(algorithm, type, message.length);
        try (Taken taken = take(key, KeyUsage.SIGN_VERIFY, algorithm::fits, "which does not sign with " + algorithm)) {
            return taken.use((spec, secret) -> Signatures.sign(
                    spec, secret, algorithm, type, message, store.settings().random()));
        }
    }

    @Override
    public byte[] generateMac(KeyId key, MacAlgorithm algorithm, byte[] message) {
        if (message.length < 1 || message.length > MAX_MAC_MESSAGE) {
            throw new IllegalArgumentException(
                    "a message to authenticate has 1 to " + MAX_MAC_MESSAGE + " bytes, not " + message.length);
        }
        try (Taken taken =
                take(key, KeyUsage.GENERATE_VERIFY_MAC, algorithm::fits, "which does not compute " + algorithm)) {
            return taken.use((spec, secret) -> Hmac.compute(jcaName(algorithm), secret, message));
        }
    }

    private static String jcaName(MacAlgorithm algorithm) {
        return switch (algorithm) {
            case HMAC_SHA_224 -> "HmacSHA224";
            case HMAC_SHA_256 -> "HmacSHA256";
            case HMAC_SHA_384 -> "HmacSHA384";
            case HMAC_SHA_512 -> "HmacSHA512";
        };
    }

    @Override
    public SecretBytes deriveSharedSecret(KeyId key, byte[] publicKey) {
        try (Taken taken =
                take(key, KeyUsage.KEY_AGREEMENT, KeySpec::isEllipticCurve, "which agrees on no shared secrets")) {
            return taken.use((spec, secret) -> KeyAgreements.derive(spec, secret, publicKey));
        }
    }

    private Taken take(KeyId id, KeyUsage usage, Predicate<KeySpec> fits, String otherwise) {
        return store.read(state -> {
            StoredKey key = store.requireEnabled(state, id);
            if (key.usage() != usage || !fits.test(key.spec())) {
                throw wrongKey(key, id, otherwise);
            }
            return new Taken(key.spec(), key.current().material().copy());
        });
    }

    static InvalidKeyUsageException wrongKey(StoredKey key, KeyId id, String otherwise) {
        return new InvalidKeyUsageException(
                "the key " + id + " is of kind " + key.spec() + " for " + key.usage() + ", " + otherwise);
    }

    private interface Operation<T> {
        T run(KeySpec spec, byte[] secret) throws GeneralSecurityException;
    }

    /** A copy of a key's material, for one operation. */
    private record Taken(KeySpec spec, byte[] secret) implements AutoCloseable {

        <T> T use(Operation<T> operation) {
            try {
                return operation.run(spec, secret);
            } catch (GeneralSecurityException | ProviderException e) {
                throw KeyPairs.translated(spec, e);
            }
        }

        @Override
        public void close() {
            Arrays.fill(secret, (byte) 0);
        }
    }
}
