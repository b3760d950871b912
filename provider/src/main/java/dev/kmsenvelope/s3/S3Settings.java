package dev.kmsenvelope.s3;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.engine.Commitment;
import java.util.Set;

/**
 * How objects of the Amazon S3 Encryption Client are written, and which are read.
 *
 * @param commitment by whether they commit to their key: version 3 does, version 2 does not
 * @param legacy whether to read objects without authentication of the body or of its algorithm too, which do not commit either
 */
public record S3Settings(Commitment commitment, boolean legacy) {

    /** The setting for {@link #commitment}. */
    static final String POLICY = "s3.commitment-policy";

    private static final String LEGACY = "s3.legacy";

    /** The settings that {@link #of} reads. */
    public static final Set<String> CONFIGURATION_KEYS = Set.of(POLICY, LEGACY);

    /**
     * Reads the settings.
     *
     * @param configuration where they stand
     * @return the settings
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if one is wrong
     */
    public static S3Settings of(Configuration configuration) {
        return new S3Settings(Commitment.of(configuration, POLICY), legacy(configuration));
    }

    /**
     * These settings with another policy.
     *
     * @param other the policy
     * @return the settings
     */
    public S3Settings withCommitment(Commitment other) {
        return new S3Settings(other, legacy);
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
