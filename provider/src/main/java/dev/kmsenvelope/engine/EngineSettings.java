package dev.kmsenvelope.engine;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.crypto.GcmProvider;
import dev.kmsenvelope.format.HeaderLimits;
import java.security.Provider;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How messages are written and what is accepted when they are read.
 *
 * @param frameLength plaintext bytes per frame when it is set; otherwise {@link #DEFAULT_FRAME_LENGTH}, and for a message
 *     that fits into one frame, no more than it needs
 * @param limits what a header may have
 * @param holdLimit how many bytes of plaintext are held back for verification, where they are held back
 * @param gcm who does AES-GCM
 * @param parallelism the most threads that work on one message at once, from 1
 * @param esdk which AWS Encryption SDK messages are written and read
 * @param spool where plaintext goes that is held back beyond {@code holdLimit}
 * @param hmac who does the HMAC of key derivation; null for the usual one
 */
public record EngineSettings(
        OptionalInt frameLength,
        HeaderLimits limits,
        int holdLimit,
        Provider gcm,
        int parallelism,
        EsdkSettings esdk,
        SpoolSettings spool,
        @Nullable Provider hmac) {

    /** Plaintext bytes per frame when nothing else is set: 64 KiB, by measurement. */
    public static final int DEFAULT_FRAME_LENGTH = 64 * 1024;

    /** The largest frame length that can be set, in bytes. */
    public static final int MAX_FRAME_LENGTH = 16 * 1024 * 1024;

    /** How many bytes are held back when nothing else is set. */
    public static final int DEFAULT_HOLD_LIMIT = 4 * 1024 * 1024;

    /** The largest parallelism that can be set. */
    public static final int MAX_PARALLELISM = 1024;

    private static final String FRAME_LENGTH = "frame-length";
    private static final String HOLD = "decrypt.hold";
    private static final String MAX_KEYS = "decrypt.max-encrypted-data-keys";
    private static final String MAX_HEADER = "decrypt.max-header";
    private static final String MAX_FRAME = "decrypt.max-frame-length";
    private static final String ENGINE = "engine";
    private static final String PARALLELISM = "parallelism";

    /** The settings that {@link #of} reads. */
    public static final Set<String> CONFIGURATION_KEYS = Stream.of(
                    Set.of(FRAME_LENGTH, HOLD, MAX_KEYS, MAX_HEADER, MAX_FRAME, ENGINE, PARALLELISM),
                    EsdkSettings.CONFIGURATION_KEYS,
                    SpoolSettings.CONFIGURATION_KEYS)
            .flatMap(Set::stream)
            .collect(Collectors.toUnmodifiableSet());

    /**
     * Settings with the default parallelism: one thread for each processor.
     *
     * @param frameLength plaintext bytes per frame when it is set
     * @param limits what a header may have
     * @param holdLimit how many bytes of plaintext are held back
     * @param gcm who does AES-GCM
     */
    public EngineSettings(OptionalInt frameLength, HeaderLimits limits, int holdLimit, Provider gcm) {
        this(frameLength, limits, holdLimit, gcm, defaultParallelism());
    }

    /**
     * Settings with the default suites, without temporary files, and with the usual key derivation.
     *
     * @param frameLength plaintext bytes per frame when it is set
     * @param limits what a header may have
     * @param holdLimit how many bytes of plaintext are held back
     * @param gcm who does AES-GCM
     * @param parallelism the most threads that work on one message at once, from 1
     */
    public EngineSettings(OptionalInt frameLength, HeaderLimits limits, int holdLimit, Provider gcm, int parallelism) {
        this(frameLength, limits, holdLimit, gcm, parallelism, EsdkSettings.DEFAULT, SpoolSettings.NONE, null);
    }

    /**
     * Reads the settings.
     *
     * @param configuration where they stand
     * @return the settings
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if one is wrong
     */
    public static EngineSettings of(Configuration configuration) {
        HeaderLimits limits = HeaderLimits.DEFAULT;
        String engine = engineOf(configuration);
        Provider gcm;
        try {
            gcm = GcmProvider.find(engine);
        } catch (IllegalArgumentException e) {
            throw Configuration.invalid(ENGINE, engine, "'auto' or a provider that offers AES-GCM: " + e.getMessage());
        }
        return new EngineSettings(
                configuration.get(FRAME_LENGTH).isEmpty()
                        ? OptionalInt.empty()
                        : OptionalInt.of((int) configuration.getBytes(FRAME_LENGTH, 0, 1, MAX_FRAME_LENGTH)),
                new HeaderLimits(
                        configuration.getInt(MAX_KEYS, limits.maxEncryptedDataKeys(), 1, 0xFFFF),
                        (int) configuration.getBytes(
                                MAX_HEADER, limits.maxHeaderLength(), 256, HeaderLimits.MAX_HEADER_LENGTH),
                        (int) configuration.getBytes(
                                MAX_FRAME, limits.maxFrameLength(), 1, HeaderLimits.MAX_FRAME_LENGTH)),
                (int) configuration.getBytes(HOLD, DEFAULT_HOLD_LIMIT, 0, 1 << 30),
                gcm,
                configuration.getInt(PARALLELISM, defaultParallelism(), 1, MAX_PARALLELISM),
                EsdkSettings.of(configuration),
                SpoolSettings.of(configuration),
                null);
    }

    /**
     * What is asked for as the engine.
     *
     * @param configuration where it stands
     * @return {@link GcmProvider#AUTO}, or a provider's name
     */
    public static String engineOf(Configuration configuration) {
        return configuration.get(ENGINE).orElse(GcmProvider.AUTO);
    }

    private static int defaultParallelism() {
        return Math.min(Runtime.getRuntime().availableProcessors(), MAX_PARALLELISM);
    }

    /**
     * These settings with another frame length.
     *
     * @param length plaintext bytes per frame
     * @return the settings
     */
    public EngineSettings withFrameLength(int length) {
        return new EngineSettings(OptionalInt.of(length), limits, holdLimit, gcm, parallelism, esdk, spool, hmac);
    }

    /**
     * These settings with another parallelism.
     *
     * @param threads the most threads that work on one message at once, from 1
     * @return the settings
     */
    public EngineSettings withParallelism(int threads) {
        return new EngineSettings(frameLength, limits, holdLimit, gcm, threads, esdk, spool, hmac);
    }

    /**
     * These settings with other ones for AWS Encryption SDK messages.
     *
     * @param other which are written and read
     * @return the settings
     */
    public EngineSettings withEsdk(EsdkSettings other) {
        return new EngineSettings(frameLength, limits, holdLimit, gcm, parallelism, other, spool, hmac);
    }

    /**
     * These settings with another place for plaintext that is held back.
     *
     * @param other where it goes beyond {@link #holdLimit}
     * @return the settings
     */
    public EngineSettings withSpool(SpoolSettings other) {
        return new EngineSettings(frameLength, limits, holdLimit, gcm, parallelism, esdk, other, hmac);
    }

    /**
     * These settings with all cryptography pinned.
     *
     * @param forGcm who does AES-GCM
     * @param forHmac who does the HMAC of key derivation
     * @return the settings
     */
    public EngineSettings withEngine(Provider forGcm, Provider forHmac) {
        return new EngineSettings(frameLength, limits, holdLimit, forGcm, parallelism, esdk, spool, forHmac);
    }
}
