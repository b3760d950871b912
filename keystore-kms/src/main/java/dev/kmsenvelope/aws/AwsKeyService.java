package dev.kmsenvelope.aws;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.kmsenvelope.kms.AccessCheck;
import dev.kmsenvelope.kms.DataKeyPair;
import dev.kmsenvelope.kms.EncryptedDataKey;
import dev.kmsenvelope.kms.EncryptionContext;
import dev.kmsenvelope.kms.InvalidCiphertextException;
import dev.kmsenvelope.kms.KeyAgreementService;
import dev.kmsenvelope.kms.KeyDescription;
import dev.kmsenvelope.kms.KeyId;
import dev.kmsenvelope.kms.KeyPairService;
import dev.kmsenvelope.kms.KeyService;
import dev.kmsenvelope.kms.KeySpec;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of AWS KMS for those who use them. A key is named by an alias, a key id, the ARN of a key or the ARN of an alias;
 * an ARN of another Region is asked there. Its own id is its ARN. What it encrypts is AWS KMS's ciphertext, with the provider
 * id {@code aws-kms} and the ARN as provider info, as the AWS Encryption SDK's KMS keyrings lay it out.
 *
 * <p>Of related multi-Region keys, the one in this service's Region opens what any of them encrypted; only where there is
 * none, the one that encrypted it is asked.
 *
 * <p>What an alias or key id leads to, and the description of a key, are remembered for {@code aws.alias-max-age}; ARNs of keys
 * need no request. An identity that may not list aliases gets descriptions that tell the alias that it asked with only.
 *
 * <p>Thread-safe. Nothing of the SDK is loaded before the first call. Besides what {@link KeyService} says, every method may
 * throw an {@link IllegalStateException} after {@link #close()}.
 */
final class AwsKeyService
        implements KeyService,
                AccessCheck,
                KeyAgreementService,
                KeyPairService,
                MacService,
                PublicKeyService,
                RandomService,
                RsaDecryptionService,
                SigningService {

    private static final int MU = 64;
    private static final int MAX_PUBLIC_KEY = 8192;

    private final AwsSettings settings;
    private final Ticker ticker;
    private @Nullable AwsBackend backend;
    private boolean closed;

    AwsKeyService(AwsSettings settings) {
        this(settings, Ticker.systemTicker());
    }

    AwsKeyService(AwsSettings settings, Ticker ticker) {
        this.settings = settings;
        this.ticker = ticker;
    }

    private synchronized AwsBackend backend() {
        if (closed) {
            throw new IllegalStateException("this key service was closed");
        }
        if (backend == null) {
            backend = AwsBackend.open(settings, ticker);
        }
        return backend;
    }

    @Override
    public String name() {
        return AwsBackendFactory.NAME;
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return backend().keys().describe(key);
    }

    @Override
    public List<KeyDescription> list() {
        return backend().keys().list();
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        AwsBackend aws = backend();
        return Set.of(aws.here(aws.keys().resolve(key)).id());
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return AwsNames.arn(encrypted)
                .map(arn -> arn.isMultiRegion() ? backend().here(arn) : arn)
                .map(KeyArn::id);
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        requireLength("a data key", numberOfBytes, 1, MAX_DATA_KEY);
        return backend().dataKeys().generate(key, numberOfBytes, context);
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        requireLength("a plaintext", plaintext.length, 1, MAX_PLAINTEXT);
        return backend().dataKeys().encrypt(key, plaintext, context);
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return backend().dataKeys().decrypt(key, encrypted, context);
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        return backend().dataKeys().reEncrypt(source, encrypted, sourceContext, destination, destinationContext);
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encrypted) {
        return encrypted.ciphertext();
    }

    /** A ciphertext of AWS KMS names its key in a way that only AWS KMS can read, so the expected key is taken for it. */
    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        if (blob.length < 1 || blob.length > AwsNames.MAX_CIPHERTEXT) {
            throw new InvalidCiphertextException("a ciphertext of AWS KMS has 1 to " + AwsNames.MAX_CIPHERTEXT
                    + " bytes, not " + blob.length + ": expected to be encrypted under the key " + key);
        }
        return AwsNames.entry(backend().keys().resolve(key), blob);
    }

    @Override
    public Optional<String> versionOf(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return backend().dataKeys().version(key, encrypted, context);
    }

    @Override
    public WrappedKeyPair generateDataKeyPair(KeyId key, KeySpec spec, EncryptionContext context) {
        return backend().dataKeys().generatePair(key, spec, context);
    }

    @Override
    public byte[] publicKey(KeyId key) {
        return backend().keyPairs().publicKey(key);
    }

    @Override
    public SecretBytes decryptRsa(KeyId key, Padding padding, byte[] ciphertext) {
        return backend().keyPairs().decrypt(key, padding, ciphertext);
    }

    @Override
    public byte[] sign(KeyId key, SigningAlgorithm algorithm, MessageType type, byte[] message) {
        requireMessage(algorithm, type, message.length);
        return backend().keyPairs().sign(key, algorithm, type, message);
    }

    private static void requireMessage(SigningAlgorithm algorithm, MessageType type, int length) {
        if (type == MessageType.RAW) {
            requireLength("a message to sign", length, 1, MAX_RAW_MESSAGE);
            return;
        }
        boolean mldsa = algorithm == SigningAlgorithm.ML_DSA_SHAKE_256;
        if (type == MessageType.EXTERNAL_MU ? !mldsa : mldsa || algorithm == SigningAlgorithm.ED25519_SHA_512) {
            throw new IllegalArgumentException(algorithm + " does not sign a " + type);
        }
        int expected = mldsa ? MU : AwsKeyPairs.hashLength(algorithm);
        requireLength("a " + type + " for " + algorithm, length, expected, expected);
    }

    @Override
    public byte[] generateMac(KeyId key, MacAlgorithm algorithm, byte[] message) {
        requireLength("a message to authenticate", message.length, 1, MAX_MAC_MESSAGE);
        return backend().keyPairs().mac(key, algorithm, message);
    }

    @Override
    public SecretBytes deriveSharedSecret(KeyId key, byte[] publicKey) {
        requireLength("a public key", publicKey.length, 1, MAX_PUBLIC_KEY);
        return backend().keyPairs().agree(key, publicKey);
    }

    @Override
    public byte[] generateRandom(int numberOfBytes) {
        requireLength("what is drawn at once", numberOfBytes, 1, MAX_RANDOM);
        return backend().keyPairs().random(numberOfBytes);
    }

    @Override
    public Map<Operation, Outcome> check(KeyDescription key) {
        return new AwsAccessCheck(backend().calls(), key).check();
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (backend != null) {
            backend.close();
        }
    }

    private static void requireLength(String what, int length, int min, int max) {
        if (length < min || length > max) {
            throw new IllegalArgumentException(
                    what + " has " + (min == max ? "" : min + " to ") + max + " bytes, not " + length);
        }
    }
}
