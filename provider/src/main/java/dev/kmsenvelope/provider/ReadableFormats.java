package dev.kmsenvelope.provider;

import dev.kmsenvelope.config.Configuration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which formats are opened where none is named: by the transformations {@code Envelope} and {@code AES/GCM/NoPadding}, and by
 * {@link EnvelopeChannels} without a format. From the setting {@code decrypt.formats} (RULES 8).
 *
 * @param formats at least one, and none that bytes cannot tell; unmodifiable
 */
record ReadableFormats(Set<EnvelopeFormat> formats) {

    static final String SETTING = "decrypt.formats";

    /** The settings that {@link #of} reads. */
    static final Set<String> CONFIGURATION_KEYS = Set.of(SETTING);

    /** AWS Encryption SDK messages and nothing else. */
    private static final ReadableFormats DEFAULT =
            new ReadableFormats(Collections.unmodifiableSet(EnumSet.of(EnvelopeFormat.ESDK)));

    private static final Set<EnvelopeFormat> DETECTABLE =
            EnumSet.of(EnvelopeFormat.ESDK, EnvelopeFormat.TINK, EnvelopeFormat.DUAL);

    private static final String LIST = "a list of esdk, tink and dual, separated by commas";

    /** As the setting says; throws a KmsConfigurationException if it is wrong. */
    static ReadableFormats of(Configuration configuration) {
        String value = configuration.get(SETTING).orElse("").strip();
        if (value.isEmpty()) {
            return DEFAULT;
        }
        Set<EnvelopeFormat> formats = EnumSet.noneOf(EnvelopeFormat.class);
        FurtherKeys.list(value).forEach(label -> formats.add(format(label, value)));
        if (formats.isEmpty()) {
            throw Configuration.invalid(SETTING, value, LIST);
        }
        return new ReadableFormats(Collections.unmodifiableSet(formats));
    }

    private static EnvelopeFormat format(String label, String value) {
        if (label.equals(label(EnvelopeFormat.S3EC))) {
            throw Configuration.invalid(
                    SETTING,
                    value,
                    LIST + ", without s3ec: the body of an object of the Amazon S3 Encryption Client does not tell its"
                            + " format, which its metadata does: S3EncryptionMetadata and Envelope/S3EC/NoPadding open it");
        }
        return DETECTABLE.stream()
                .filter(one -> label(one).equals(label))
                .findFirst()
                .orElseThrow(() -> Configuration.invalid(SETTING, value, LIST));
    }

    /** How the setting names a format. */
    static String label(EnvelopeFormat format) {
        return format.name().toLowerCase(Locale.ROOT);
    }

    /** Whether there is nothing to detect. */
    boolean isEsdkOnly() {
        return formats.equals(DEFAULT.formats);
    }

    boolean has(EnvelopeFormat format) {
        return formats.contains(format);
    }

    /** As the setting writes them. */
    String labels() {
        return formats.stream().map(ReadableFormats::label).collect(Collectors.joining(", "));
    }
}
