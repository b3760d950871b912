package dev.kmsenvelope.compatibility.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A page is not better than what it is made with: no outcome without its proof, and no stale table that goes unnoticed. */
class ReportTest {

    private static final String EMPTY = "# Title\n" + Page.BEGIN + "\n" + Page.END + "\nmore\n";

    @Program(area = Area.DATA, name = "Test library", of = Test.class)
    interface Sample {}

    private final Trial trial = new Trial();

    private Outcome outcome() {
        return trial.outcome(Sample.class.getAnnotation(Program.class), "a|b", HeldKey.SERVICE_AES);
    }

    private static void fail() throws IOException {
        throw new IOException("outer", new IllegalStateException("the inner text"));
    }

    private static void succeed() {
        // Nothing is wrong.
    }

    @Test
    void aCheckWithoutAnOutcomeFails() {
        assertThatExceptionOfType(AssertionError.class).isThrownBy(this::outcome);
    }

    @Test
    void aCheckHasNoSecondOutcome() throws Exception {
        trial.works(ReportTest::succeed);
        assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> trial.works(ReportTest::succeed));
    }

    @Test
    void whatFailsDoesNotWork() {
        assertThatExceptionOfType(IOException.class).isThrownBy(() -> trial.works(ReportTest::fail));
        assertThatExceptionOfType(AssertionError.class).isThrownBy(this::outcome);
    }

    @Test
    void aSettingThatIsNotNeededIsNone() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(
                        () -> trial.worksWith("setting", IOException.class, ReportTest::succeed, ReportTest::succeed));
        assertThatExceptionOfType(AssertionError.class).isThrownBy(this::outcome);
    }

    @Test
    void aSettingThatDoesNotHelpIsNone() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> trial.worksWith("setting", IOException.class, ReportTest::fail, ReportTest::fail));
        assertThatExceptionOfType(AssertionError.class).isThrownBy(this::outcome);
    }

    @Test
    void whatCannotWorkFailsAsExpectedAndNotOtherwise() throws Exception {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> trial.cannot("why", IOException.class, "", ReportTest::succeed));
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> trial.cannot("why", SecurityException.class, "", ReportTest::fail))
                .withMessageContaining("the inner text");
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> trial.cannot("why", IllegalStateException.class, "other text", ReportTest::fail));
        trial.cannot("why", IllegalStateException.class, "inner", ReportTest::fail);
        assertThat(outcome().detail()).isEqualTo("why: IllegalStateException");
    }

    @Test
    void anAssertionThatFailsIsNoOutcome() {
        assertThatExceptionOfType(AssertionError.class)
                .isThrownBy(() -> trial.cannot("why", Exception.class, "", () -> {
                    throw new AssertionError("wrong");
                }))
                .withMessage("wrong");
        assertThatExceptionOfType(AssertionError.class).isThrownBy(this::outcome);
    }

    @Test
    void theTableHasTheVersionOfTheJarAndEscapesBars() throws Exception {
        trial.works(ReportTest::succeed);
        trial.alsoOpenedBy("another", ReportTest::succeed);
        assertThat(Page.table(List.of(outcome())))
                .startsWith("### Data\n\n| program |")
                .containsPattern("\\| Test library \\d+\\.[^|]+ \\| a\\\\\\|b \\|")
                .endsWith("| works unmodified |  | another |\n");
    }

    @Test
    void theOrderOfTheRunDoesNotShow() throws Exception {
        trial.works(ReportTest::succeed);
        Outcome first = outcome();
        Outcome second = new Outcome(Area.TLS, "Z", "1", "what", HeldKey.SERVICE_EC, Result.CANNOT, "why", List.of());
        assertThat(Page.table(List.of(first, second))).isEqualTo(Page.table(List.of(second, first)));
    }

    @Test
    void onlyWhatIsBetweenTheMarkersIsReplaced() {
        String page = Page.withTable(EMPTY, "table\n");
        assertThat(page).isEqualTo("# Title\n" + Page.BEGIN + "\n\ntable\n\n" + Page.END + "\nmore\n");
        assertThat(Page.withTable(page, "table\n")).isEqualTo(page);
        assertThat(Page.withTable(page, "other\n")).isNotEqualTo(page);
    }

    @Test
    void aPageWithoutItsMarkersIsRefused() {
        for (String page :
                List.of("", Page.BEGIN, Page.END, Page.END + Page.BEGIN, EMPTY + Page.END, EMPTY + Page.BEGIN)) {
            assertThatIllegalArgumentException().isThrownBy(() -> Page.withTable(page, "table\n"));
        }
    }
}
