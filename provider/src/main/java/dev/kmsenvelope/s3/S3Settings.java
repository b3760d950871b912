package dev.kmsenvelope.s3;

import dev.kmsenvelope.config.Configuration;
import java.util.Set;

/**
 * How objects of the Amazon S3 Encryption Client are written, and which are read.
 *
 * @param version of what is written: 3, which commits to the key, or 2 for readers that know no other
 * @param legacy whether to read objects without authentication of the body or of its algorithm too
 */
public record S3Settings(int version, boolean legacy) {

    private static final String VERSION = "s3.version";
    private static final String LEGACY = "s3.legacy";

    /** The settings that {@link #of} reads. */
    public static final Set<String> CONFIGURATION_KEYS = Set.of(VERSION, LEGACY);

    /**
     * Reads the settings.
     *
     * @param configuration where they stand
     * @return the settings
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if one is wrong
     */
    public static S3Settings of(Configuration configuration) {
        return new S3Settings(configuration.getInt(VERSION, 3, 2, 3), legacy(configuration));
    }

    private static boolean legacy(Configuration configuration) {
        String value = configuration.get(LEGACY).orElse("false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Configuration.invalid(LEGACY, value, "true or false");
        };
    }
}
