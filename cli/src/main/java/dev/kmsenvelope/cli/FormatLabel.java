package dev.kmsenvelope.cli;

import dev.kmsenvelope.provider.EnvelopeFormat;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Formats as they are named on the command line: in small letters. */
final class FormatLabel implements ITypeConverter<EnvelopeFormat> {

    static String of(EnvelopeFormat format) {
        return format.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public EnvelopeFormat convert(String text) {
        return Arrays.stream(EnvelopeFormat.values())
                .filter(format -> of(format).equals(text))
                .findFirst()
                .orElseThrow(() -> new TypeConversionException("'" + Text.oneLine(text) + "' is none of "
                        + Arrays.stream(EnvelopeFormat.values())
                                .map(FormatLabel::of)
                                .collect(Collectors.joining(", "))));
    }

    /**
     * Refuses an option that a format has no place for.
     *
     * @param given whether the option was given
     * @param option its name
     * @param fits whether it goes with the format
     * @param format which
     */
    static void requireFit(boolean given, String option, boolean fits, EnvelopeFormat format) {
        if (given && !fits) {
            throw new UsageException(option + " does not go with messages of the format " + of(format));
        }
    }
}
