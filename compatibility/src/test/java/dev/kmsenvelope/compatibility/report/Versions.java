package dev.kmsenvelope.compatibility.report;

import java.security.CodeSource;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Versions of what runs, by the names of their jars in Maven's repository. */
final class Versions {

    private static final Pattern JAR = Pattern.compile(".*?-(\\d[^/]*)\\.jar");

    private Versions() {}

    static String of(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        if (source == null || source.getLocation() == null) {
            return ""; // The JDK's; the page says which ones it is for.
        }
        String path = source.getLocation().getPath();
        Matcher name = JAR.matcher(path.substring(path.lastIndexOf('/') + 1));
        if (!name.matches()) {
            throw new IllegalStateException(path + " does not tell the version of " + type.getName());
        }
        return name.group(1);
    }
}
