package dev.kmsenvelope.engine;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.AlgorithmSuite;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Which algorithm suites are written and read, by whether their messages commit to their key (RULES 8). */
public enum Commitment {
    /** Only such messages are written and read. */
    REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
    /** Only such messages are written; all are read. */
    REQUIRE_ENCRYPT_ALLOW_DECRYPT,
    /** Only others are written; all are read. */
    FORBID_ENCRYPT_ALLOW_DECRYPT;

    /**
     * Whether messages of a suite may be written.
     *
     * @param suite theirs
     * @return whether they may
     */
    public boolean allowsWriting(AlgorithmSuite suite) {
        return suite.isCommitting() == writesCommitting();
    }

    /**
     * Whether messages that commit to their key are written, and no others.
     *
     * @return false if it is the reverse
     */
    public boolean writesCommitting() {
        return this != FORBID_ENCRYPT_ALLOW_DECRYPT;
    }

    /**
     * Whether messages that do not commit to their key may be read.
     *
     * @return whether they may
     */
    public boolean readsOthers() {
        return this != REQUIRE_ENCRYPT_REQUIRE_DECRYPT;
    }

    /**
     * Whether messages of a suite may be read.
     *
     * @param suite theirs
     * @return whether they may
     */
    public boolean allowsReading(AlgorithmSuite suite) {
        return suite.isCommitting() || readsOthers();
    }

    /**
     * The suite of messages where none is set: of those that may be written, the longest key, derived, and no signature.
     *
     * @return 0478 or 0178
     */
    public AlgorithmSuite defaultSuite() {
        return this == FORBID_ENCRYPT_ALLOW_DECRYPT
                ? AlgorithmSuite.AES_256_GCM_HKDF_SHA256
                : AlgorithmSuite.AES_256_GCM_HKDF_SHA512_COMMIT_KEY;
    }

    /**
     * Reads a setting.
     *
     * @param configuration where it stands
     * @param setting its name
     * @return what it says, or the default where it is missing or empty
     * @throws dev.kmsenvelope.kms.KmsConfigurationException if it is none of {@link #settingValue}
     */
    public static Commitment of(Configuration configuration, String setting) {
        String value = configuration.get(setting).orElse("");
        if (value.isEmpty()) {
            return REQUIRE_ENCRYPT_REQUIRE_DECRYPT;
        }
        return Arrays.stream(values())
                .filter(one -> one.settingValue().equals(value))
                .findFirst()
                .orElseThrow(() -> Configuration.invalid(
                        setting,
                        value,
                        Arrays.stream(values()).map(Commitment::settingValue).collect(Collectors.joining(", "))));
    }

    /**
     * As the setting has it.
     *
     * @return such as {@code require-encrypt-allow-decrypt}
     */
    public String settingValue() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
