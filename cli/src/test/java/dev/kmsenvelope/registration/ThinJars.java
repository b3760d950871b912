package dev.kmsenvelope.registration;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The modules that the shaded jar merges, as they are published, with what they require: the class path of the tests. */
final class ThinJars {

    private ThinJars() {}

    /** A module path. The libraries of the tests are on it too; nobody requires them. */
    static String modulePath() {
        List<Path> jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(entry -> Files.isRegularFile(entry) && !entry.equals(ChildJvm.JAR))
                .toList();
        assertThat(jars).anyMatch(jar -> jar.getFileName().toString().startsWith("kms-envelope-provider-"));
        assertThat(jars).anyMatch(jar -> jar.getFileName().toString().startsWith("kms-envelope-keystore-kms-"));
        return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
