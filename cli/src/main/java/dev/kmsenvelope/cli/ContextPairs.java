package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.EnvelopeParameterSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Encryption context on the command line. */
public final class ContextPairs {

    private ContextPairs() {}

    /**
     * Starts the parameters of a cipher with pairs.
     *
     * @param option that they were given with
     * @param pairs each NAME=VALUE
     * @return the parameters
     */
    public static EnvelopeParameterSpec.Builder parameters(String option, List<String> pairs) {
        Map<String, String> context = new LinkedHashMap<>();
        for (String pair : pairs) {
            Decoding.require(option, pair, "");
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new UsageException(option + " takes NAME=VALUE, not '" + Text.oneLine(pair) + "'");
            }
            String name = pair.substring(0, equals);
            if (context.put(name, pair.substring(equals + 1)) != null) {
                throw new UsageException(option + " has the name '" + Text.oneLine(name) + "' twice");
            }
        }
        try {
            return EnvelopeParameterSpec.builder().context(context);
        } catch (IllegalArgumentException e) {
            throw new UsageException(option + ": " + e.getMessage());
        }
    }
}
