package dev.kmsenvelope.compatibility;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.kmsenvelope.compatibility.report.Outcomes;
import dev.kmsenvelope.compatibility.report.Page;
import dev.kmsenvelope.compatibility.report.Program;
import dev.kmsenvelope.compatibility.report.TrialExtension;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Comes last: docs/COMPATIBILITY.md has what this run gave. */
@ExtendWith(TrialExtension.class)
@Order(Integer.MAX_VALUE)
class CompatibilityPageTest {

    private static final String WRITE = "kmsenvelope.compatibility.write";
    private static final Path PAGE = Path.of(System.getProperty("basedir", ""), "..", "docs", "COMPATIBILITY.md");

    @Test
    void thePageHasWhatThisRunGave(Outcomes outcomes) throws Exception {
        assumeTrue(outcomes.programs().containsAll(programs()), "the page is compared when all programs were run");
        String page = Files.readString(PAGE);
        String current = Page.withTable(page, outcomes.table());
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(PAGE, current);
        } else {
            assertThat(page)
                    .as("docs/COMPATIBILITY.md; a run of this module with -D%s=true rewrites it", WRITE)
                    .isEqualTo(current);
        }
    }

    /** All classes that run a program. */
    private static Set<String> programs() throws Exception {
        Set<String> programs = new TreeSet<>();
        try (Stream<Path> classes = Files.list(directory())) {
            for (Path file : classes.filter(path -> path.toString().endsWith("Test.class"))
                    .toList()) {
                Class<?> type = Class.forName(CompatibilityPageTest.class.getPackageName() + "."
                        + file.getFileName().toString().replace(".class", ""));
                if (type.isAnnotationPresent(Program.class)) {
                    programs.add(type.getName());
                }
            }
        }
        assertThat(programs).isNotEmpty();
        return programs;
    }

    private static Path directory() throws URISyntaxException {
        return Path.of(CompatibilityPageTest.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolve(CompatibilityPageTest.class.getPackageName().replace('.', '/'));
    }
}
