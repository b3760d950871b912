package dev.kmsenvelope.registration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Files for {@code -Djava.security.properties}. Providers are counted as this JDK lists them. */
final class SecurityProperties {

    private static final Pattern LINE = Pattern.compile("security\\.provider\\.(\\d+)=(.*)");

    private SecurityProperties() {}

    /** The java.security of this JDK, whatever its distribution makes of the place. */
    static Path ofTheJdk() {
        return Path.of(System.getProperty("java.home"), "conf", "security", "java.security");
    }

    /** How many providers this JDK comes with. */
    static int stockProviders() throws IOException {
        return (int) Files.readAllLines(ofTheJdk()).stream()
                .filter(line -> LINE.matcher(line).matches())
                .count();
    }

    /** One more provider behind all others, in a file to append. */
    static Path last(Path file, String provider, String... more) throws IOException {
        List<String> lines = new ArrayList<>(List.of(more));
        lines.add("security.provider." + (stockProviders() + 1) + "=" + provider);
        return Files.write(file, lines);
    }

    /** The whole java.security with one more provider behind all others, for the mode {@code ==}. */
    static Path wholeWithLast(Path file, String provider) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(ofTheJdk()));
        lines.add("security.provider." + (stockProviders() + 1) + "=" + provider);
        return Files.write(file, lines);
    }

    /** The whole java.security with one more provider before all others, for the mode {@code ==}. */
    static Path wholeWithFirst(Path file, String provider) throws IOException {
        List<String> lines = new ArrayList<>(List.of("security.provider.1=" + provider));
        for (String line : Files.readAllLines(ofTheJdk())) {
            Matcher matcher = LINE.matcher(line);
            lines.add(
                    matcher.matches()
                            ? "security.provider." + (Integer.parseInt(matcher.group(1)) + 1) + "=" + matcher.group(2)
                            : line);
        }
        return Files.write(file, lines);
    }
}
