package dev.kmsenvelope.benchmarks.layers;

import dev.kmsenvelope.benchmarks.contenders.MemoryKeyService;
import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.provider.EnvelopeFormat;
import dev.kmsenvelope.provider.KeyPolicy;
import dev.kmsenvelope.provider.KmsSecretKey;
import java.util.HashMap;
import java.util.Map;

/** How a message is encrypted: in one layer or two, and by which implementations. */
public enum Layers {
    /** One layer by Corretto. */
    SINGLE_CORRETTO(EnvelopeFormat.ESDK, "Envelope", Layers.CORRETTO),
    /** One layer by the JDK. */
    SINGLE_JDK(EnvelopeFormat.ESDK, "Envelope", "SunJCE"),
    /** The JDK inside, Corretto outside. */
    DUAL_CORRETTO(EnvelopeFormat.DUAL, "Envelope/DUAL/NoPadding", Layers.CORRETTO),
    /** The JDK inside, BouncyCastle outside. */
    DUAL_BOUNCY_CASTLE(EnvelopeFormat.DUAL, "Envelope/DUAL/NoPadding", "BC");

    private static final String CORRETTO = "AmazonCorrettoCryptoProvider";

    private final EnvelopeFormat format;
    private final String transformation;
    private final String engine;

    Layers(EnvelopeFormat format, String transformation, String engine) {
        this.format = format;
        this.transformation = transformation;
        this.engine = engine;
    }

    EnvelopeFormat format() {
        return format;
    }

    String transformation() {
        return transformation;
    }

    /** A handle for it. Both layers have the service's only key, and data keys of their own. */
    KmsSecretKey handle(MemoryKeyService service, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put(format == EnvelopeFormat.DUAL ? "dual.outer-engine" : "engine", engine);
        KmsSecretKey key = KmsSecretKey.of(
                service, MemoryKeyService.KEY, KeyPolicy.of(Configuration.of(all), MemoryKeyService.KEY));
        return key.withOuterKey(key);
    }
}
