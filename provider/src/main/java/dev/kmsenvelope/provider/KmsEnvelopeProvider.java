package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.crypto.RandomSource;
import dev.kmsenvelope.engine.MessageDecryptor.Release;
import dev.kmsenvelope.spi.KeyStoreFactory;
import java.security.KeyStoreSpi;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.util.Map;
import java.util.ServiceLoader;
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
 *     <td>under a key of that KeyStore: envelope encryption, as AWS Encryption SDK messages</td></tr>
 * <tr><td>Cipher {@code Envelope}, {@code Envelope/ESDK/NoPadding}</td>
 *     <td>the same by an explicit name; verified frames are released at once when decrypting</td></tr>
 * <tr><td>Cipher {@code AESWrap}</td><td>under a key of that KeyStore: wraps keys inside the service</td></tr>
 * <tr><td>AlgorithmParameters {@code GCM}</td><td>as RFC 5084, done by the JDK</td></tr>
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

    /** The argument in java.security, if there is one. */
    private final transient @Nullable String configurationFile;

    /** Makes the provider without an argument. It does nothing but list its services. */
    public KmsEnvelopeProvider() {
        this(null);
    }

    private KmsEnvelopeProvider(@Nullable String configurationFile) {
        super(NAME, VERSION, "Envelope encryption under keys that stay in a key-management service");
        this.configurationFile = configurationFile;
        cipher("AES/GCM/NoPadding", new EnvelopeCipher(Release.AT_THE_END, "AES/GCM/NoPadding"));
        cipher("AES_256/GCM/NoPadding", new EnvelopeCipher(Release.AT_THE_END, "AES_256/GCM/NoPadding"));
        cipher("Envelope", new EnvelopeCipher(Release.EACH_FRAME, null));
        cipher("Envelope/ESDK/NoPadding", new EnvelopeCipher(Release.EACH_FRAME, null));
        cipher("AESWrap", () -> new KmsCipherSpi(new WrapKind(), "AESWrap"));
        putService(new Offer(this, "AlgorithmParameters", "GCM", GcmParameters.class, Map.of(), GcmParameters::new));
        putService(new Offer(this, "KeyStore", "KMS", KeyStoreSpi.class, Map.of(), () -> keyStore("KMS")));
    }

    private record EnvelopeCipher(Release release, @Nullable String passThrough) implements Maker {
        @Override
        public Object make() {
            return new KmsCipherSpi(new EnvelopeKind(release, RandomSource.operatingSystem()), passThrough);
        }
    }

    private void cipher(String transformation, Maker maker) {
        Map<String, String> forOurKeys = Map.of("SupportedKeyClasses", KmsSecretKey.class.getName());
        putService(new Offer(this, "Cipher", transformation, KmsCipherSpi.class, forOurKeys, maker));
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
        Object make() throws NoSuchAlgorithmException;
    }

    /** A service that makes its objects itself, without reflection, so that nothing but the provider need be public. */
    private static final class Offer extends Service {

        private final Maker maker;

        Offer(
                Provider provider,
                String type,
                String algorithm,
                Class<?> spi,
                Map<String, String> attributes,
                Maker maker) {
            super(provider, type, algorithm, spi.getName(), null, attributes);
            this.maker = maker;
        }

        @Override
        public Object newInstance(@Nullable Object parameter) throws NoSuchAlgorithmException {
            return maker.make();
        }
    }
}
