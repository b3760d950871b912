package dev.kmsenvelope.dual;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.CryptoImplementation;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.engine.EngineSettings;
import dev.kmsenvelope.engine.EsdkSettings;
import dev.kmsenvelope.kms.KmsConfigurationException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.ProviderException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which implementation of the cryptography each layer has, from the settings {@value #INNER} and {@value #OUTER}:
 *
 * <pre>
 *           inner                     outer
 * auto      the JDK's SunJCE          Amazon Corretto Crypto Provider if it is there and healthy, else BouncyCastle
 * BC        BouncyCastle, as an instance of our own
 * a name    the installed provider of that name
 * </pre>
 *
 * Both are found when a message is first written or read, and two that share code are refused; nothing is ever taken
 * instead. Thread-safe.
 */
public final class DualEngines {

    /** The setting for the inner layer. */
    public static final String INNER = "dual.inner-engine";

    /** The setting for the outer layer. */
    public static final String OUTER = "dual.outer-engine";

    /** The settings that {@link #of} reads. */
    public static final Set<String> CONFIGURATION_KEYS = Set.of(INNER, OUTER);

    private static final String SUN_JCE = "SunJCE";
    private static final String BOUNCY_CASTLE = "BC";
    private static final String HASH = "SHA-512";

    private final String innerName;
    private final String outerName;
    private volatile @Nullable Pair pair;

    private record Pair(CryptoImplementation inner, CryptoImplementation outer) {}

    private DualEngines(String innerName, String outerName) {
        this.innerName = innerName;
        this.outerName = outerName;
    }

    /**
     * Reads the settings; no provider is looked for yet.
     *
     * @param configuration where they stand
     * @return the engines
     */
    public static DualEngines of(Configuration configuration) {
        return new DualEngines(
                configuration.get(INNER).orElse(GcmProvider.AUTO),
                configuration.get(OUTER).orElse(GcmProvider.AUTO));
    }

    /**
     * Checks the settings if there are any, so that a wrong one is found before it is needed.
     *
     * @param configuration where they stand
     * @throws KmsConfigurationException if there is no such provider, or both share code
     */
    public static void requireValid(Configuration configuration) {
        if (configuration.get(INNER).isPresent() || configuration.get(OUTER).isPresent()) {
            of(configuration).pair();
        }
    }

    /**
     * The implementation of the inner layer.
     *
     * @return its providers and classes
     * @throws KmsConfigurationException if there is no such provider, or both layers' share code
     */
    public CryptoImplementation inner() {
        return pair().inner();
    }

    /**
     * The implementation of the outer layer.
     *
     * @return its providers and classes
     * @throws KmsConfigurationException if there is no such provider, or both layers' share code
     */
    public CryptoImplementation outer() {
        return pair().outer();
    }

    /** Settings with the engine of a layer each. */
    record Settings(EngineSettings inner, EngineSettings outer) {}

    /** Looks at the engines once, for one message. */
    Settings pinned(EngineSettings settings) {
        Pair both = pair();
        return new Settings(pinned(settings, both.inner()), pinned(settings, both.outer()));
    }

    /** Only committing suites, whatever is allowed of single messages. */
    private static EngineSettings pinned(EngineSettings settings, CryptoImplementation layer) {
        return settings.withEngine(layer.gcm(), layer.hmac()).withEsdk(EsdkSettings.DEFAULT);
    }

    /** Looked at for each message: by then somebody may have installed another provider before those of the JDK. */
    private Pair pair() {
        Pair known = pair;
        if (known == null || hasHashOf(known.inner(), known.outer()) || hasHashOf(known.outer(), known.inner())) {
            known = find();
            pair = known;
        }
        return known;
    }

    private Pair find() {
        Provider inner = provider(INNER, innerName, SUN_JCE);
        Provider outer = provider(OUTER, outerName, outerOfAuto());
        Pair found = new Pair(implementation(INNER, innerName, inner), implementation(OUTER, outerName, outer));
        return requireSeparate(
                new Pair(withOwnHash(found.inner(), found.outer()), withOwnHash(found.outer(), found.inner())));
    }

    private static String outerOfAuto() {
        return GcmProvider.find(GcmProvider.AUTO).getName().equals(GcmProvider.CORRETTO)
                ? GcmProvider.CORRETTO
                : BOUNCY_CASTLE;
    }

    private static Provider provider(String setting, String name, String automatic) {
        String wanted = name.equalsIgnoreCase(GcmProvider.AUTO) ? automatic : name;
        try {
            return wanted.equals(BOUNCY_CASTLE) ? CryptoImplementation.bouncyCastle() : GcmProvider.find(wanted);
        } catch (IllegalArgumentException e) {
            throw invalid(setting, name, e);
        }
    }

    private static CryptoImplementation implementation(String setting, String name, Provider provider) {
        try {
            return CryptoImplementation.of(provider, provider);
        } catch (IllegalArgumentException e) {
            throw invalid(setting, name, e);
        }
    }

    private static KmsConfigurationException invalid(String setting, String name, IllegalArgumentException e) {
        return Configuration.invalid(
                setting, name, "'auto', 'BC' or a provider that offers AES-GCM and HMAC: " + e.getMessage());
    }

    /**
     * SunJCE's HMAC takes its hash from whatever provider stands first in the list, which may be the other layer's: then
     * BouncyCastle does the HMAC of HKDF for this layer. Where BouncyCastle is the other layer's, that is refused.
     */
    private static CryptoImplementation withOwnHash(CryptoImplementation layer, CryptoImplementation other) {
        return hasHashOf(layer, other)
                ? CryptoImplementation.of(layer.gcm(), CryptoImplementation.bouncyCastle())
                : layer;
    }

    private static boolean hasHashOf(CryptoImplementation layer, CryptoImplementation other) {
        if (!layer.hmac().getName().equals(SUN_JCE)) {
            return false;
        }
        try {
            Provider hash = MessageDigest.getInstance(HASH).getProvider();
            return hash.getClass().equals(other.hmac().getClass());
        } catch (NoSuchAlgorithmException e) {
            throw new ProviderException("this Java runtime has no " + HASH, e);
        }
    }

    private static Pair requireSeparate(Pair found) {
        if (found.inner().sharesCodeWith(found.outer())) {
            throw new KmsConfigurationException(
                    "the two layers of a dual-layer message need separate implementations: '"
                            + INNER + "' gives " + found.inner() + ", and '" + OUTER + "' gives " + found.outer()
                            + ". (If a provider is installed before those of the JDK, their HMAC uses its hash.)");
        }
        return found;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DualEngines that
                && innerName.equals(that.innerName)
                && outerName.equals(that.outerName);
    }

    @Override
    public int hashCode() {
        return 31 * innerName.hashCode() + outerName.hashCode();
    }
}
