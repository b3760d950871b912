package dev.kmsenvelope.benchmarks.contenders;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The contenders for long messages that go through piece by piece. */
@SuppressWarnings("ImmutableEnumChecker") // its functions hold nothing that changes
public enum StreamContenderName {
    /** {@code Envelope} on one thread; AES-GCM by SunJCE, as raw SunJCE is compared with. */
    ENVELOPE("envelope", "KmsEnvelope, 1 thread", Optional::empty, () -> envelope("SunJCE", "1")),
    /** {@code Envelope} on two threads. */
    ENVELOPE_2("envelope-2", "KmsEnvelope, 2 threads", Optional::empty, () -> envelope("SunJCE", "2")),
    /** {@code Envelope} on one thread with AES-GCM by ACCP. */
    ENVELOPE_ACCP("envelope-accp", "KmsEnvelope on ACCP, 1 thread", Providers::whyNoAccp, () -> {
        Providers.installAccp();
        return envelope("AmazonCorrettoCryptoProvider", "1");
    }),
    /** The JDK's own, in frames of 64 KiB. */
    SUNJCE(
            "sunjce-frames",
            "SunJCE, 64 KiB frames",
            Optional::empty,
            () -> new RawFramesContender(Providers.sunJce(), 64 * 1024)),
    /** Amazon Corretto Crypto Provider, in frames of 1 MiB. */
    ACCP(
            "accp-frames",
            "ACCP, 1 MiB frames",
            Providers::whyNoAccp,
            () -> new RawFramesContender(Providers.accp(), 1024 * 1024)),
    /** Tink's streaming with segments of 1 MiB. */
    TINK("tink-streaming", "Tink streaming, 1 MiB", Optional::empty, TinkStreamContender::new),
    /** The AWS Encryption SDK's streams. */
    ESDK("esdk", "AWS Encryption SDK, 4 KiB frames", Optional::empty, EncryptionSdkStreamContender::new);

    private final String id;
    private final String label;
    private final Supplier<Optional<String>> unavailable;
    private final Opener opener;

    StreamContenderName(String id, String label, Supplier<Optional<String>> unavailable, Opener opener) {
        this.id = id;
        this.label = label;
        this.unavailable = unavailable;
        this.opener = opener;
    }

    private static StreamContender envelope(String engine, String threads) throws GeneralSecurityException {
        return new EnvelopeStreamContender(BenchmarkKeys.inMemory(Map.of("engine", engine, "parallelism", threads)));
    }

    /**
     * Finds a contender.
     *
     * @param id its {@link #id()}
     * @return the contender
     * @throws IllegalArgumentException if there is none of that name
     */
    public static StreamContenderName of(String id) {
        return Arrays.stream(values())
                .filter(name -> name.id.equals(id))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no contender '" + id + "'; there are "
                        + Arrays.stream(values()).map(StreamContenderName::id).collect(Collectors.joining(", "))));
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
    public StreamContender open() throws GeneralSecurityException, IOException {
        Optional<String> reason = unavailable();
        if (reason.isPresent()) {
            throw new UnsupportedOperationException(id + " is left out: " + reason.get());
        }
        return opener.open();
    }

    private interface Opener {
        StreamContender open() throws GeneralSecurityException, IOException;
    }
}
