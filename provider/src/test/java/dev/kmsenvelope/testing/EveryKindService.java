package dev.kmsenvelope.testing;

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
import dev.kmsenvelope.kms.KeyState;
import dev.kmsenvelope.kms.KeyUsage;
import dev.kmsenvelope.kms.MacService;
import dev.kmsenvelope.kms.PublicKeyService;
import dev.kmsenvelope.kms.RandomService;
import dev.kmsenvelope.kms.RsaDecryptionService;
import dev.kmsenvelope.kms.SecretBytes;
import dev.kmsenvelope.kms.SigningAlgorithm;
import dev.kmsenvelope.kms.SigningService;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Provider;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import javax.crypto.BadPaddingException;
import javax.crypto.Cipher;
import javax.crypto.IllegalBlockSizeException;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.DigestInfo;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.params.MLDSAPrivateKeyParameters;
import org.bouncycastle.crypto.signers.MLDSASigner;
import org.bouncycastle.crypto.util.PrivateKeyFactory;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;

/**
 * A key service for tests with a key of every kind, done by BouncyCastle, so that the other side of a test can be the JDK. It
 * logs its calls, and refuses what the port says it refuses. Key names are their ids. Key pairs are made once per kind.
 */
public final class EveryKindService
        implements KeyService,
                PublicKeyService,
                RsaDecryptionService,
                SigningService,
                MacService,
                KeyAgreementService,
                KeyPairService,
                RandomService {

    private static final Provider BC = new BouncyCastleProvider();
    private static final Map<KeySpec, KeyPair> PAIRS = new ConcurrentHashMap<>();

    /** What was asked: names of operations, with what matters of their arguments. */
    public final List<String> calls = Collections.synchronizedList(new ArrayList<>());

    private final InMemoryKeyService symmetric = new InMemoryKeyService();
    private final Map<String, KeyDescription> keys = new LinkedHashMap<>();
    private final SecureRandom random = new SecureRandom();
    private volatile Supplier<? extends RuntimeException> fault = () -> null;
    private volatile Set<Class<?>> missing = Set.of();

    /** Adds a key of a kind for what that kind is for when nothing is said. */
    public EveryKindService withKey(String name, KeySpec spec) {
        return withKey(name, spec, spec.defaultUsage());
    }

    /** Adds a key of a kind and usage. */
    public EveryKindService withKey(String name, KeySpec spec, KeyUsage usage) {
        symmetric.withKey(name);
        keys.put(
                name,
                new KeyDescription(
                        KeyId.of(name), List.of(), spec, usage, KeyState.ENABLED, Instant.EPOCH, List.of(), null));
        return this;
    }

    /** Makes every call fail with what is supplied, or work again when that is null. */
    public void failWith(Supplier<? extends RuntimeException> newFault) {
        fault = newFault;
        symmetric.failWith(newFault);
    }

    /** Takes capabilities away. */
    public EveryKindService without(Class<?>... capabilities) {
        missing = Set.of(capabilities);
        return this;
    }

    @Override
    public <T> Optional<T> capability(Class<T> type) {
        return missing.contains(type) ? Optional.empty() : KeyService.super.capability(type);
    }

    /** The key pair of a kind, for the other side. */
    public static KeyPair pair(KeySpec spec) {
        return PAIRS.computeIfAbsent(spec, EveryKindService::generate);
    }

    /** A fresh key pair of a kind. */
    public static KeyPair generate(KeySpec spec) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(
                    spec.isRsa()
                            ? "RSA"
                            : spec.isEllipticCurve()
                                    ? "EC"
                                    : spec.isMlDsa() ? spec.name().replace('_', '-') : "Ed25519",
                    BC);
            if (spec.isRsa()) {
                generator.initialize(Integer.parseInt(spec.name().substring(4)));
            } else if (spec.isEllipticCurve()) {
                generator.initialize(new ECGenParameterSpec(
                        spec == KeySpec.ECC_SECG_P256K1
                                ? "secp256k1"
                                : "P-" + spec.name().substring("ECC_NIST_P".length())));
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private KeyDescription use(String call, KeyId key) {
        calls.add(call);
        RuntimeException failure = fault.get();
        if (failure != null) {
            throw failure;
        }
        KeyDescription found = keys.get(key.value());
        if (found == null) {
            throw new dev.kmsenvelope.kms.KeyNotFoundException("there is no key " + key);
        }
        return found;
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalArgumentException(what);
        }
    }

    @Override
    public byte[] publicKey(KeyId key) {
        return pair(use("publicKey", key).spec()).getPublic().getEncoded();
    }

    @Override
    public byte[] sign(KeyId key, SigningAlgorithm algorithm, MessageType type, byte[] message) {
        KeyDescription description = use("sign " + algorithm + " " + type + " " + message.length, key);
        require(algorithm.fits(description.spec()) && description.usage() == KeyUsage.SIGN_VERIFY, "wrong key");
        try {
            return sign(description.spec(), algorithm, type, message);
        } catch (GeneralSecurityException | CryptoException | java.io.IOException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] sign(KeySpec spec, SigningAlgorithm algorithm, MessageType type, byte[] message)
            throws GeneralSecurityException, CryptoException, java.io.IOException {
        java.security.PrivateKey key = pair(spec).getPrivate();
        if (algorithm == SigningAlgorithm.ML_DSA_SHAKE_256 && type == MessageType.EXTERNAL_MU) {
            MLDSASigner signer = new MLDSASigner();
            signer.init(true, (MLDSAPrivateKeyParameters) PrivateKeyFactory.createKey(key.getEncoded()));
            return signer.generateMuSignature(message);
        }
        if (algorithm == SigningAlgorithm.ML_DSA_SHAKE_256 || algorithm == SigningAlgorithm.ED25519_SHA_512) {
            require(type == MessageType.RAW && message.length >= 1 && message.length <= MAX_RAW_MESSAGE, "raw");
            return signature(
                            algorithm == SigningAlgorithm.ED25519_SHA_512
                                    ? "Ed25519"
                                    : spec.name().replace('_', '-'),
                            key,
                            null,
                            message)
                    .sign();
        }
        String hash = "SHA-" + algorithm.name().substring(algorithm.name().length() - 3);
        int length = Integer.parseInt(hash.substring(4)) / 8;
        require(type == MessageType.DIGEST && message.length == length, "digest");
        if (algorithm.name().startsWith("ECDSA")) {
            return signature("NONEwithECDSA", key, null, message).sign();
        }
        if (algorithm.name().startsWith("RSASSA_PSS")) {
            PSSParameterSpec pss = new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), length, 1);
            return signature("RAWRSASSA-PSS", key, pss, message).sign();
        }
        AlgorithmIdentifier id = new AlgorithmIdentifier(
                new DefaultDigestAlgorithmIdentifierFinder().find(hash).getAlgorithm(), DERNull.INSTANCE);
        return signature("NONEwithRSA", key, null, new DigestInfo(id, message).getEncoded())
                .sign();
    }

    private static Signature signature(
            String name, java.security.PrivateKey key, PSSParameterSpec parameters, byte[] message)
            throws GeneralSecurityException {
        Signature signature = Signature.getInstance(name, BC);
        if (parameters != null) {
            signature.setParameter(parameters);
        }
        signature.initSign(key);
        signature.update(message);
        return signature;
    }

    @Override
    public SecretBytes decryptRsa(KeyId key, Padding padding, byte[] ciphertext) {
        KeyDescription description = use("decryptRsa " + padding, key);
        require(description.spec().isRsa() && description.usage() == KeyUsage.ENCRYPT_DECRYPT, "wrong key");
        String hash = padding == Padding.RSAES_OAEP_SHA_256 ? "SHA-256" : "SHA-1";
        try {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding", BC);
            cipher.init(
                    Cipher.DECRYPT_MODE,
                    pair(description.spec()).getPrivate(),
                    new OAEPParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), PSource.PSpecified.DEFAULT));
            return SecretBytes.owning(cipher.doFinal(ciphertext));
        } catch (BadPaddingException | IllegalBlockSizeException e) {
            throw new InvalidCiphertextException("planted text of the service", e);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public byte[] generateMac(KeyId key, MacAlgorithm algorithm, byte[] message) {
        KeyDescription description = use("generateMac " + algorithm + " " + message.length, key);
        require(algorithm.fits(description.spec()), "wrong key");
        require(message.length >= 1 && message.length <= MAX_MAC_MESSAGE, "length");
        try {
            Mac mac = Mac.getInstance(macName(algorithm), BC);
            mac.init(new SecretKeySpec(symmetric.key(key.value()), "HMAC"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String macName(MacAlgorithm algorithm) {
        return "Hmac" + algorithm.name().substring(5).replace("_", "").toUpperCase(Locale.ROOT);
    }

    /** The HMAC key of a name, for the other side. */
    public byte[] macKey(String name) {
        return symmetric.key(name);
    }

    @Override
    public SecretBytes deriveSharedSecret(KeyId key, byte[] publicKey) {
        KeyDescription description = use("deriveSharedSecret", key);
        require(description.usage() == KeyUsage.KEY_AGREEMENT, "wrong key");
        try {
            KeyAgreement agreement = KeyAgreement.getInstance("ECDH", BC);
            agreement.init(pair(description.spec()).getPrivate());
            agreement.doPhase(
                    java.security.KeyFactory.getInstance("EC", BC).generatePublic(new X509EncodedKeySpec(publicKey)),
                    true);
            return SecretBytes.owning(agreement.generateSecret());
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("no public key on the same curve", e);
        }
    }

    @Override
    public WrappedKeyPair generateDataKeyPair(KeyId key, KeySpec spec, EncryptionContext context) {
        use("generateDataKeyPair " + spec, key);
        KeyPair pair = generate(spec);
        byte[] encoded = pair.getPrivate().getEncoded();
        return new WrappedKeyPair(
                pair.getPublic().getEncoded(), SecretBytes.copyOf(encoded), symmetric.encrypt(key, encoded, context));
    }

    @Override
    public byte[] generateRandom(int numberOfBytes) {
        require(numberOfBytes >= 1 && numberOfBytes <= MAX_RANDOM, "number of bytes");
        calls.add("generateRandom " + numberOfBytes);
        RuntimeException failure = fault.get();
        if (failure != null) {
            throw failure;
        }
        byte[] bytes = new byte[numberOfBytes];
        random.nextBytes(bytes);
        return bytes;
    }

    @Override
    public String name() {
        return "every-kind";
    }

    @Override
    public KeyDescription describe(KeyId key) {
        return use("describe", key);
    }

    @Override
    public List<KeyDescription> list() {
        calls.add("list");
        return List.copyOf(keys.values());
    }

    @Override
    public Set<KeyId> decryptionKeys(KeyId key) {
        return symmetric.decryptionKeys(key);
    }

    @Override
    public Optional<KeyId> keyOf(EncryptedDataKey encrypted) {
        return symmetric.keyOf(encrypted);
    }

    @Override
    public DataKeyPair generateDataKey(KeyId key, int numberOfBytes, EncryptionContext context) {
        use("generateDataKey " + numberOfBytes, key);
        return symmetric.generateDataKey(key, numberOfBytes, context);
    }

    @Override
    public EncryptedDataKey encrypt(KeyId key, byte[] plaintext, EncryptionContext context) {
        return symmetric.encrypt(key, plaintext, context);
    }

    @Override
    public SecretBytes decrypt(KeyId key, EncryptedDataKey encrypted, EncryptionContext context) {
        return symmetric.decrypt(key, encrypted, context);
    }

    @Override
    public EncryptedDataKey reEncrypt(
            KeyId source,
            EncryptedDataKey encrypted,
            EncryptionContext sourceContext,
            KeyId destination,
            EncryptionContext destinationContext) {
        return symmetric.reEncrypt(source, encrypted, sourceContext, destination, destinationContext);
    }

    @Override
    public byte[] toBlob(EncryptedDataKey encrypted) {
        return symmetric.toBlob(encrypted);
    }

    @Override
    public EncryptedDataKey fromBlob(KeyId key, byte[] blob) {
        return symmetric.fromBlob(key, blob);
    }

    @Override
    public void close() {
        symmetric.close();
    }
}
