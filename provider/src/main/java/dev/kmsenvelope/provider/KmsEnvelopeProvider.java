package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.spi.KeyStoreFactory;
import java.security.KeyStoreSpi;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The security provider {@value #NAME}. Add it behind the others in java.security, or with {@link
 * java.security.Security#addProvider}; JCA then finds it for the keys of a {@code KMS} KeyStore, and for no others.
 *
 * <table>
 * <caption>What it offers</caption>
 * <tr><th>service</th><th>does</th></tr>
 * <tr><td>KeyStore {@code KMS}</td><td>the keys of a key-management service (module keystore-kms)</td></tr>
 * <tr><td>Cipher {@code AES/GCM/NoPadding}, {@code AES_256/GCM/NoPadding}</td>
 *     <td>under a key of that KeyStore: envelope encryption, as AWS Encryption SDK messages; decrypts the formats that the
 *     setting {@code decrypt.formats} has, which the first bytes of a message tell</td></tr>
 * <tr><td>Cipher {@code Envelope}</td>
 *     <td>the same by an explicit name; verified frames are released at once when decrypting</td></tr>
 * <tr><td>Cipher {@code Envelope/ESDK/NoPadding}</td>
 *     <td>the same for AWS Encryption SDK messages alone, whatever the setting has</td></tr>
 * <tr><td>Cipher {@code Envelope/TINK/NoPadding}</td>
 *     <td>envelope encryption and streams as Tink's; they do not commit to their key</td></tr>
 * <tr><td>Cipher {@code Envelope/DUAL/NoPadding}</td>
 *     <td>the same twice, one message inside another, under two keys and by two implementations</td></tr>
 * <tr><td>Cipher {@code Envelope/S3EC/NoPadding}</td>
 *     <td>under a key of that KeyStore: bodies of objects of the Amazon S3 Encryption Client, see {@link
 *     S3EncryptionMetadata}</td></tr>
 * <tr><td>Cipher {@code AESWrap}</td><td>under a key of that KeyStore: wraps keys inside the service</td></tr>
 * <tr><td>Cipher {@code AES/GCM/NoPadding}, {@code AES_128/GCM/NoPadding}, {@code AES_192/GCM/NoPadding}, {@code
 *     AES_256/GCM/NoPadding}, {@code AES/CBC/PKCS5Padding}, {@code AES/CTR/NoPadding}, {@code AES/KW/NoPadding}, {@code
 *     AESWrap}, {@code AES/KWP/NoPadding}, Mac {@code HmacSHA224/256/384/512}</td>
 *     <td>under a data key that a keystore file keeps, and that is for it: the plain algorithm</td></tr>
 * <tr><td>Signature {@code SHA256/384/512withRSA}, {@code RSASSA-PSS}, {@code SHA256/384/512withRSAandMGF1}, {@code
 *     SHA256/384/512withECDSA}, {@code Ed25519}, {@code EdDSA}, {@code ML-DSA}, {@code ML-DSA-44/65/87}</td>
 *     <td>under a private key of that KeyStore: signs inside the service; verifying is the other providers'</td></tr>
 * <tr><td>Mac {@code HmacSHA224/256/384/512}</td><td>under an HMAC key of that KeyStore: inside the service</td></tr>
 * <tr><td>Cipher {@code RSA/ECB/OAEPWithSHA-1AndMGF1Padding}, {@code RSA/ECB/OAEPWithSHA-256AndMGF1Padding}, {@code
 *     RSA/ECB/OAEPPadding}</td><td>under an RSA key of that KeyStore: decrypts and unwraps inside the service</td></tr>
 * <tr><td>KeyAgreement {@code ECDH}</td><td>under an elliptic curve key of that KeyStore: inside the service</td></tr>
 * <tr><td>KeyGenerator {@code KmsDataKey}, KeyPairGenerator {@code KmsDataKeyPair}</td>
 *     <td>keys that the service generates, in the clear and wrapped</td></tr>
 * <tr><td>SecureRandom {@code KMS}</td><td>the service's random bytes, for those who ask by that name</td></tr>
 * <tr><td>AlgorithmParameters {@code GCM}</td><td>as RFC 5084, done by the JDK</td></tr>
 * <tr><td>AlgorithmParameters {@code S3EC}</td><td>what stands beside such an object</td></tr>
 * </table>
 *
 * <p>The argument in java.security, if there is one, is the path of a configuration file. It is read when a KeyStore is
 * loaded: a provider that throws while it is configured would vanish silently.
 */
public final class KmsEnvelopeProvider extends Provider {

    /** The provider's name. */
    public static final String NAME = GcmProvider.OWN_NAME;

    private static final long serialVersionUID = 1L;
    private static final String VERSION = "0.1.0";

    /** Classes are named, not mentioned: the JDK constructs every provider that is registered, which must load nothing else. */
    private static final String PACKAGE = "dev.kmsenvelope.provider.";

    private static final String KEY = "KmsSecretKey";
    private static final String STORED_KEY = "KmsStoredKey";

    private static final String RANDOM = "SecureRandom";

    /** The argument in java.security, if there is one. */
    private final transient @Nullable String configurationFile;

    private final transient Service random;

    /** Made when it is first needed; nothing but this library's own SecureRandom uses it. */
    private final transient AtomicReference<@Nullable ConfiguredService> configured = new AtomicReference<>();

    /** Makes the provider without an argument. It does nothing but list its services. */
    public KmsEnvelopeProvider() {
        this(null);
    }

    private KmsEnvelopeProvider(@Nullable String configurationFile) {
        super(NAME, VERSION, "Envelope encryption under keys that stay in a key-management service");
        this.configurationFile = configurationFile;
        for (String name : new String[] {"AES/GCM/NoPadding", "AES_256/GCM/NoPadding"}) {
            cipher(name, new EnvelopeCipher(null, Release.AT_THE_END, name), KEY, STORED_KEY);
        }
        cipher("Envelope", new EnvelopeCipher(null, Release.EACH_FRAME, null), KEY);
        cipher("Envelope/ESDK/NoPadding", new EnvelopeCipher(EnvelopeFormat.ESDK, Release.EACH_FRAME, null), KEY);
        cipher("Envelope/TINK/NoPadding", new EnvelopeCipher(EnvelopeFormat.TINK, Release.EACH_FRAME, null), KEY);
        cipher("Envelope/DUAL/NoPadding", new EnvelopeCipher(EnvelopeFormat.DUAL, Release.EACH_FRAME, null), KEY);
        cipher("Envelope/S3EC/NoPadding", new EnvelopeCipher(EnvelopeFormat.S3EC, Release.AT_THE_END, null), KEY);
        cipher("AESWrap", new WrapCipher(), KEY, STORED_KEY);
        storedCipher("AES_128/GCM/NoPadding");
        storedCipher("AES_192/GCM/NoPadding");
        storedCipher("AES/CBC/PKCS5Padding");
        storedCipher("AES/CTR/NoPadding");
        storedCipher("AES/KW/NoPadding");
        storedCipher("AES/KWP/NoPadding");
        // each spelling for itself: javax.crypto.Cipher does not find a transformation by an alias of its whole
        rsaCipher("RSA/ECB/OAEPWithSHA-1AndMGF1Padding", "SHA-1");
        rsaCipher("RSA/ECB/OAEPWithSHA1AndMGF1Padding", "SHA-1");
        rsaCipher("RSA/ECB/OAEPWithSHA-256AndMGF1Padding", "SHA-256");
        rsaCipher("RSA/ECB/OAEPPadding", null);
        for (String bits : new String[] {"256", "384", "512"}) {
            signature("SHA" + bits + "withRSA", "KmsRsaPrivateKey");
            putService(new Offer(
                    this,
                    "Signature",
                    "SHA" + bits + "withRSAandMGF1",
                    PACKAGE + "KmsSignatureSpi",
                    List.of("SHA" + bits + "withRSASSA-PSS", "SHA" + bits + "withRSA/PSS"),
                    // the JDK has no such name, so who verifies by it may find nobody else
                    supporting("KmsRsaPrivateKey|java.security.interfaces.RSAPublicKey"),
                    new NamedMaker("Signature", "SHA" + bits + "withRSAandMGF1")));
            signature("SHA" + bits + "withECDSA", "KmsEcPrivateKey");
        }
        signature("RSASSA-PSS", "KmsRsaPrivateKey");
        signature("Ed25519", "KmsEdPrivateKey");
        signature("EdDSA", "KmsEdPrivateKey");
        for (String name : new String[] {"ML-DSA", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87"}) {
            signature(name, "KmsMlDsaPrivateKey");
        }
        for (String name : new String[] {"HmacSHA224", "HmacSHA256", "HmacSHA384", "HmacSHA512"}) {
            putService(new Offer(
                    this,
                    "Mac",
                    name,
                    PACKAGE + "KmsMacSpi",
                    supporting("KmsMacKey", STORED_KEY),
                    new NamedMaker("Mac", name)));
        }
        putService(new Offer(
                this,
                "KeyAgreement",
                "ECDH",
                PACKAGE + "KmsKeyAgreementSpi",
                supporting("KmsEcPrivateKey"),
                new NamedMaker("KeyAgreement", "ECDH")));
        generator("KeyGenerator", "KmsDataKey", "DataKeyGeneratorSpi");
        if (NAME.equals(System.getProperty("test.provider.name"))) {
            // for tests only: offered otherwise, and first in the list, it would give handles to those who want raw
            // keys
            for (String name : new String[] {"AES", "HmacSHA224", "HmacSHA256", "HmacSHA384", "HmacSHA512"}) {
                generator("KeyGenerator", name, "TestKeyGeneratorSpi");
            }
        }
        generator("KeyPairGenerator", "KmsDataKeyPair", "DataKeyPairGeneratorSpi");
        putService(new Offer(
                this,
                "AlgorithmParameters",
                "GCM",
                PACKAGE + "GcmParameters",
                Map.of(),
                parameter -> new GcmParameters()));
        putService(new Offer(
                this,
                "AlgorithmParameters",
                "S3EC",
                PACKAGE + "S3Parameters",
                Map.of(),
                parameter -> new S3Parameters()));
        putService(new Offer(
                this, "KeyStore", "KMS", KeyStoreSpi.class.getName(), Map.of(), parameter -> keyStore("KMS")));
        random = new Offer(this, RANDOM, "KMS", PACKAGE + "KmsSecureRandomSpi", Map.of(), this::secureRandom);
    }

    private void rsaCipher(String transformation, @Nullable String hash) {
        putService(new Offer(
                this,
                "Cipher",
                transformation,
                PACKAGE + "KmsCipherSpi",
                supporting("KmsRsaPrivateKey"),
                new RsaCipher(hash, transformation)));
    }

    private record RsaCipher(@Nullable String hash, String transformation) implements Maker {
        @Override
        public Object make(@Nullable Object parameter) {
            return new KmsCipherSpi(new RsaKind(hash), transformation);
        }
    }

    private void signature(String name, String handle) {
        putService(new Offer(
                this,
                "Signature",
                name,
                PACKAGE + "KmsSignatureSpi",
                supporting(handle),
                new NamedMaker("Signature", name)));
    }

    private void generator(String type, String name, String spi) {
        putService(new Offer(this, type, name, PACKAGE + spi, Map.of(), new NamedMaker(type, name)));
    }

    private record NamedMaker(String type, String name) implements Maker {
        @Override
        public Object make(@Nullable Object parameter) {
            return switch (type) {
                case "Signature" -> new KmsSignatureSpi(name);
                case "Mac" -> new KmsMacSpi(name);
                case "KeyAgreement" -> new KmsKeyAgreementSpi();
                case "KeyGenerator" ->
                    name.equals("KmsDataKey") ? new DataKeyGeneratorSpi() : new TestKeyGeneratorSpi(name);
                default -> new DataKeyPairGeneratorSpi();
            };
        }
    }

    private Object secureRandom(@Nullable Object parameter) throws NoSuchAlgorithmException {
        if (parameter == null) {
            return new KmsSecureRandomSpi(Objects.requireNonNull(configured.updateAndGet(
                    known -> known == null ? new ConfiguredService(this::configuration) : known)));
        }
        if (parameter instanceof KmsRandomParameters ours) {
            return new KmsSecureRandomSpi(ours::service);
        }
        throw new NoSuchAlgorithmException("the parameters of SecureRandom KMS are KmsRandomParameters");
    }

    /**
     * As any provider, and {@code SecureRandom.KMS} besides. That one is offered to those who name it and is not listed: of a
     * provider that lists a SecureRandom and stands first, {@code new SecureRandom()} would take it.
     */
    @Override
    public @Nullable Service getService(String type, String algorithm) {
        if (type.equals(RANDOM) && algorithm.equalsIgnoreCase("KMS")) {
            return random;
        }
        return super.getService(type, algorithm);
    }

    /** Of a format, or, where it is null, of those that are detected. */
    private record EnvelopeCipher(
            @Nullable EnvelopeFormat format,
            Release release,
            @Nullable String passThrough) implements Maker {
        @Override
        public Object make(@Nullable Object parameter) {
            EnvelopeCodec codec = format == null ? DetectingCodec.create() : EnvelopeCodec.of(format);
            EnvelopeKind kind = new EnvelopeKind(codec, release);
            return new KmsCipherSpi(kind, passThrough == null ? null : StoredCiphers.of(passThrough), passThrough);
        }
    }

    private record WrapCipher() implements Maker {
        @Override
        public Object make(@Nullable Object parameter) {
            return new KmsCipherSpi(new WrapKind(), StoredCiphers.of("AESWrap"), "AESWrap");
        }
    }

    private record StoredCipher(String transformation) implements Maker {
        @Override
        public Object make(@Nullable Object parameter) {
            return new KmsCipherSpi(
                    new StoredOnlyKind(transformation), StoredCiphers.of(transformation), transformation);
        }
    }

    private void storedCipher(String transformation) {
        cipher(transformation, new StoredCipher(transformation), STORED_KEY);
    }

    private void cipher(String transformation, Maker maker, String... handles) {
        putService(new Offer(this, "Cipher", transformation, PACKAGE + "KmsCipherSpi", supporting(handles), maker));
    }

    private static Map<String, String> supporting(String... handles) {
        return Map.of("SupportedKeyClasses", PACKAGE + String.join("|" + PACKAGE, handles));
    }

    /**
     * A provider with an argument. Nothing is read yet.
     *
     * @param configurationFile the path of a configuration file
     * @return that provider
     */
    @Override
    public Provider configure(String configurationFile) {
        return new KmsEnvelopeProvider(configurationFile);
    }

    @Override
    public boolean isConfigured() {
        return true;
    }

    private Configuration configuration() {
        return configurationFile == null ? Configuration.empty() : Configuration.read(configurationFile);
    }

    private KeyStoreSpi keyStore(String type) throws NoSuchAlgorithmException {
        for (KeyStoreFactory factory :
                ServiceLoader.load(KeyStoreFactory.class, KmsEnvelopeProvider.class.getClassLoader())) {
            if (factory.type().equals(type)) {
                return factory.create(this::configuration);
            }
        }
        throw new NoSuchAlgorithmException(
                "the KeyStore " + type + " needs kms-envelope-keystore-kms beside kms-envelope-provider");
    }

    private interface Maker {
        Object make(@Nullable Object parameter) throws NoSuchAlgorithmException;
    }

    /** A service that makes its objects itself, without reflection, so that nothing but the provider need be public. */
    private static final class Offer extends Service {

        private final Maker maker;

        Offer(
                Provider provider,
                String type,
                String algorithm,
                String spi,
                Map<String, String> attributes,
                Maker maker) {
            this(provider, type, algorithm, spi, List.of(), attributes, maker);
        }

        Offer(
                Provider provider,
                String type,
                String algorithm,
                String spi,
                List<String> aliases,
                Map<String, String> attributes,
                Maker maker) {
            super(provider, type, algorithm, spi, aliases, attributes);
            this.maker = maker;
        }

        @Override
        public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
            return maker.make(parameter);
        }
    }
}
