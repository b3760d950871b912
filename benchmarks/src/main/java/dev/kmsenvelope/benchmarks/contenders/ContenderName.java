package dev.kmsenvelope.benchmarks.contenders;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The contenders for messages that are whole in memory. */
@SuppressWarnings("ImmutableEnumChecker") // its functions hold nothing that changes
public enum ContenderName {
    /** {@code Envelope} under a key of a service without latency; AES-GCM by SunJCE, as raw SunJCE is compared with. */
    ENVELOPE(
            "envelope",
            "KmsEnvelope, Envelope",
            true,
            self -> new EnvelopeContender(self, "Envelope", BenchmarkKeys.inMemory(BenchmarkKeys.SUN_JCE))),
    /** The same, with AES-GCM by ACCP. */
    ENVELOPE_ACCP("envelope-accp", "KmsEnvelope, Envelope on ACCP", true, Providers::whyNoAccp, self -> {
        Providers.installAccp();
        return new EnvelopeContender(
                self, "Envelope", BenchmarkKeys.inMemory(Map.of("engine", "AmazonCorrettoCryptoProvider")));
    }),
    /** The same as {@link #ENVELOPE} under a key of the embedded service. */
    ENVELOPE_LOCAL(
            "envelope-local",
            "KmsEnvelope, Envelope, local service",
            false,
            self -> new EnvelopeContender(self, "Envelope", BenchmarkKeys.local(BenchmarkKeys.SUN_JCE))),
    /** Plain {@code AES/GCM/NoPadding} under a key of a service without latency, as unmodified code gets it. */
    GCM_KMS(
            "gcm-kms",
            "KmsEnvelope, AES/GCM",
            true,
            self -> new EnvelopeContender(self, "AES/GCM/NoPadding", BenchmarkKeys.inMemory(BenchmarkKeys.SUN_JCE))),
    /** Our engine below the cache and the format. */
    ENGINE("engine", "KmsEnvelope, engine", false, self -> new EngineContender(self, Providers.sunJce())),
    /** What the format makes everybody compute who does it by SunJCE. */
    PRIMITIVES(
            "primitives",
            "Suite 0478, primitives alone (SunJCE)",
            false,
            self -> new PrimitivesContender(self, Providers.sunJce())),
    /** The JDK's own. */
    SUNJCE("sunjce", "SunJCE, raw key", false, self -> new RawGcmContender(self, Providers.sunJce())),
    /** Amazon Corretto Crypto Provider. */
    ACCP("accp", "ACCP, raw key", false, Providers::whyNoAccp, self -> new RawGcmContender(self, Providers.accp())),
    /** BouncyCastle. */
    BOUNCYCASTLE(
            "bouncycastle",
            "BouncyCastle, raw key",
            false,
            self -> new RawGcmContender(self, Providers.bouncyCastle())),
    /** Conscrypt. */
    CONSCRYPT(
            "conscrypt",
            "Conscrypt, raw key",
            false,
            Providers::whyNoConscrypt,
            self -> new RawGcmContender(self, Providers.conscrypt())),
    /** Tink's {@code KmsEnvelopeAead}. */
    TINK("tink", "Tink KmsEnvelopeAead", false, TinkContender::new),
    /** The AWS Encryption SDK with its caching materials manager, committing suite without signature. */
    ESDK(
            "esdk",
            "AWS Encryption SDK, cached",
            true,
            self -> EncryptionSdkContender.caching(self, EncryptionSdk.committing())),
    /** The AWS Encryption SDK with a keyring of the material providers library, committing suite without signature. */
    ESDK_KEYRING(
            "esdk-keyring",
            "AWS Encryption SDK, keyring",
            true,
            self -> EncryptionSdkContender.keyring(self, EncryptionSdk.committing())),
    /** The AWS Encryption SDK with its caching materials manager and its default suite, which signs. */
    ESDK_SIGNED(
            "esdk-signed",
            "AWS Encryption SDK, signed default",
            true,
            self -> EncryptionSdkContender.caching(self, EncryptionSdk.signing()));

    private final String id;
    private final String label;
    private final boolean sharedFormat;
    private final Supplier<Optional<String>> unavailable;
    private final Opener opener;

    ContenderName(String id, String label, boolean sharedFormat, Opener opener) {
        this(id, label, sharedFormat, Optional::empty, opener);
    }

    ContenderName(
            String id, String label, boolean sharedFormat, Supplier<Optional<String>> unavailable, Opener opener) {
        this.id = id;
        this.label = label;
        this.sharedFormat = sharedFormat;
        this.unavailable = unavailable;
        this.opener = opener;
    }

    /**
     * Finds a contender.
     *
     * @param id its {@link #id()}
     * @return the contender
     * @throws IllegalArgumentException if there is none of that name
     */
    public static ContenderName of(String id) {
        return Arrays.stream(values())
                .filter(name -> name.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no contender '" + id + "'; there are "
                        + Arrays.stream(values()).map(ContenderName::id).collect(Collectors.joining(", "))));
    }

    /**
     * The value of the benchmarks' parameter {@code contender}.
     *
     * @return the id
     */
    public String id() {
        return id;
    }

    /**
     * The name for tables and charts.
     *
     * @return the label
     */
    public String label() {
        return label;
    }

    /**
     * Tells whether it writes AWS Encryption SDK messages for the {@link MasterKey}, which the others of this kind open.
     *
     * @return true if they do
     */
    public boolean sharesFormat() {
        return sharedFormat;
    }

    /**
     * Why it cannot run on this platform.
     *
     * @return the reason, or empty if it can
     */
    public Optional<String> unavailable() {
        return unavailable.get();
    }

    /**
     * Sets it up.
     *
     * @return the contender; the caller closes it
     * @throws GeneralSecurityException if the library cannot
     * @throws IOException if what it needs cannot be made
     * @throws UnsupportedOperationException if it cannot run on this platform
     */
    public Contender open() throws GeneralSecurityException, IOException {
        Optional<String> reason = unavailable();
        if (reason.isPresent()) {
            throw new UnsupportedOperationException(id + " is left out: " + reason.get());
        }
        return opener.open(this);
    }

    private interface Opener {
        Contender open(ContenderName self) throws GeneralSecurityException, IOException;
    }
}
