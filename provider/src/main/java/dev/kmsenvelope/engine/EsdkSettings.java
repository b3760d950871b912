package dev.kmsenvelope.engine;

import dev.kmsenvelope.config.Configuration;
import dev.kmsenvelope.format.AlgorithmSuite;
import dev.kmsenvelope.format.InvalidMessageException;
import dev.kmsenvelope.format.InvalidMessageException.Reason;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which AWS Encryption SDK messages are written and read.
 *
 * @param commitment by whether they commit to their key
 * @param chosen the suite that is written, if one is set
 */
public record EsdkSettings(Commitment commitment, Optional<AlgorithmSuite> chosen) {

    /** Suite 0478 is written; 0478 and 0578 are read. */
    public static final EsdkSettings DEFAULT =
            new EsdkSettings(Commitment.REQUIRE_ENCRYPT_REQUIRE_DECRYPT, Optional.empty());

    private static final String POLICY = "esdk.commitment-policy";
    private static final String SUITE = "esdk.suite";

    /** The settings that {@link #of} reads. */
    static final Set<String> CONFIGURATION_KEYS = Set.of(POLICY, SUITE);

    static EsdkSettings of(Configuration configuration) {
        Commitment commitment = Commitment.of(configuration, POLICY);
        Optional<AlgorithmSuite> suite =
                configuration.get(SUITE).filter(value -> !value.isEmpty()).map(value -> suite(value, commitment));
        return suite.isEmpty() && commitment == DEFAULT.commitment ? DEFAULT : new EsdkSettings(commitment, suite);
    }

    private static AlgorithmSuite suite(String value, Commitment commitment) {
        return Arrays.stream(AlgorithmSuite.values())
                .filter(suite -> suite.hexId().equalsIgnoreCase(value) && commitment.allowsWriting(suite))
                .findFirst()
                .orElseThrow(() -> Configuration.invalid(
                        SUITE,
                        value,
                        "with " + POLICY + " = " + commitment.settingValue() + " one of "
                                + Arrays.stream(AlgorithmSuite.values())
                                        .filter(commitment::allowsWriting)
                                        .map(AlgorithmSuite::hexId)
                                        .collect(Collectors.joining(", "))));
    }

    /** Before anything else is done with a message: it is not even asked for whom it is. */
    void requireReadable(AlgorithmSuite suite) throws InvalidMessageException {
        if (!commitment.allowsReading(suite)) {
            throw new InvalidMessageException(
                    Reason.NOT_ALLOWED,
                    "a message of version " + suite.messageVersion() + ", suite " + suite.hexId()
                            + ", which does not commit to its key; the setting " + POLICY + " = "
                            + Commitment.REQUIRE_ENCRYPT_ALLOW_DECRYPT.settingValue() + " allows it");
        }
    }
}
